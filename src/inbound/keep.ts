/** Keeps what came by in the store of messages, one batch after another: an edit changes what was kept before. */
import { errorName, type Log } from '../log';
import { kindOf } from '../wa/kind';
import type { Follower } from './follower';
import type { Messages } from './messages';
import type { Happened } from './receive';

export class Keep implements Follower {
	private turn: Promise<void> = Promise.resolve();

	constructor(
		private readonly messages: Pick<Messages, 'keep' | 'forget'>,
		private readonly log: Log,
	) {}

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
				await this.messages.keep(messages);
				await this.messages.forget(gone);
			})
			.catch((error: unknown) => {
				this.log.warn('a message could not be kept for retries', { error: errorName(error) });
			});
		return this.turn;
	}
}
