/**
 * Writes in the order of the calls. What comes in one turn of the event loop, or while a batch is on
 * its way, goes together: the sessions of a message's devices in one write, a burst in few, and each
 * call stays atomic. Of a name that is written again before that, only the last value is made and
 * stored; a journal entry that is of no use any more by then is not stored at all.
 */
import type { Fence, KeyStore, WriteBatch } from '../storage/roles';

/** A value that is asked for before it is stored. */
export interface Entry {
	/** As it is read meanwhile; null removes. */
	readonly value: unknown;
	/** The bytes to store, made when they are written; null removes. */
	stored(): Uint8Array | null;
}

/** A value that is stored as it is; null is dropped. */
export const fixed = (value: Uint8Array | null): Entry => ({ value, stored: () => value });

/** What one call wants written. */
export interface Changes {
	keys?: ReadonlyMap<string, Entry>;
	journal?: ReadonlyMap<string, Entry>;
}

export interface WriterDeps {
	store: KeyStore;
	fence(): Fence | undefined;
	/** While more is surely coming, what comes in turn after turn is gathered; see GATHER_MS. */
	busy?(): boolean;
	/** Told of each batch when it is written or has failed, before those who wait for it. */
	settled?(names: Iterable<string>, failed: boolean): void;
}

/**
 * In a burst changes are gathered for so long at most, unless somebody pushes: what is in the inbox by
 * then needs no entry in the journal any more, and a session is stored once for many messages.
 */
const GATHER_MS = 100;

interface Batch {
	keys: Map<string, Entry>;
	journal: Map<string, Entry>;
	/** When its first change came, by performance.now(). */
	since: number;
	own: Promise<void>;
	/** This one and all before it. */
	done: Promise<void>;
	end(error?: unknown): void;
}

export class BatchWriter {
	private next?: Batch;
	/** Batches on their way, oldest first. */
	private readonly running: Batch[] = [];
	/** How often something was asked for. */
	private asked = 0;
	/** What is gathered goes as soon as it may. */
	private hurry = false;
	/** How many store something elsewhere before; see instead(). */
	private blocked = 0;
	private cancel: () => void = () => {};

	constructor(private readonly deps: WriterDeps) {}

	/** Resolves when it is written; rejects with the storage's LinkedError when it is not. */
	write({ keys, journal }: Changes): Promise<void> {
		this.asked++;
		const batch = (this.next ??= this.begin());
		for (const [name, entry] of keys ?? []) batch.keys.set(name, entry);
		for (const [id, entry] of journal ?? []) batch.journal.set(id, entry);
		return batch.own;
	}

	/** Settles with everything asked for so far, undefined when all of it is written. */
	pending(): Promise<void> | undefined {
		return (this.next ?? this.running.at(-1))?.done;
	}

	/** For how long the oldest of it has not been written, milliseconds. */
	get behindMs(): number {
		const oldest = this.running[0] ?? this.next;
		return oldest ? performance.now() - oldest.since : 0;
	}

	/** What is asked for and not known to be written. */
	find(name: string): Entry | undefined {
		const found = this.next?.keys.get(name);
		if (found || this.running.length === 0) return found;
		return this.running.findLast(({ keys }) => keys.has(name))?.keys.get(name);
	}

	/**
	 * Stores what journal entries stand for elsewhere, with `work`. Those whose writing has not begun are
	 * taken out, and come back should it fail. Nothing is written meanwhile: a session must not be stored
	 * before the message that advanced it is in one place. The others are dropped with what is written next,
	 * which may come of the same message, as the key of a group does; `work` drops those that it must itself.
	 */
	async instead<T>(
		ids: readonly string[],
		work: (drops: readonly string[]) => Promise<T>,
		atOnce: (id: string) => boolean = () => false,
	): Promise<T> {
		const { next } = this;
		if (!next) return await work(ids);
		const taken = new Map<string, Entry>();
		const others: string[] = [];
		for (const id of ids) {
			const entry = next.journal.get(id);
			if (entry && next.journal.delete(id)) taken.set(id, entry);
			else others.push(id);
		}
		if (taken.size > 0) this.blocked++;
		try {
			const result = await work(others.filter(atOnce));
			const later = others.filter((id) => !atOnce(id));
			const journal = new Map(later.map((id) => [id, fixed(null)]));
			if (later.length > 0) void this.write({ journal });
			return result;
		} catch (error) {
			for (const [id, entry] of taken) next.journal.set(id, entry);
			throw error;
		} finally {
			if (taken.size > 0 && --this.blocked === 0 && this.hurry) this.push();
		}
	}

	/** Lets what waits go now, or as soon as what it has to wait for is written. */
	push(): void {
		if (!this.next) return;
		if (this.blocked > 0 || (this.running.length > 0 && !this.deps.store.gathers)) {
			this.hurry = true;
			return;
		}
		this.cancel();
		void this.go(this.next);
	}

	/** Resolves when everything asked for so far is written or has failed. */
	async idle(): Promise<void> {
		while (this.next ?? this.running.length > 0) {
			this.push();
			await this.pending()?.catch(() => {});
		}
	}

	private begin(): Batch {
		let end: Batch['end'] = () => {};
		const own = new Promise<void>((resolve, reject) => {
			end = (error) => (error === undefined ? resolve() : reject(error as Error));
		});
		const before = this.running.at(-1)?.done;
		const done = before ? before.then(async () => await own) : own;
		for (const each of [own, done]) each.catch(() => {}); // told to who waits for it
		const since = performance.now();
		const batch = { keys: new Map(), journal: new Map(), since, own, done, end };
		if (!before || this.deps.store.gathers) this.schedule();
		return batch;
	}

	/**
	 * At the end of this turn of the event loop; in a burst at the end of the first turn in which nothing
	 * was asked for, because then what is gathered may be what the next step waits for: a query to WhatsApp
	 * waits for it too.
	 */
	private schedule(asked = this.asked - 1): void {
		const turn = setImmediate(() => {
			const { busy } = this.deps;
			const goesOn = this.asked !== asked && !this.hurry && busy?.();
			if (goesOn && this.behindMs < GATHER_MS) this.schedule(this.asked);
			else this.push();
		});
		this.cancel = () => clearImmediate(turn);
	}

	private async go(batch: Batch): Promise<void> {
		this.next = undefined;
		this.hurry = false;
		this.running.push(batch);
		let failure: unknown;
		try {
			// Everything may have been withdrawn.
			if (batch.keys.size + batch.journal.size > 0) {
				await this.deps.store.write(contentsOf(batch), this.deps.fence());
			}
		} catch (error) {
			failure = error ?? new Error('not written');
		}
		this.running.splice(this.running.indexOf(batch), 1);
		this.deps.settled?.(batch.keys.keys(), failure !== undefined);
		batch.end(failure);
		if (this.next && !this.deps.store.gathers) this.schedule();
	}
}

function contentsOf({ keys, journal }: Batch): WriteBatch {
	const set = new Map<string, Uint8Array>();
	const remove: string[] = [];
	const journalPut = new Map<string, Uint8Array>();
	const journalDrop: string[] = [];
	for (const [name, entry] of keys) {
		const stored = entry.stored();
		if (stored) set.set(name, stored);
		else remove.push(name);
	}
	for (const [id, entry] of journal) {
		const stored = entry.stored();
		if (stored) journalPut.set(id, stored);
		else journalDrop.push(id);
	}
	return { set, delete: remove, journalPut, journalDrop };
}
