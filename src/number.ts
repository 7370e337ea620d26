/**
 * One linked number in this process: storage, ownership, session, inbound and outbound composed.
 * While this process owns the number it holds the socket; otherwise commands go to the owner.
 */
import { createSealer, openAuth, type Auth, type Sealer } from './auth';
import type { Clock } from './clock';
import { LinkedError } from './errors';
import { Inbound } from './inbound';
import { errorName, type Log } from './log';
import { findOperation, type Command, type JsonObject } from './operations';
import { Outbound } from './outbound';
import { Ownership } from './ownership/ownership';
import type { Relay } from './ownership/relay';
import type { Pooled } from './session/pool';
import { Session } from './session/session';
import type { SessionState } from './session/state';
import type { AccountSettings } from './settings';
import { readStatus, writeStatus } from './status';
import type { AccountStorage } from './storage/roles';

export interface NumberDeps {
	storage: AccountStorage;
	/** True when other processes may own the number. */
	shared: boolean;
	/** n8n's encryption key. */
	secret: string;
	/** Names this process. */
	holder: string;
	/** Carries commands between processes; absent for storage that is not shared. */
	relay?: Relay;
	clock: Clock;
	log: Log;
}

/** After SIGTERM n8n allows 30 s; what is under way gets this much of it. */
const FINISH_MS = 10_000;
/** How long a command waits to learn who owns the number. */
const SETTLE_MS = 15_000;
/** Connected this long without anybody asking, right after linking: history arrives then. */
const SOCKET_STATES: ReadonlySet<SessionState['name']> = new Set(['open', 'connecting', 'pairing']);

export class LinkedNumber implements Pooled {
	readonly session: Session;
	readonly ownership: Ownership;
	readonly sealer: Sealer;
	private settings: AccountSettings;
	private outbound?: Outbound;
	private inbound?: Inbound;
	private auth?: Auth;
	/** Names of the triggers that listen in this process. */
	readonly listeners = new Set<string>();

	constructor(
		settings: AccountSettings,
		private readonly deps: NumberDeps,
	) {
		const { storage, clock, log } = deps;
		this.settings = settings;
		this.sealer = createSealer(deps.secret, settings.account);
		this.ownership = new Ownership({
			lease: storage.lease,
			holder: deps.holder,
			clock,
			log: log.room('ownership'),
			onGained: async () => await this.gained(),
			onLost: async () => await this.lost(),
		});
		this.session = new Session({
			settings: () => this.settings,
			openAuth: async () => await this.openAuth(),
			hooks: {
				getMessage: async (key) => await this.inbound?.getMessage(key),
				groupMetadata: async (jid) => await this.inbound?.groupMetadata(jid),
				wrapRepository: (repository, auth) =>
					this.inbound?.wrapRepository(repository, auth) ?? repository,
				onSocket: (socket, auth) => {
					this.inbound?.attach(socket, auth);
					this.outbound?.attach(socket);
				},
				onEvents: (events) => this.inbound?.take(events),
			},
			clock,
			log: log.room('session'),
		});
		this.session.onState((state) => this.onState(state));
	}

	get storage(): AccountStorage {
		return this.deps.storage;
	}

	/** Takes over edited credential settings; they count from the next connection on. */
	update(settings: AccountSettings): void {
		this.settings = settings;
	}

	async open(): Promise<void> {
		await this.ownership.want();
	}

	/** Finishes what is under way, closes the socket, flushes, releases the lease. Never logs out. */
	async close(): Promise<void> {
		await this.outbound?.idle(FINISH_MS);
		await this.session.close();
		await this.inbound?.idle();
		this.inbound?.stop();
		await this.deps.relay?.stopServing(this.settings.account);
		await this.auth?.flush();
		await this.ownership.release();
	}

	/**
	 * Performs a command in the process that owns the number, once per idempotency key.
	 * @throws LinkedError
	 */
	async submit(command: Command, signal?: AbortSignal): Promise<JsonObject | JsonObject[]> {
		await this.open();
		const owner = await this.ownership.settled(SETTLE_MS);
		if (owner.name === 'held') return await this.performHere(command);
		const { relay } = this.deps;
		if (!relay) throw new LinkedError('owner-unreachable');
		return await relay.request(this.settings.account, command, signal);
	}

