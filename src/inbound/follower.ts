/** Whoever listens to what happens on a number beside the inbox: names, groups, history, safety. */
import type { Happened } from './receive';

export interface Follower {
	/**
	 * Called for everything that Baileys emits, at that moment and in that order, with what we make of
	 * it (`linked.*`) beside it. Must not write into it, and must not throw.
	 *
	 * What it returns is waited for before the inbox takes the same things. The journal keeps a message
	 * until the inbox has it, and after a crash it is told again: so what is stored in that time is
	 * never lost, but may be told twice.
	 */
	take(happened: Happened): Promise<unknown> | void;
}

/** Lets all take it, one after another in the order in which they follow. */
export function tell(
	followers: readonly Follower[],
	happened: Happened,
	failed: (error: unknown) => void,
): Promise<unknown> | undefined {
	const pending: Array<Promise<unknown>> = [];
	for (const follower of followers) {
		try {
			const taken = follower.take(happened);
			if (taken) pending.push(taken.catch(failed));
		} catch (error) {
			failed(error);
		}
	}
	return pending.length > 0 ? Promise.all(pending) : undefined;
}
