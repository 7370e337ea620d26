import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import type { Log } from '../log';
import type { KeyStore } from '../storage/roles';
import { KeyCache } from './cache';
import { JOURNAL_TYPE, journalName, type JournalBytes } from './journal';
import type { Sealer } from './seal';
import { decodeValue, encodeValue } from './values';
import type { BatchWriter, Entry } from './writer';

export interface KeysDeps {
	store: KeyStore;
	writer: BatchWriter;
	sealer: Sealer;
	log: Log;
	/** Turns a stored value into what Baileys expects of this type. */
	revive: (type: string, value: unknown) => unknown;
	/** Bytes of the read cache. */
	cacheBytes: number;
	/** Do not wait until what is set is written; see `set`. */
	ahead: boolean;
}

/** Types whose values Baileys reads without changing them, so that the cache may hand out the same one. */
const SHARED = new Set(['session', 'sender-key', 'identity-key', 'lid-mapping']);
/** Of these even the one that Baileys gave: it makes a new one for every change. */
const KEPT_AS_GIVEN = new Set(['session', 'sender-key', 'lid-mapping']);

/** Used once each and written by the hundred: they would push out what is needed again. */
const NOT_CACHED = new Set(['pre-key', JOURNAL_TYPE]);

/** A storage that is so far behind, milliseconds, is waited for, so that not too much waits for it. */
const BEHIND_MS = 300;

type Values = Record<string, unknown>;

/** Baileys' Signal keys over a KeyStore: sealed, compact, one write for each `set`. */
export class SignalKeys implements SignalKeyStore {
	private readonly cache: KeyCache;
	/** Counts writes and invalidations: a read that overlaps one must not fill the cache. */
	private changes = 0;
	/** Names of damaged values that were reported; see `decode`. */
	private readonly reported = new Set<string>();
	private closed = false;
	/** Names written since the account was opened without credentials; see `trackNames`. */
	private written?: Set<string>;

	constructor(private readonly deps: KeysDeps) {
		this.cache = new KeyCache(deps.cacheBytes);
	}

	/** @throws LinkedError `damaged-data` once for a damaged value, `storage-unreachable` */
	async get<T extends keyof SignalDataTypeMap>(
		type: T,
		ids: string[],
	): Promise<{ [id: string]: SignalDataTypeMap[T] }> {
		const found: Values = {};
		if (this.closed) return found as { [id: string]: SignalDataTypeMap[T] };
		const asked: string[] = [];
		for (const id of new Set(ids)) {
			const name = keyName(type, id);
			const waiting = this.deps.writer.find(name);
			if (waiting) {
				if (waiting.value !== null) found[id] = this.handOut(type, waiting.value);
				continue;
			}
			const cached = this.cache.get(name);
			if (!cached) asked.push(id);
			else if ('value' in cached) found[id] = this.handOut(type, cached.value);
		}
		if (asked.length > 0) await this.load(type, asked, found);
		return found as { [id: string]: SignalDataTypeMap[T] };
	}

	/**
	 * Everything in one write. Returns when it is written, or at once when it may run ahead: then nothing
	 * that follows from it may leave the process before the writer has no more pending (session/output.ts).
	 * @throws LinkedError of the storage; then nothing was written.
	 */
	async set(data: SignalDataSet): Promise<void> {
		if (this.closed) return;
		const keys = new Map<string, Entry>();
		const journal = new Map<string, Entry>();
		for (const [type, values] of Object.entries(data)) {
			for (const [id, value] of Object.entries(values ?? {}) as Array<[string, unknown]>) {
				if (type === JOURNAL_TYPE) {
					journal.set(id, this.journalEntry(id, value as JournalBytes | null));
				} else {
					const name = keyName(type, id);
					keys.set(name, this.entry(type, name, value ?? null));
					this.written?.add(name);
				}
			}
		}
		if (keys.size + journal.size === 0) return;
		this.changes += 1;
		const { writer, ahead } = this.deps;
		const written = writer.write({ keys, journal });
		if (!ahead || writer.behindMs > BEHIND_MS) await written;
	}

