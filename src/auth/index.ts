/** Baileys' AuthenticationState over our KeyStore: encrypted, compact, batched, never half-written. */
import type { AuthenticationCreds, AuthenticationState, proto } from '@whiskeysockets/baileys';
import { loadBaileys } from '../baileys';
import { errorName, type Log } from '../log';
import type { Fence, KeyStore } from '../storage/roles';
import { CredsSlots, isCredsName, isRegistered } from './creds';
import { journalEntries, journalName } from './journal';
import { SignalKeys } from './keys';
import { createSealer, type Sealer } from './seal';
import { BatchWriter, fixed, type Entry } from './writer';

export { JOURNAL_TYPE, journalEntries } from './journal';
export { createSealer, type Sealer } from './seal';

export interface AuthOptions {
	keys: KeyStore;
	/** The credential's id. */
	account: string;
	/** n8n's encryption key. */
	secret: string;
	log: Log;
	/** The fence that every write carries; none while the lease is not held. */
	fence?: () => Fence | undefined;
	/** Bytes of the read cache, 2 MB unless told. */
	cacheBytes?: number;
	/**
	 * Baileys does not wait until what it writes to its keys is stored. Whoever asks for this lets nothing
	 * out to WhatsApp while `written()` is pending.
	 */
	ahead?: boolean;
	/** Whether more is surely coming, so that what is written may be gathered for a while. */
	busy?: () => boolean;
	/** What of Baileys is needed; loaded when it is needed unless given. */
	baileys?: () => Promise<BaileysPart>;
}

export interface BaileysPart {
	initAuthCreds(): AuthenticationCreds;
	proto: {
		Message: { AppStateSyncKeyData: Pick<typeof proto.Message.AppStateSyncKeyData, 'fromObject'> };
	};
}

export interface AuthJournal {
	/** What to give to Baileys' `keys.set` inside a transaction; see journal.ts. */
	entries: typeof journalEntries;
	/** Writes entries by themselves, for example a raw stanza that just arrived. */
	write(put: Readonly<Record<string, Uint8Array>>, drop?: readonly string[]): Promise<void>;
	/**
	 * Stores what entries stand for elsewhere, with `work`, which is told those that it has to drop. Those
	 * that are not stored yet never are, unless it fails; keys are not written before it is done. Those that
	 * are stored are dropped with the keys that are written next, or `atOnce` by `work`.
	 */
	instead<T>(
		ids: readonly string[],
		work: (drops: readonly string[]) => Promise<T>,
		atOnce?: (id: string) => boolean,
	): Promise<T>;
	/** The value of a pending entry. @throws LinkedError `damaged-data`, `wrong-key` */
	open(id: string, sealed: Uint8Array): Uint8Array;
}

export interface Auth {
	readonly state: AuthenticationState;
	/** Seals values of other roles (inbox, facts) with the same key. */
	readonly sealer: Sealer;
	readonly journal: AuthJournal;
	/**
	 * Saves the credentials as they are now. Calls in a burst share one write. Not awaiting it is
	 * safe: a failure is logged, and the next save or flush tries again.
	 */
	saveCreds(): Promise<void>;
	/**
	 * Settles with everything that was asked to be stored so far; undefined when all of it is. Rejects when
	 * something could not be.
	 */
	written(): Promise<void> | undefined;
	/** Lets what is gathered be written now, before what is written next. */
	push(): void;
	/** True once a phone has linked these credentials. */
	registered(): boolean;
	/** Resolves when everything asked for is stored; rejects when the credentials could not be. */
	flush(): Promise<void>;
	/** Drops the read cache. Call it when the lease was lost, before it is used again. */
	invalidate(): void;
	/** Erases keys and journal (after a log-out). The state is of no use after that. */
	clear(): Promise<void>;
}

const CACHE_BYTES = 2 * 1024 * 1024;

/**
 * Opens the credentials and keys of an account; fresh credentials when it has none yet.
 * @throws LinkedError `wrong-key`, `damaged-data`, `storage-*`; never takes unreadable for unlinked.
 */
