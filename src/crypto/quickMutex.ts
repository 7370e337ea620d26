/**
 * The mutex of async-mutex as far as Baileys uses it in `Utils/make-mutex.js` and `Utils/auth-utils.js`.
 * That one runs each task through two generators made into promises by hand, and a message goes through
 * half a dozen of them.
 */
export class QuickMutex {
	private locked = false;
	private readonly waiting: Array<() => void> = [];

	/** One task after the other, in the order they came; never before the caller has gone on. */
	async runExclusive<T>(work: () => Promise<T> | T): Promise<T> {
		const isFree = !this.locked;
		this.locked = true;
		await (isFree ? undefined : new Promise<void>((resolve) => this.waiting.push(resolve)));
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.locked = false;
		}
	}

	isLocked(): boolean {
		return this.locked;
	}
}
