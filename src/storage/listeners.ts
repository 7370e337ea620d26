import { errorName, type Log } from '../log';

/** A set of callbacks. One that throws is logged and disturbs neither the others nor the caller. */
export class Listeners<Args extends unknown[]> {
	private readonly all = new Set<(...args: Args) => void>();

	constructor(private readonly log: Log) {}

	get size(): number {
		return this.all.size;
	}

	/** Returns the unsubscribe function. The same function may be added twice. */
	add(listener: (...args: Args) => void): () => void {
		const own = (...args: Args) => listener(...args);
		this.all.add(own);
		return () => {
			this.all.delete(own);
		};
	}

	emit(...args: Args): void {
		for (const listener of [...this.all]) {
			try {
				listener(...args);
			} catch (error) {
				this.log.warn('a storage listener failed', { error: errorName(error) });
			}
		}
	}
}

/** Callbacks about one account, as the roles Inbox, Cursors and Lease offer them. */
export class AccountSignals {
	readonly append: Listeners<[]>;
	readonly claim: Listeners<[trigger: string, seq: string]>;
	readonly release: Listeners<[]>;
	private appended = false;

	constructor(log: Log) {
		this.append = new Listeners(log);
		this.claim = new Listeners(log);
		this.release = new Listeners(log);
	}

	/** Tells the append listeners once after the current work, however many appends it does. */
	appendSoon(): void {
		if (this.appended) return;
		this.appended = true;
		setImmediate(() => {
			this.appended = false;
			this.append.emit();
		});
	}

	claimSoon(trigger: string, seq: string): void {
		queueMicrotask(() => this.claim.emit(trigger, seq));
	}

	releaseSoon(): void {
		setImmediate(() => this.release.emit());
	}
}
