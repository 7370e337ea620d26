import type { Fence, KeyStore } from '../storage/roles';

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
 * Writes in the order of the calls, one batch at a time. What comes in one turn of the event loop, or
 * while a batch is on its way, goes together: the sessions of a message's devices in one write, a
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
		const batch = (this.next ??= this.begin());
		for (const [name, value] of changes.keys) batch.keys.set(name, value);
		for (const [id, value] of changes.journal ?? []) batch.journal.set(id, value);
		return batch.done;
	}

	/** Resolves when everything asked for so far is written or has failed. */
	async idle(): Promise<void> {
		await this.running.catch(() => {});
	}

	private begin(): Pending {
		const keys: Pending['keys'] = new Map();
		const journal: Pending['journal'] = new Map();
		const done = this.running
			.catch(() => {}) // told to those who asked for that batch
			.then(() => new Promise<void>((resolve) => setImmediate(resolve)))
			.then(async () => {
				this.next = undefined;
				await this.store.write(
					{
						set: present(keys),
						delete: removed(keys),
						journalPut: present(journal),
						journalDrop: removed(journal),
					},
					this.fence(),
				);
			});
		this.running = done;
		return { keys, journal, done };
	}
}

const present = (changes: Map<string, Uint8Array | null>) =>
	new Map([...changes].filter((entry): entry is [string, Uint8Array] => entry[1] !== null));

const removed = (changes: Map<string, Uint8Array | null>) =>
	[...changes].filter(([, value]) => value === null).map(([name]) => name);
