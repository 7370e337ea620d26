import { setTimeout as delay } from 'node:timers/promises';

interface WaitOptions {
	timeoutMs?: number;
	everyMs?: number;
	describe?: () => string;
}

/**
 * Waits for a condition; never for time. Resolves with the first result of `probe` that is neither
 * undefined, null nor false; rejects naming `what`, with what `describe` says about the state then.
 */
export async function waitFor<T>(
	what: string,
	probe: () => T | Promise<T>,
	{ timeoutMs = 30_000, everyMs = 50, describe = () => '' }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const result = await probe();
		if (result !== undefined && result !== null && result !== false) {
			return result as Exclude<T, undefined | null | false>;
		}
		if (Date.now() > deadline) {
			throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.\n${describe()}`);
		}
		await delay(everyMs);
	}
}