	/** These names are written, or it failed. */
	settled(names: Iterable<string>, failed: boolean): void {
		this.changes += 1;
		if (!failed) return;
		// Whether it was written is not known when the connection broke: ask the storage again.
		for (const name of names) this.cache.delete(name);
	}

	/** Remembers from now on which names are written, until told to stop. */
	trackNames(on: boolean): void {
		this.written = on ? new Set() : undefined;
	}

	/** True when this name was written while names were tracked. */
	wrote(name: string): boolean {
		return this.written?.has(name) ?? false;
	}

	/** Forgets what is cached, because another process may have written. */
	invalidate(): void {
		this.changes += 1;
		this.cache.clear();
	}

	/** From now on nothing is read or written: the keys are gone for good. */
	close(): void {
		this.closed = true;
		this.invalidate();
	}

	/** A value until it is written; from then on the cache has it. */
	private entry(type: string, name: string, value: unknown): Entry {
		if (value !== null && KEPT_AS_GIVEN.has(type)) {
			const stored = () => {
				const bytes = encodeValue(type, value);
				this.cache.set(name, { value }, bytes.length);
				return this.seal(name, bytes);
			};
			return { value, stored };
		}
		// Now, as Baileys may go on changing it.
		const bytes = value === null ? null : encodeValue(type, value);
		const shared = bytes && SHARED.has(type) ? this.decode(type, bytes) : bytes;
		const stored = () => {
			if (bytes) this.remember(type, name, bytes);
			else this.cache.set(name, { missing: true }, 0);
			return bytes && this.seal(name, bytes);
		};
		return { value: shared, stored };
	}

	private journalEntry(id: string, value: JournalBytes | null): Entry {
		const stored = () => {
			const bytes = typeof value === 'function' ? value() : value;
			return bytes && this.deps.sealer.seal(journalName(id), bytes);
		};
		return { value, stored };
	}

	private seal(name: string, bytes: Uint8Array): Uint8Array {
		this.reported.delete(name);
		return this.deps.sealer.seal(name, bytes);
	}

	private async load(type: string, ids: string[], found: Values): Promise<void> {
		const names = ids.map((id) => keyName(type, id));
		const before = this.changes;
		const stored = await this.deps.store.getMany(names);
		const fill = before === this.changes;
		for (const [index, id] of ids.entries()) {
			const name = names[index] ?? '';
			const sealed = stored[index];
			const bytes = sealed && this.unseal(type, name, sealed);
			if (bytes) {
				found[id] = this.decode(type, bytes);
				if (fill) this.remember(type, name, bytes);
			} else if (fill && !sealed) {
				this.cache.set(name, { missing: true }, 0);
			}
		}
	}

	/**
	 * Opens a stored value. A damaged one is reported by an error the first time; after that it counts
	 * as missing, because Signal then mends itself by a retry, which an error for ever would prevent.
	 */
	private unseal(type: string, name: string, sealed: Uint8Array): Uint8Array | undefined {
		try {
			return this.deps.sealer.open(name, sealed);
		} catch (error) {
			if (!(error instanceof LinkedError) || error.code !== 'damaged-data') throw error;
			if (this.reported.has(name)) return undefined;
			this.reported.add(name);
			this.deps.log.warn('a stored key is damaged', { type });
			throw new LinkedError('damaged-data', { detail: `It is a key of type ${type}.` });
		}
	}

	private decode(type: string, bytes: Uint8Array): unknown {
		return this.deps.revive(type, decodeValue(bytes));
	}

	private remember(type: string, name: string, bytes: Uint8Array): void {
		if (NOT_CACHED.has(type)) return;
		const value = SHARED.has(type) ? this.decode(type, bytes) : bytes;
		this.cache.set(name, { value }, bytes.length);
	}

	private handOut(type: string, value: unknown): unknown {
		return SHARED.has(type) ? value : this.decode(type, value as Uint8Array);
	}
}

const keyName = (type: string, id: string): string => `${type}:${id}`;
