import type { Fence, KeyStore, WriteBatch } from '../storage/roles';

/** What one call wants written; null removes. */
export interface Changes {
	keys: ReadonlyMap<string, Uint8Array | null>;
	journal?: ReadonlyMap<string, Uint8Array | null>;
}

interface Pending {
	keys: Map<string, Uint8Array | null>;
	journal: Map<string, Uint8Array | null>;
	done: Promise<void>;
}

/**
 * Writes in the order of the calls, one batch at a time (unless the storage gathers them by itself).
 * What comes in one turn of the event loop, or while a batch is on its way, goes together: the sessions of a message's devices in one write, a
 * burst over a slow connection in few, and each call stays atomic.
 */
export class BatchWriter {
	private running: Promise<void> = Promise.resolve();
	private next?: Pending;

	constructor(
		private readonly store: KeyStore,
		private readonly fence: () => Fence | undefined,
	) {}

	/** Resolves when it is written; rejects with the storage's LinkedError when it is not. */
	write(changes: Changes): Promise<void> {
		if (this.store.gathers) return this.writeNow(changes);
		const batch = (this.next ??= this.begin());
		for (const [name, value] of changes.keys) batch.keys.set(name, value);
		for (const [id, value] of changes.journal ?? []) batch.journal.set(id, value);
		return batch.done;
	}

	/** Resolves when everything asked for so far is written or has failed. */
	async idle(): Promise<void> {
		await this.running.catch(() => {});
	}

	private writeNow({ keys, journal = new Map() }: Changes): Promise<void> {
		const before = this.running;
		const done = this.store.write(batchOf(keys, journal), this.fence());
		this.running = done.catch(() => {}).then(async () => await before);
		return done;
	}

	private begin(): Pending {
		const keys: Pending['keys'] = new Map();
		const journal: Pending['journal'] = new Map();
		const done = this.running
			.catch(() => {}) // told to those who asked for that batch
			.then(() => new Promise<void>((resolve) => setImmediate(resolve)))
			.then(async () => {
				this.next = undefined;
				await this.store.write(batchOf(keys, journal), this.fence());
			});
		this.running = done;
		return { keys, journal, done };
	}
}

type Values = ReadonlyMap<string, Uint8Array | null>;

function batchOf(keys: Values, journal: Values): WriteBatch {
	return {
		set: present(keys),
		delete: removed(keys),
		journalPut: present(journal),
		journalDrop: removed(journal),
	};
}

function present(changes: Values): Map<string, Uint8Array> {
	const found = new Map<string, Uint8Array>();
	for (const [name, value] of changes) if (value !== null) found.set(name, value);
	return found;
}

function removed(changes: Values): string[] {
	const found: string[] = [];
	for (const [name, value] of changes) if (value === null) found.push(name);
	return found;
}
