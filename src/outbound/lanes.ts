/**
 * One lane per chat: what goes to one chat goes in the order it was submitted; chats do not wait for
 * each other. A limit over all lanes keeps one burst from filling the socket; it holds for sending
 * itself, not for what waits in its lane until it may be sent.
 */
export class Lanes {
	private readonly tails = new Map<string, Promise<unknown>>();
	private running = 0;
	private readonly waiting: Array<() => void> = [];

	constructor(private readonly atOnce = 8) {}

	/** Runs `task` after everything submitted to this lane before it has settled. */
	async run<T>(lane: string, task: () => Promise<T>): Promise<T> {
		const before = this.tails.get(lane) ?? Promise.resolve();
		const mine = before.then(task, task);
		const tail = mine.catch(() => {});
		this.tails.set(lane, tail);
		try {
			return await mine;
		} finally {
			if (this.tails.get(lane) === tail) this.tails.delete(lane);
		}
	}

	/** Runs `task` when fewer than the limit run. */
	async limited<T>(task: () => Promise<T>): Promise<T> {
		if (this.running >= this.atOnce) {
			// The one that ends hands its place over, so `running` does not change.
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		} else {
			this.running++;
		}
		try {
			return await task();
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.running--;
		}
	}

	/** How many tasks run or wait for their turn to. */
	get length(): number {
		return this.running + this.waiting.length;
	}
}
