class TimeoutError extends Error {}

/** The result, or a TimeoutError after `ms`; a later failure is of no interest then. */
export async function within<T>(ms: number, result: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new TimeoutError()), ms);
	});
	try {
		return await Promise.race([result, timeout]);
	} finally {
		clearTimeout(timer);
		result.catch(() => {});
	}
}
