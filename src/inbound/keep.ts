/** Keeps what came by in the store of messages, one batch after another: an edit changes what was kept before. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { isSealedEdit, openedEdit } from '../events/sealedEdits';
import type { NormaliseContext, StoredMessage } from '../events/types';
import { errorName, type Log } from '../log';
import { kindOf } from '../wa/kind';
import type { Follower } from './follower';
import type { Messages } from './messages';
import type { Happened } from './receive';

export class Keep implements Follower {
	private turn: Promise<void> = Promise.resolve();

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
		this.turn = this.turn
			.then(async () => {
				// One by one: a sealed edit is opened with what was kept before it.
				for (const message of messages) await this.messages.keep([await this.opened(message)]);
				await this.messages.forget(gone);
			})
			.catch((error: unknown) => {
				this.log.warn('a message could not be kept for retries', { error: errorName(error) });
			});
		return this.turn;
	}

	private async kept(id: string): Promise<StoredMessage | undefined> {
		const message = (await this.messages.get(id))?.message;
		return message ? { message } : undefined;
	}

	private async opened(message: WAMessage): Promise<WAMessage> {
		if (!isSealedEdit(message)) return message;
		const context = this.context();
		return await openedEdit(message, {
			me: context.me,
			isMe: (address) => context.isMe(address),
			addresses: async (...given) => await context.addresses(...given),
			// Not what others ask: it must not wait for its own end.
			stored: async (id) => await this.kept(id),
		});
	}
}
