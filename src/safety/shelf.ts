/**
 * Where safety's facts are stored: read once, kept in memory by those who use them, written together
 * a moment after they change. Only the owner of the number writes, under its fence, so counters need
 * no locks; values are sealed, because they say who is in touch with whom.
 */
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Fact, Facts, Fence } from '../storage/roles';

/** A burst of messages is one write. */
const GATHER_MS = 250;
/** A storage that failed is tried again after this. */
const AGAIN_MS = 5_000;
const AT_ONCE = 500;
const PREFIX = 'safety:';

export interface ShelfDeps {
	facts: Facts;
	sealer: Sealer;
	/** The owner's; a write under a stale one is refused. */
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
}

interface Unwritten {
	value(): unknown;
	ttlMs: number;
}

export class Shelf {
	private unwritten = new Map<string, Unwritten>();
	private timer?: () => void;
	private turn: Promise<void> = Promise.resolve();
	private closed = false;

	constructor(private readonly deps: ShelfDeps) {}

	/** What is stored under these names; a value that cannot be read counts as none. */
	async read(names: readonly string[]): Promise<unknown[]> {
		const { facts, sealer, log } = this.deps;
		const stored: Array<Uint8Array | undefined> = [];
		for (let at = 0; at < names.length; at += AT_ONCE) {
			const page = names.slice(at, at + AT_ONCE).map((name) => PREFIX + name);
			stored.push(...(await facts.getMany(page)));
		}
		return stored.map((value, index) => {
			if (!value) return undefined;
			try {
				const opened = sealer.open(PREFIX + names[index], value);
				return JSON.parse(Buffer.from(opened).toString('utf8')) as unknown;
			} catch (error) {
				log.warn('a stored fact cannot be read', { error: errorName(error) });
				return undefined;
			}
		});
	}

	/** Has it written soon, as it is then. */
	put(name: string, value: () => unknown, ttlMs: number): void {
		if (this.closed) return;
		this.unwritten.set(name, { value, ttlMs });
		this.later(GATHER_MS);
	}

	/** Whether something under this name is not written yet. */
	isUnwritten(name: string): boolean {
		return this.unwritten.has(name);
	}

	/** Writes what is not written yet. Never throws: what cannot be written is tried again. */
	async flush(): Promise<void> {
		this.timer?.();
		this.timer = undefined;
		this.turn = this.turn.then(async () => await this.write());
		await this.turn;
	}

	/** Another process owns the number now, or nobody does. */
	stop(): void {
		this.closed = true;
		this.timer?.();
	}

	/** Removes everything, for a number that took the place of another. */
	async clear(): Promise<void> {
		this.unwritten.clear();
		const { facts } = this.deps;
		const names: string[] = [];
		for await (const name of facts.keys(PREFIX)) names.push(name);
		await facts.delete(names);
	}

	private later(ms: number): void {
		this.timer ??= this.deps.clock.after(ms, () => {
			this.timer = undefined;
			void this.flush();
		});
	}

	private async write(): Promise<void> {
		const { facts, sealer, fence, log } = this.deps;
		const proof = fence();
		if (this.unwritten.size === 0 || this.closed || !proof) return;
		const written = this.unwritten;
		this.unwritten = new Map();
		const batch = new Map<string, Fact>();
		for (const [name, { value, ttlMs }] of written) {
			const bytes = Buffer.from(JSON.stringify(value()));
			batch.set(PREFIX + name, { value: sealer.seal(PREFIX + name, bytes), ttlMs });
		}
		try {
			await facts.setMany(batch, proof);
		} catch (error) {
			if (LinkedError.from(error).code === 'lease-lost') return this.stop();
			log.warn('what safety counts could not be stored', { error: errorName(error) });
			this.unwritten = new Map([...written, ...this.unwritten]);
			this.later(AGAIN_MS);
		}
	}
}
