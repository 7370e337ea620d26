/** Waiting for conditions: never for time. */

interface Wait {
	probe(): void;
}

/** As long as the server's: many tests share few cores; what is awaited normally takes milliseconds. */
const DEFAULT_MS = 45_000;

/** Probes every open wait whenever the phone says that something has changed. */
export class Waits {
	private readonly open = new Set<Wait>();

	/**
	 * Resolves with the first value of `probe` that is not undefined.
	 * @param what named in the error when it does not come true
	 * @param seen what there is instead, for the same error
	 */
	async until<T>(
		what: string,
		probe: () => T | undefined,
		timeoutMs = DEFAULT_MS,
		seen: () => string = () => '',
	): Promise<T> {
		const now = probe();
		if (now !== undefined) return now;
		return await new Promise<T>((resolve, reject) => {
			const finish = (settle: () => void) => {
				this.open.delete(wait);
				clearTimeout(timer);
				settle();
			};
			const wait: Wait = {
				probe: () => {
					try {
						const value = probe();
						if (value !== undefined) finish(() => resolve(value));
					} catch (error) {
						finish(() => reject(error as Error));
					}
				},
			};
			const timer = setTimeout(() => {
				const instead = seen();
				const detail = instead ? `; so far: ${instead}` : '';
				finish(() => reject(new Error(`Waited ${timeoutMs} ms for ${what}${detail}`)));
			}, timeoutMs);
			this.open.add(wait);
		});
	}

	changed(): void {
		for (const wait of [...this.open]) wait.probe();
	}
}
