/** Time as a dependency, so that tests and simulations can own it. All times are in milliseconds. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Runs `task` once after `ms`; the returned function cancels it. Never keeps the process alive. */
	after(ms: number, task: () => void): () => void;
	/** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, task) {
		const timer = setTimeout(task, ms);
		timer.unref();
		return () => clearTimeout(timer);
	},
	async sleep(ms, signal) {
		signal?.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const timer = setTimeout(() => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			}, ms);
			const onAbort = () => {
				clearTimeout(timer);
				reject(signal?.reason as Error);
			};
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	},
};
