import type { Clock } from '../clock';

/** The promise's value, or undefined when it fails or takes longer than `ms`. */
export async function within<T>(
	clock: Clock,
	ms: number,
	promise: Promise<T>,
): Promise<T | undefined> {
	let cancel = () => {};
	const enough = new Promise<undefined>((resolve) => {
		cancel = clock.after(ms, () => resolve(undefined));
	});
	try {
		return await Promise.race([promise.catch(() => undefined), enough]);
	} finally {
		cancel();
	}
}
