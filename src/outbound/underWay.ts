/** Commands under way by idempotency key: a repeat joins the first. */
import { LinkedError } from '../errors';
import type { JsonObject } from '../operations/types';

export type Result = JsonObject | JsonObject[];

interface Running {
	result: Promise<Result>;
	/** How many still wait for it; when the last one gives up it is cancelled, if it can be. */
	askers: number;
	cancelled: AbortController;
}

export class UnderWay {
	private readonly running = new Map<string, Running>();
	private why?: LinkedError;

	get size(): number {
		return this.running.size;
	}

	/**
	 * The result of the task that runs under this key, which is begun if there is none.
	 * @param signal the caller does not want it any more
	 * @throws LinkedError `cancelled`, or what the task throws
	 */
	async join(
		key: string,
		signal: AbortSignal | undefined,
		task: (cancelled: AbortSignal) => Promise<Result>,
	): Promise<Result> {
		let running = this.running.get(key);
		if (!running) {
			const cancelled = new AbortController();
			if (this.why) cancelled.abort(this.why);
			const result = task(cancelled.signal).finally(() => this.running.delete(key));
			running = { result, askers: 0, cancelled };
			this.running.set(key, running);
		}
		return await joined(running, signal);
	}

	get isCalledOff(): boolean {
		return this.why !== undefined;
	}

	/** What has not gone out by now does not go out any more, nor what is begun later. */
	callOff(why: LinkedError): void {
		this.why ??= why;
		for (const { cancelled } of this.running.values()) cancelled.abort(why);
	}

	/** Resolves when all that is under way now is over, however it ends. */
	async settled(): Promise<void> {
		await Promise.allSettled([...this.running.values()].map(({ result }) => result));
	}
}

/** The result for one asker; when the last one gives up, what has not gone out is called off. */
async function joined(running: Running, signal: AbortSignal | undefined): Promise<Result> {
	running.askers++;
	if (!signal) return await running.result;
	let onAbort = () => {};
	const aborted = new Promise<never>((_resolve, reject) => {
		onAbort = () => reject(new LinkedError('cancelled'));
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([running.result, aborted]);
	} catch (error) {
		if (signal.aborted && --running.askers === 0) {
			running.cancelled.abort(new LinkedError('cancelled'));
			running.result.catch(() => {});
		}
		throw error;
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
