/** Resolves with the first value that is neither undefined nor false; looks every 10 ms. */
export async function until<T>(
	what: string,
	probe: () => T | Promise<T>,
	timeoutMs = 20_000,
): Promise<Exclude<T, undefined | false | null>> {
	const end = Date.now() + timeoutMs;
	for (;;) {
		const value = await probe();
		if (value !== undefined && value !== false && value !== null) {
			return value as Exclude<T, undefined | false | null>;
		}
		if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
