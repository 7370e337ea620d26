/**
 * What the rest of the package asks of a storage backend, as narrow roles. Each backend
 * (sqlite, redis, memory) is one folder and passes test/contract's suites; nobody outside
 * storage/ knows which backend is behind.
 *
 * Every role is bound to one account (the n8n credential's id). Values are opaque bytes: they are
 * encrypted and decoded by src/auth and src/inbound, so a backend never sees a key or a text.
 * Every failure is a LinkedError: storage-unreachable, storage-refused, storage-full, lease-lost.
 */
import type { HistoryStore, Sealing } from './historyRole';

export type * from './historyRole';

export type AccountId = string;

/** Proof of ownership that writes carry; a backend refuses a write whose token is not the current one. */
export interface Fence {
	readonly token: number;
}

/** One atomic write: all of it happens or none of it. */
export interface WriteBatch {
	set?: ReadonlyMap<string, Uint8Array>;
	delete?: readonly string[];
	/** Pending inbound stanzas, see Journal. */
	journalPut?: ReadonlyMap<string, Uint8Array>;
	journalDrop?: readonly string[];
}

/** How something is written, where the backend has a choice. */
export interface WriteOptions {
	/** It may wait a few milliseconds, to be committed with what is written meanwhile. */
	lazy?: boolean;
}

/** Credentials and Signal keys, kept through Keyv. Keys look like `creds`, `session:15550101.0`. */
export interface KeyStore {
	/** True when writes of one turn of the event loop are written together anyway, in their order. */
	readonly gathers?: boolean;
	getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>>;
	/** Throws LinkedError `lease-lost` (and writes nothing) when the fence is stale. */
	write(batch: WriteBatch, fence?: Fence): Promise<void>;
	/** All keys that start with the prefix, in no order. For tests, migration and diagnosis. */
	keys(prefix: string): AsyncIterable<string>;
	/** Removes everything of this account in this role, the journal too. */
	clear(): Promise<void>;
}

/** Inbound stanzas that are not in the inbox yet; written through KeyStore.write. */
export interface Journal {
	/** Oldest first. */
	pending(): AsyncIterable<{ id: string; value: Uint8Array }>;
	size(): Promise<number>;
}

export interface InboxEntry {
	/** Position in this account's inbox: grows, never reused, the same for every reader. */
	seq: string;
	/** The dedupe key under which it was appended. */
	key: string;
	/** When it was appended, milliseconds since the epoch. */
	at: number;
	value: Uint8Array;
}

/** An append-only log of normalised events with dedupe. */
export interface Inbox {
	/**
	 * Appends those entries whose key was never appended before, in order, atomically, and drops the
	 * named journal entries in the same write. Returns for each entry its seq, or undefined when it
	 * was there already.
	 */
	append(
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		options?: { fence?: Fence; journalDrop?: readonly string[] },
	): Promise<Array<string | undefined>>;
	/** Entries after `seq` ('' = from the beginning), oldest first. */
	read(after: string, limit: number): Promise<InboxEntry[]>;
	/** The entry at this position, if it is not trimmed yet. */
	get(seq: string): Promise<InboxEntry | undefined>;
	/** Entries before the end, newest first. */
	latest(limit: number): Promise<InboxEntry[]>;
	/** The seq of the newest entry, '' when empty. */
	end(): Promise<string>;
	/** Removes entries older than `before` (ms since epoch); dedupe keys of them are kept 7 days longer. */
	trim(before: number): Promise<number>;
	/** Calls back (soon, at least once) after appends by any process. Returns the unsubscribe function. */
	onAppend(listener: () => void): () => void;
}

/** Where a delivery of one event to one trigger stands. */
export type DeliveryState = 'emitted' | 'claimed' | 'done';

/** Who has an event: a process, and in it the execution (or, before there is one, the trigger). */
export interface By {
	process: string;
	execution: string;
}

/**
 * - `ours`: hand it over.
 * - `taken`: somebody else has handed it over, or an execution has claimed it meanwhile.
 * - `done`: it has ended.
 */
export type Emission = 'ours' | 'taken' | 'done';

export interface Delivery extends Partial<By> {
	seq: string;
	state: DeliveryState;
	/** Counts from 1; a new attempt makes claims of older ones void. */
	attempt: number;
	/** Last change, milliseconds since the epoch. */
	at: number;
}

