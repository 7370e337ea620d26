/**
 * One time of owning a number: what begins when the lease is gained and ends when it is lost. Its
 * parts carry its fence, so that whatever of it is still under way afterwards is refused.
 */
import { openAuth, type Auth, type Sealer } from './auth';
import type { Clock } from './clock';
import { LinkedError } from './errors';
import { KEEP_ALL } from './history/keeping';
import type { History } from './history/types';
import { Inbound } from './inbound';
import type { Log } from './log';
import type { JsonObject } from './operations';
import { Outbound } from './outbound';
import { Safety } from './safety';
import type { Session } from './session/session';
import { watchKeys } from './session/watchedKeys';
import type { AccountSettings } from './settings';
import type { AccountStorage, Fence } from './storage/roles';

export interface TenureDeps {
	settings(): AccountSettings;
	session: Session;
	storage: AccountStorage;
	sealer: Sealer;
	/** n8n's encryption key. */
	secret: string;
	/** The fence of the lease that this process holds now, if it holds one. */
	current(): Fence | undefined;
	status(): Promise<JsonObject>;
	numbers(): Promise<JsonObject[]>;
	erase(): Promise<void>;
	history: History;
	/** The storage failed, or refused the fence. */
	onStorageFailure(error: LinkedError, tenure: Tenure): void;
	clock: Clock;
	log: Log;
}

/** What is called off gets this long to say how it went. */
const LAST_WORD_MS = 3_000;

export class Tenure {
	readonly outbound: Outbound;
	readonly safety: Safety;
	inbound?: Inbound;
	private creating?: Promise<Inbound>;
	auth?: Auth;
	over = false;
	private lost = false;
	/** Called when the number is lost, by those who work meanwhile. */
	private readonly onLost = new Set<() => void>();

	constructor(
		readonly fence: Fence,
		private readonly deps: TenureDeps,
	) {
		this.safety = this.makeSafety();
		this.outbound = this.makeOutbound();
	}

	/** True while the lease that it began with is held. */
	get holds(): boolean {
		return !this.over && this.deps.current()?.token === this.fence.token;
	}

	/**
	 * Opens what is stored.
	 * @throws LinkedError `lease-lost` when it ends meanwhile; why the storage cannot be read
	 */
	async open(): Promise<Auth> {
		const { storage, sealer, clock, log } = this.deps;
		const fence = () => this.fence;
		// Asked for twice at the same time, as while linking, it is still one.
		this.creating ??= Inbound.create({
			storage,
			sealer,
			fence,
			keeping: () => this.deps.settings().history ?? KEEP_ALL,
			clock,
			log: log.room('inbound'),
		}).then((inbound) => {
			inbound.follow(this.safety);
			return inbound;
		});
		this.creating.catch(() => (this.creating = undefined));
		this.inbound = await this.creating;
		const auth = await openAuth({
			keys: watchKeys(storage.keys, (error) => this.deps.onStorageFailure(error, this)),
			account: this.deps.settings().account,
			secret: this.deps.secret,
			log: log.room('auth'),
			fence,
			ahead: true,
			busy: () => this.inbound?.isBusy ?? false,
		});
		await this.inbound.open(auth);
		if (this.over) throw new LinkedError('lease-lost');
		this.auth = auth;
		return auth;
	}

	/**
	 * The result of work in this tenure. When the number is lost the next owner does it, so what does not
	 * end then, although it is called off, is not waited for.
	 * @throws LinkedError `lease-lost`
	 */
	async whileOwned<T>(work: Promise<T>): Promise<T> {
		let end = () => {};
		let cancel = () => {};
		const lost = new Promise<never>((_resolve, reject) => {
			end = () => {
				cancel = this.deps.clock.after(LAST_WORD_MS, () => reject(new LinkedError('lease-lost')));
			};
		});
		if (this.lost) end();
		else this.onLost.add(end);
		work.catch(() => {});
		try {
			return await Promise.race([work, lost]);
		} finally {
			this.onLost.delete(end);
			cancel();
		}
	}

