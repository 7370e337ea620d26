import type { Clock } from '../clock';

/** Given as the reason, because an abort without one makes an error with a stack each time. */
const ENOUGH = new Error('answered in time');

/** The promise's value, or undefined when it fails or takes longer than `ms`. */
export async function within<T>(
	clock: Clock,
	ms: number,
	promise: Promise<T>,
): Promise<T | undefined> {
	const enough = new AbortController();
	try {
		return await Promise.race([
			promise.catch(() => undefined),
			clock.sleep(ms, enough.signal).then(
				() => undefined,
				() => undefined,
			),
		]);
	} finally {
		enough.abort(ENOUGH);
	}
}