/** Each trigger's own position in the inbox and what of it is in flight. Trigger = `workflowId/nodeId`. */
export interface Cursors {
	/**
	 * True when a first attempt is noted in memory and stored with what follows. Who begins anew with
	 * what was in the inbox before calls it a second attempt: the first may have been handed over.
	 */
	readonly notesLater?: boolean;
	/** The trigger's position; undefined when it never read. */
	get(trigger: string): Promise<string | undefined>;
	/** Sets the position: everything up to it is settled. */
	set(trigger: string, seq: string): Promise<void>;
	/** Deliveries after the cursor that are not done, oldest first, and done ones not yet passed by it. */
	open(trigger: string): Promise<Delivery[]>;
	/**
	 * Asks to hand this event to n8n (attempt n). A trigger may be active in two processes for a moment,
	 * while n8n's leader changes; only one of them hands an attempt over.
	 * @param over a claim of this attempt or an older one is void, because its execution died
	 */
	emitted(trigger: string, seq: string, attempt: number, by: By, over?: number): Promise<Emission>;
	/**
	 * Claims the event for an execution. True when this execution holds it now (also when it held it
	 * before); false when another execution does, the attempt is stale, or it is done.
	 */
	claim(trigger: string, seq: string, attempt: number, by: By): Promise<boolean>;
	/** This attempt has ended, and the event with it: false when a later attempt has it. */
	done(trigger: string, seq: string, attempt: number): Promise<boolean>;
	/** Forgets the trigger (its workflow is gone). */
	remove(trigger: string): Promise<void>;
	list(): Promise<string[]>;
	/**
	 * Calls back after a claim by any process; with `notesLater` already when it is decided, as no later
	 * claim is stored before it. Returns the unsubscribe function.
	 */
	onClaim(listener: (trigger: string, seq: string) => void): () => void;
}

export type LeaseResult =
	{ held: true; fence: Fence } | { held: false; holder: string; expiresInMs: number };

/** Who owns the socket of this account. */
export interface Lease {
	/** Takes the lease when it is free or held by this holder already. */
	acquire(holder: string, ttlMs: number): Promise<LeaseResult>;
	/** False when the lease is not ours any more: close the socket and write nothing. */
	renew(fence: Fence, ttlMs: number): Promise<boolean>;
	release(fence: Fence): Promise<void>;
	holder(): Promise<string | undefined>;
	/** Calls back after a release by any process (not after an expiry). */
	onRelease(listener: () => void): () => void;
}

/** A value with its expiry. */
export interface Fact {
	value: Uint8Array;
	ttlMs?: number;
}

/** Small values with expiry and compare-and-set: idempotency records, counters, caches, status. */
export interface Facts {
	get(key: string): Promise<Uint8Array | undefined>;
	getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>>;
	set(key: string, value: Uint8Array, ttlMs?: number, options?: WriteOptions): Promise<void>;
	/**
	 * Sets several at once: all of them or none.
	 * @throws LinkedError `lease-lost` (nothing is written) when there is a fence and it is stale
	 */
	setMany(facts: ReadonlyMap<string, Fact>, fence?: Fence, options?: WriteOptions): Promise<void>;
	/** Sets it if there is none; returns the value that was there, or undefined when ours was set. */
	setIfAbsent(key: string, value: Uint8Array, ttlMs?: number): Promise<Uint8Array | undefined>;
	delete(keys: readonly string[]): Promise<void>;
	/** Adds to a counter and returns its new value; the ttl is set when the counter is new. */
	increment(key: string, by: number, ttlMs?: number): Promise<number>;
	keys(prefix: string): AsyncIterable<string>;
}

/** Everything kept for one account. */
export interface AccountStorage {
	readonly account: AccountId;
	readonly keys: KeyStore;
	readonly journal: Journal;
	readonly inbox: Inbox;
	readonly cursors: Cursors;
	readonly lease: Lease;
	readonly facts: Facts;
	/** The history; what it keeps is sealed with this. */
	history(sealing: Sealing): HistoryStore;
	/** Removes all data of the account, whatever the role. */
	erase(): Promise<void>;
}

export type StorageHealth = { ok: true } | { ok: false; since: number; reason: string };

/** One open storage: an SQLite file, a Redis, or memory. */
export interface Storage {
	readonly kind: 'sqlite' | 'redis' | 'memory';
	/** True when several processes share it. */
	readonly shared: boolean;
	account(account: AccountId): AccountStorage;
	/** Resolves when it can be used; throws a LinkedError that says why not. */
	ready(): Promise<void>;
	health(): StorageHealth;
	onHealth(listener: (health: StorageHealth) => void): () => void;
	/** Waits for writes under way, then lets go. */
	close(): Promise<void>;
}