	/** Waits until what has come is stored; call it when the socket is closed. */
	async idle(): Promise<void> {
		await Promise.all([this.inbound?.idle(), this.safety.flush()]);
	}

	stop(): void {
		this.inbound?.stop();
		this.safety.stop();
	}

	/** Stores what has come, and writes nothing more; what is under way may still answer. */
	async end(): Promise<void> {
		await Promise.all([this.idle(), this.outbound.flush()]);
		this.over = true;
		this.stop();
		this.auth = undefined;
	}

	/** The number is another process's: nothing more goes out or is taken in from here. */
	abandon(): void {
		this.over = true;
		this.lost = true;
		for (const end of [...this.onLost]) end();
		this.outbound.abandon();
		this.stop();
		this.auth = undefined;
	}

	private makeSafety(): Safety {
		const { settings, session, storage, sealer, clock, log } = this.deps;
		const directory = (jid: string) => this.inbound?.directory.find(jid);
		return new Safety({
			settings,
			facts: storage.facts,
			sealer,
			fence: () => this.fence,
			socket: () => session.openSocket,
			known: {
				pairOf: (jid) => directory(jid)?.alt,
				addressesOf: async (jid) => (await this.inbound?.context.addresses(jid)) ?? [jid],
				isMe: (jid) => this.inbound?.context.isMe(jid) ?? false,
				isSaved: (jid) => directory(jid)?.saved === true,
				groups: async () => (await this.inbound?.groups.all()) ?? [],
			},
			tell: (happened) => this.inbound?.tell(happened),
			clock,
			log: log.room('safety'),
		});
	}

	private makeOutbound(): Outbound {
		const { settings, session, storage, history, clock, log, status } = this.deps;
		return new Outbound({
			settings,
			safety: this.safety,
			onReceipt: (kind) => this.safety.receipt(kind),
			session,
			storage,
			clock,
			log: log.room('outbound'),
			assertOwner: () => {
				if (!this.holds) throw new LinkedError('lease-lost');
			},
			status,
			numbers: async () => await this.deps.numbers(),
			erase: async () => await this.deps.erase(),
			onSend: (id) => this.inbound?.context.sending(id),
			directory: {
				search: (filter, limit) => this.inbound?.directory.search(filter, limit) ?? [],
				find: (jid) => this.inbound?.directory.find(jid),
				nameOf: (jid) => this.inbound?.directory.nameOf(jid),
				read: (chat) => this.inbound?.directory.read(chat),
				arrived: (...what) => this.inbound?.directory.arrived(...what),
			},
			history,
			labels: {
				all: async () => (await this.inbound?.labels.all()) ?? [],
				on: async (label) => (await this.inbound?.labels.on(label)) ?? [],
			},
			applied: async () => await this.inbound?.applied(),
			call: (id) => this.inbound?.call(id),
			pastAnswer: async (request, timeoutMs, signal) =>
				await this.inbound?.history.answerTo(request, timeoutMs, signal),
			messages: {
				keepOwn: async (message) => {
					// Both are begun now, so that one transaction (or one way to Redis) takes them.
					await Promise.all([
						this.inbound?.messages.keepOwn(message),
						this.inbound?.history.sending(message),
					]);
				},
				applied: async (message) => await this.inbound?.messages.applied(message),
				get: async (id) => await this.inbound?.messages.get(id),
				fileMoved: async (id, path) => await this.inbound?.messages.fileMoved(id, path),
				timerOf: async (chat) => (await this.inbound?.messages.timerOf(chat)) ?? 0,
			},
			groupMetadata: async (jid) => await this.inbound?.groups.get(jid),
			groups: {
				all: async (fresh) => (await this.inbound?.groups.all(fresh)) ?? [],
				get: async (jid, fresh) => {
					if (!this.inbound) throw new LinkedError('offline');
					return await this.inbound.groups.require(jid, fresh);
				},
				changed: (events) => this.inbound?.groups.take(events),
			},
			me: () => this.inbound?.context.me ?? { phone: null, lid: null },
			person: async (...addresses) => (await this.inbound?.context.person(...addresses)) ?? null,
		});
	}
}
