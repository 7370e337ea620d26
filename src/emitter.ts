import type { Clock } from './clock';

/** Listeners for one kind of fact, with waiting for a condition. A listener that throws harms no other. */
export class Emitter<T> {
	private readonly listeners = new Set<(value: T) => void>();

	on(listener: (value: T) => void): () => void {
		this.listeners.add(listener);
		return () => void this.listeners.delete(listener);
	}

	emit(value: T): void {
		for (const listener of [...this.listeners]) {
			try {
				listener(value);
			} catch {
				// The others still want to know.
			}
		}
	}

	/**
	 * Resolves with the first value accepted, beginning with the current one; with undefined when
	 * the time is up. Rejects when `accept` throws or the signal aborts.
	 */
	async waitFor(
		current: () => T,
		accept: (value: T) => boolean,
		options: { timeoutMs: number; signal?: AbortSignal; clock: Clock },
	): Promise<T | undefined> {
		options.signal?.throwIfAborted();
		const now = current();
		if (accept(now)) return now;
		return await new Promise((resolve, reject) => {
			let settled = false;
			let cancelTimer: () => void = () => {};
			let off: () => void = () => {};
			const settle = (end: () => void) => {
				if (settled) return;
				settled = true;
				off();
				cancelTimer();
				options.signal?.removeEventListener('abort', onAbort);
				end();
			};
			const look = (value: T) => {
				try {
					if (accept(value)) settle(() => resolve(value));
				} catch (error) {
					settle(() => reject(error as Error));
				}
			};
			const onAbort = () => settle(() => reject(options.signal?.reason as Error));
			off = this.on(look);
			options.signal?.addEventListener('abort', onAbort, { once: true });
			cancelTimer = options.clock.after(options.timeoutMs, () => settle(() => resolve(undefined)));
		});
	}
}
