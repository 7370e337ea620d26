/** Time that jumps from one event to the next. */
import type { Clock } from '../../src/clock';

interface Timer {
	at: number;
	seq: number;
	task: () => void;
}

export class SimulatedClock implements Clock {
	private readonly heap: Timer[] = [];
	private readonly cancelled = new Set<Timer>();
	private seq = 0;

	constructor(private time: number) {}

	now(): number {
		return this.time;
	}

	at(time: number, task: () => void): () => void {
		const timer = { at: Math.max(time, this.time), seq: this.seq++, task };
		this.heap.push(timer);
		this.up(this.heap.length - 1);
		return () => void this.cancelled.add(timer);
	}

	after(ms: number, task: () => void): () => void {
		return this.at(this.time + ms, task);
	}

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const cancel = this.after(ms, resolve);
			const onAbort = () => {
				cancel();
				reject(signal?.reason as Error);
			};
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	}

	/** Lets everything happen until a time; what an event sets off is over before the next. */
	async run(until: number): Promise<void> {
		for (;;) {
			const next = this.heap[0];
			if (!next || next.at > until) break;
			this.pop();
			if (this.cancelled.delete(next)) continue;
			this.time = next.at;
			next.task();
			// Promises of storage in memory are settled within a turn or two.
			for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
		}
		this.time = until;
	}

	private isBefore(a: number, b: number): boolean {
		const [x, y] = [this.heap[a], this.heap[b]];
		return x !== undefined && y !== undefined && (x.at - y.at || x.seq - y.seq) < 0;
	}

	private swap(a: number, b: number): void {
		const [x, y] = [this.heap[a], this.heap[b]];
		if (!x || !y) return;
		this.heap[a] = y;
		this.heap[b] = x;
	}

	private up(index: number): void {
		for (let at = index; at > 0; at = (at - 1) >> 1) {
			if (!this.isBefore(at, (at - 1) >> 1)) return;
			this.swap(at, (at - 1) >> 1);
		}
	}

	private pop(): void {
		const last = this.heap.pop();
		if (!last || this.heap.length === 0) return;
		this.heap[0] = last;
		for (let at = 0; ;) {
			const [left, right] = [2 * at + 1, 2 * at + 2];
			let least = at;
			if (this.isBefore(left, least)) least = left;
			if (this.isBefore(right, least)) least = right;
			if (least === at) return;
			this.swap(at, least);
			at = least;
		}
	}
}
