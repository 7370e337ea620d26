import type { Clock } from '../clock';
import { errorName, type Log } from '../log';

/** Something opened once and shared by everyone who needs it. */
export interface Pooled {
	/** Called once, when the first hold is taken. May go on in the background. */
	open(): Promise<void>;
	/** It should not be closed now, although nobody holds it: it lingers once more. */
	readonly isBusy?: boolean;
	/** Called once, after the last hold was released and the linger time passed. */
	close(): Promise<void>;
}

/** A claim on a pooled thing. Release it exactly once; a second release does nothing. */
export interface Hold<T> {
	readonly value: T;
	release(): void;
}

interface Entry<T> {
	value: T;
	holds: number;
	opened: Promise<void>;
	cancelClose: () => void;
}

/**
 * One object per key however many ask at once. The last release closes it, after a linger time,
 * because n8n closes triggers before the executions they started have ended, and a workflow that
 * is saved restarts its trigger at once.
 */
export class Pool<T extends Pooled> {
	private readonly entries = new Map<string, Entry<T>>();
	/** Closings under way: a new object for the same key waits for them. */
	private readonly closings = new Map<string, Promise<void>>();
	private shutDown = false;

	constructor(private readonly deps: { clock: Clock; log: Log; lingerMs: number }) {}

	/** The pooled object under this key, made by `make` when there is none. Does not wait for open(). */
	hold(key: string, make: () => T): Hold<T> {
		let entry = this.entries.get(key);
		if (!entry) {
			const value = make();
			const before = this.closings.get(key) ?? Promise.resolve();
			const opened = before.then(() => value.open());
			opened.catch((error: unknown) => {
				this.deps.log.error('a number could not be opened', { error: errorName(error) });
			});
			entry = { value, holds: 0, opened, cancelClose: () => {} };
			this.entries.set(key, entry);
		}
		entry.holds++;
		entry.cancelClose();
		const held = entry;
		let released = false;
		return {
			value: held.value,
			release: () => {
				if (released) return;
				released = true;
				held.holds--;
				if (held.holds === 0) this.closeLater(key, held);
			},
		};
	}

	/** The object under this key if somebody holds it (or it lingers). */
	peek(key: string): T | undefined {
		return this.entries.get(key)?.value;
	}

	values(): T[] {
		return [...this.entries.values()].map(({ value }) => value);
	}

	/**
	 * From now on nothing lingers: what nobody holds is closed at once, the rest with its last
	 * release. Holding again still works, so that executions that outlive SIGTERM can finish.
	 */
	async drain(): Promise<void> {
		this.shutDown = true;
		for (const [key, entry] of this.entries) if (entry.holds === 0) this.closeNow(key, entry);
		await this.closed();
	}

	/** Resolves when the closings under way are done. */
	async closed(): Promise<void> {
		await Promise.all(this.closings.values());
	}

	/** Closes everything now, whoever holds it. */
	async close(): Promise<void> {
		this.shutDown = true;
		for (const [key, entry] of this.entries) this.closeNow(key, entry);
		await Promise.all(this.closings.values());
	}

	private closeLater(key: string, entry: Entry<T>): void {
		if (this.entries.get(key) !== entry) return;
		if (this.shutDown) {
			this.closeNow(key, entry);
			return;
		}
		entry.cancelClose = this.deps.clock.after(this.deps.lingerMs, () => {
			if (entry.holds > 0) return;
			if (entry.value.isBusy) this.closeLater(key, entry);
			else this.closeNow(key, entry);
		});
	}

	private closeNow(key: string, entry: Entry<T>): void {
		if (this.entries.get(key) !== entry) return;
		entry.cancelClose();
		this.entries.delete(key);
		const closing = entry.opened
			.catch(() => {})
			.then(() => entry.value.close())
			.catch((error: unknown) => {
				this.deps.log.error('a number could not be closed in good order', {
					error: errorName(error),
				});
			})
			.finally(() => {
				if (this.closings.get(key) === closing) this.closings.delete(key);
			});
		this.closings.set(key, closing);
	}
}
