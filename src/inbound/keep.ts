/** Keeps what came by in the store of messages, in order: an edit changes what was kept before. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { isSealed, opened } from '../events/sealed';
import type { NormaliseContext, StoredMessage } from '../events/types';
import { errorName, type Log } from '../log';
import { kindOf } from '../wa/kind';
import type { Follower } from './follower';
import type { Messages } from './messages';
import type { Happened } from './receive';

interface Came {
	messages: readonly WAMessage[];
	/** Ids of messages that were deleted. */
	gone: readonly string[];
}

export class Keep implements Follower {
	private turn: Promise<void> = Promise.resolve();
	/** What comes in one moment, or while something is written, is written together. */
	private waiting: Came[] = [];

	constructor(
		private readonly messages: Pick<Messages, 'keep' | 'forget' | 'get'>,
		private readonly context: () => Pick<NormaliseContext, 'addresses' | 'isMe' | 'me'>,
		private readonly log: Log,
	) {}

	/** A message that came by, be it a moment ago. */
	async stored(id: string): Promise<StoredMessage | undefined> {
		await this.turn;
		return await this.kept(id);
	}

	take(happened: Happened): Promise<void> | undefined {
		const past = happened['messaging-history.set']?.messages ?? [];
		const messages = [
			...(happened['messages.upsert']?.messages ?? []),
			// Votes may still come for polls that are older than this link.
			...past.filter(({ message }) => ['poll', 'event'].includes(kindOf(message))),
		];
		const deleted = happened['messages.delete'];
		const gone = deleted && 'keys' in deleted ? deleted.keys.flatMap(({ id }) => id ?? []) : [];
		if (messages.length + gone.length === 0) return undefined;
		this.waiting.push({ messages, gone });
		if (this.waiting.length === 1) this.turn = this.turn.then(async () => await this.work());
		return this.turn;
	}

	private async work(): Promise<void> {
		const all = this.waiting;
		this.waiting = [];
		const together: WAMessage[] = [];
		for (const { messages, gone } of all) {
			for (const message of messages) {
				// It is opened with what was kept before it.
				if (isSealed(message)) {
					await this.write(together);
					await this.write([message]);
				} else together.push(message);
			}
			if (gone.length > 0) await this.write(together, gone);
		}
		await this.write(together);
	}

	/** Writes the messages and empties the list, then forgets those that are gone. */
	private async write(messages: WAMessage[], gone: readonly string[] = []): Promise<void> {
		try {
			const all = messages.splice(0);
			const [first] = all;
			// One that is sealed comes alone.
			if (first) await this.messages.keep(isSealed(first) ? [await this.opened(first)] : all);
			if (gone.length > 0) await this.messages.forget(gone);
		} catch (error) {
			this.log.warn('a message could not be kept for retries', { error: errorName(error) });
		}
	}

	private async kept(id: string): Promise<StoredMessage | undefined> {
		const message = (await this.messages.get(id))?.message;
		return message ? { message } : undefined;
	}

	private async opened(message: WAMessage): Promise<WAMessage> {
		const context = this.context();
		return await opened(message, {
			me: context.me,
			isMe: (address) => context.isMe(address),
			addresses: async (...given) => await context.addresses(...given),
			// Not what others ask: it must not wait for its own end.
			stored: async (id) => await this.kept(id),
		});
	}
}