export async function openAuth(options: AuthOptions): Promise<Auth> {
	const { keys: store, account, log } = options;
	const sealer = createSealer(options.secret, account);
	const writer = new BatchWriter({
		store,
		fence: options.fence ?? (() => undefined),
		busy: options.busy,
		settled: (names, failed) => keys.settled(names, failed),
	});
	const slots = new CredsSlots(store, sealer, log);
	const stored = await slots.load();
	const baileys = await (options.baileys ?? loadBaileys)();
	const creds = stored ?? baileys.initAuthCreds();

	const { AppStateSyncKeyData } = baileys.proto.Message;
	const keys: SignalKeys = new SignalKeys({
		store,
		writer,
		sealer,
		log,
		cacheBytes: options.cacheBytes ?? CACHE_BYTES,
		ahead: options.ahead ?? false,
		revive: (type, value) =>
			type === 'app-state-sync-key' && typeof value === 'object' && value !== null
				? AppStateSyncKeyData.fromObject(value)
				: value,
	});
	keys.trackNames(!stored);
	const saver = new CredsSaver({ creds, slots, keys, store, writer, log });
	const together = joined();

	return {
		state: { creds, keys },
		sealer,
		journal: {
			entries: journalEntries,
			write: (put, drop) => keys.set(journalEntries(put, drop)),
			instead: async (...given) => await writer.instead(...given),
			open: (id, sealed) => sealer.open(journalName(id), sealed),
		},
		saveCreds: () => saver.save(),
		written: () => together(saver.pending, writer.pending()),
		push: () => writer.push(),
		registered: () => isRegistered(creds),
		async flush() {
			await saver.flush();
			await writer.idle();
		},
		invalidate: () => keys.invalidate(),
		async clear() {
			keys.close();
			saver.stop();
			await writer.idle();
			await store.clear();
		},
	};
}

/** Makes one of two; the same again while they are the same. */
function joined() {
	let last: { of: [Promise<void>, Promise<void>]; both: Promise<void> } | undefined;
	return (one: Promise<void> | undefined, other: Promise<void> | undefined) => {
		if (!one || !other) return one ?? other;
		if (last?.of[0] !== one || last.of[1] !== other) {
			const both = Promise.all([one, other]).then(() => {});
			both.catch(() => {}); // told to who waits for it
			last = { of: [one, other], both };
		}
		return last.both;
	};
}

/** Saves one credentials object, whose fields Baileys changes in place. */
class CredsSaver {
	private running: Promise<void> = Promise.resolve();
	private next?: Promise<void>;
	/** Settles with what was asked for last; undefined when that is over. */
	pending?: Promise<void>;
	private unsaved = false;
	private stopped = false;

	constructor(
		private readonly deps: {
			creds: AuthenticationCreds;
			slots: CredsSlots;
			keys: SignalKeys;
			store: KeyStore;
			writer: BatchWriter;
			log: Log;
		},
	) {}

	save(): Promise<void> {
		this.unsaved = true;
		if (this.next) return this.next;
		const turn = this.running
			.catch(() => {}) // was told to those who asked for that save
			.then(() => new Promise<void>((resolve) => setImmediate(resolve)))
			.then(() => {
				this.next = undefined;
				return this.write();
			});
		// Handled here, so that a caller who does not await cannot bring the process down.
		turn.catch((error: unknown) => {
			this.deps.log.warn('credentials could not be saved', { error: errorName(error) });
		});
		this.next = this.running = this.pending = turn;
		const over = () => {
			if (this.pending === turn) this.pending = undefined;
		};
		turn.then(over, over);
		return turn;
	}

	async flush(): Promise<void> {
		if (this.next) await this.next.catch(() => {});
		else await this.running.catch(() => {});
		if (this.unsaved) await this.save();
	}

	stop(): void {
		this.stopped = true;
		this.unsaved = false;
	}

	private async write(): Promise<void> {
		if (this.stopped) return;
		this.unsaved = false;
		try {
			const { slots, writer, keys } = this.deps;
			const first = slots.empty;
			const encoded = slots.encode(this.deps.creds);
			if (!encoded) return;
			const changes = new Map<string, Entry>();
			for (const [name, bytes] of encoded.keys) changes.set(name, fixed(bytes));
			if (first) await this.dropLeftovers(changes);
			if (this.stopped) return;
			await writer.write({ keys: changes });
			encoded.saved();
			if (first) keys.trackNames(false);
		} catch (error) {
			this.unsaved = true;
			throw error;
		}
	}

	/**
	 * Keys of an earlier linking that an interrupted log-out left behind would be taken for sessions
	 * of the new one, so they go in the same write as the first credentials.
	 */
	private async dropLeftovers(changes: Map<string, Entry>): Promise<void> {
		for await (const name of this.deps.store.keys('')) {
			if (!isCredsName(name) && !this.deps.keys.wrote(name)) changes.set(name, fixed(null));
		}
	}
}