	/** The owner's end of submit(). */
	async performHere(command: Command): Promise<JsonObject | JsonObject[]> {
		await this.started;
		const { outbound } = this;
		if (!outbound) throw new LinkedError('lease-lost');
		const operation = findOperation(command.operation);
		// Somebody asks for the connection; a wait that is not over yet is cut short.
		if (operation?.needs === 'socket' && this.session.state.name === 'waiting') {
			void this.session.reconnect();
		}
		return await outbound.submit(command);
	}

	/** Everything worth knowing when "nothing arrives". */
	async status(): Promise<JsonObject> {
		const owner = this.ownership.state;
		const stored = await readStatus(this.deps.storage.facts);
		if (owner.name !== 'held')
			return { ...stored, owner: owner.name === 'elsewhere' ? owner.holder : null };
		return this.describe();
	}

	/** Resolves when a gained lease has led to a started session (or an error). */
	private started: Promise<void> = Promise.resolve();

	private async gained(): Promise<void> {
		this.started = this.start();
		await this.started;
	}

	private async start(): Promise<void> {
		const { storage, clock, log } = this.deps;
		this.outbound = new Outbound({
			settings: () => this.settings,
			session: this.session,
			storage,
			clock,
			log: log.room('outbound'),
			assertOwner: () => void this.ownership.assertHeld(),
			status: async () => await this.status(),
			onSend: (id) => this.inbound?.context.sending(id),
			directory: {
				search: (filter, limit) => this.inbound?.directory.search(filter, limit) ?? [],
				find: (jid) => this.inbound?.directory.find(jid),
				nameOf: (jid) => this.inbound?.directory.nameOf(jid),
			},
			messages: {
				keepOwn: async (message) => await this.inbound?.messages.keepOwn(message),
				applied: async (message) => await this.inbound?.messages.applied(message),
				get: async (id) => await this.inbound?.messages.get(id),
				timerOf: async (chat) => (await this.inbound?.messages.timerOf(chat)) ?? 0,
			},
			groupMetadata: async (jid) => await this.inbound?.groupMetadata(jid),
		});
		this.inbound = await Inbound.create({
			storage,
			sealer: this.sealer,
			fence: () => this.ownership.fence,
			clock,
			log: log.room('inbound'),
		});
		await this.session.start();
		await this.deps.relay?.serve(
			this.settings.account,
			async (command) => await this.performHere(command),
		);
	}

	private async lost(): Promise<void> {
		this.inbound?.stop();
		this.inbound = undefined;
		this.auth = undefined;
		await this.deps.relay?.stopServing(this.settings.account);
		await this.session.abandon();
		this.outbound = undefined;
	}

	private async openAuth(): Promise<Auth> {
		const auth = await openAuth({
			keys: this.deps.storage.keys,
			account: this.settings.account,
			secret: this.deps.secret,
			log: this.deps.log.room('auth'),
			fence: () => this.ownership.fence,
		});
		this.auth = auth;
		if (auth.registered()) await this.inbound?.recover(auth);
		return auth;
	}

	private onState(state: SessionState): void {
		if (this.ownership.state.name !== 'held' && !SOCKET_STATES.has(state.name)) return;
		writeStatus(this.deps.storage.facts, this.describe()).catch((error: unknown) => {
			this.deps.log.warn('the status could not be stored', { error: errorName(error) });
		});
	}

	private describe(): JsonObject {
		const { state } = this.session;
		const error = ('error' in state ? state.error : undefined) ?? this.session.lastError;
		const me = state.name === 'open' ? state.me : undefined;
		const phone = me?.phone ?? this.auth?.state.creds.me?.id?.split(/[:@]/)[0];
		return {
			state: state.name,
			since: new Date(state.since).toISOString(),
			number: phone ? `+${phone}` : null,
			lid: me?.lid ?? null,
			name: me?.name ?? this.auth?.state.creds.me?.name ?? null,
			reconnects: this.session.reconnects,
			nextTry: 'until' in state && state.until ? new Date(state.until).toISOString() : null,
			error:
				error && state.name !== 'open'
					? { code: error.code, message: error.message, next: error.next }
					: null,
			owner: this.deps.holder,
			triggers: [...this.listeners],
			commandsUnderWay: this.outbound?.length ?? 0,
			inbound: this.inbound
				? { ...this.inbound.counters, notInInboxYet: this.inbound.journalSize }
				: null,
		};
	}
}
