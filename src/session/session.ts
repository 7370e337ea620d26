/**
 * One number's connection while this process owns it: a state machine around one Baileys socket at
 * a time. It pairs, connects, reconnects and stops; what flows through the socket is other rooms'
 * business (hooks). Nothing here ever logs out but logOut().
 */
import type { AuthenticationState, BaileysEventMap, CacheStore } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { AccountSettings } from '../settings';
import { backoffMs } from './backoff';
import { judge, REPLACED } from './disconnect';
import { closeSocket, openSocket, type SocketHooks, type WASocket } from './socket';
import type { Me, PairingOffer, SessionState } from './state';
import { Emitter } from '../emitter';

/** The stored session, as src/auth opens it. */
export interface SessionAuth {
	readonly state: AuthenticationState;
	/** True when a phone has linked this device (and the session was stored). */
	registered(): boolean;
	saveCreds(): Promise<void> | void;
	flush(): Promise<void>;
	/** Erases creds and keys. This object is of no use afterwards. */
	clear(): Promise<void>;
}

export interface SessionDeps {
	settings(): AccountSettings;
	openAuth(): Promise<SessionAuth>;
	hooks: SocketHooks;
	clock: Clock;
	log: Log;
	/** For tests: a fixed jitter. */
	random?: () => number;
}

/** First QR lives 60 s, later ones 20 s (Baileys rc14, lib/Socket/socket.js); shown ones less. */
const QR_LIFE_MS = { first: 60_000, later: 20_000 } as const;
/** A connection that lasted this long was a good one: backoff starts anew. */
const STABLE_MS = 60_000;
/** After another program took the session, look again this much later; never at once. */
const REPLACED_RETRY_MS = 30 * 60_000;

export class Session {
	private current: SessionState;
	private readonly changes = new Emitter<SessionState>();
	private auth?: SessionAuth;
	private socket?: WASocket;
	/** Grows with every socket; callbacks of an older one are ignored. */
	private generation = 0;
	private cancelTimer: () => void = () => {};
	private attempt = 0;
	private refusals = 0;
	private lastStatus = 0;
	private linking = false;
	private withCode = false;
	private qrCount = 0;
	private closing = false;
	private readonly retryCounters = boundedCache();
	/** How often the connection came back since this object was made. */
	reconnects = 0;
	lastError?: LinkedError;

	constructor(private readonly deps: SessionDeps) {
		this.current = { name: 'closed', since: deps.clock.now() };
	}

	get state(): SessionState {
		return this.current;
	}

	/** The open socket, or undefined. */
	get openSocket(): WASocket | undefined {
		return this.current.name === 'open' ? this.socket : undefined;
	}

	onState(listener: (state: SessionState) => void): () => void {
		return this.changes.on(listener);
	}

	/** Connects if a session is stored; otherwise becomes `unlinked`. */
	async start(): Promise<void> {
		this.closing = false;
		this.auth ??= await this.deps.openAuth();
		if (this.isConnected()) return;
		if (this.auth.registered()) await this.connect();
		else this.set({ name: 'unlinked', since: this.now() });
	}

	/**
	 * Offers a QR (and a code when the credential names a phone). Does nothing while the number is
	 * open or already being linked. After "unlinked from the phone" the old keys are worthless and
	 * are erased here, because a person asked to link again.
	 */
	async link(): Promise<void> {
		this.closing = false;
		this.auth ??= await this.deps.openAuth();
		if (this.isConnected() || this.linking) return;
		if (this.auth.registered()) {
			const unlinked = this.current.name === 'stopped' && this.current.error.code === 'logged-out';
			if (!unlinked) {
				await this.connect();
				return;
			}
		}
		await this.auth.clear();
		this.auth = await this.deps.openAuth();
		this.linking = true;
		this.qrCount = 0;
		this.withCode = this.deps.settings().phone !== undefined;
		await this.connect();
	}

	/** Leaves a wait or a stop and connects now. */
	async reconnect(): Promise<void> {
		this.attempt = 0;
		this.refusals = 0;
		await this.drop();
		await this.start();
	}

	/**
	 * Resolves with the open socket; waits while it is being opened.
	 * @throws LinkedError that says why there is none, at once when waiting would not help.
	 */
	async whenOpen(timeoutMs: number, signal?: AbortSignal): Promise<WASocket> {
		const state = await this.waitFor(
			(now) => {
				switch (now.name) {
					case 'open':
						return true;
					case 'stopped':
						throw now.error;
					case 'unlinked':
					case 'pairing':
						throw new LinkedError('not-linked');
					case 'closed':
						throw new LinkedError(this.closing ? 'closing' : 'offline');
					default:
						return false;
				}
			},
			timeoutMs,
			signal,
		);
		if (state?.name === 'open' && this.socket) return this.socket;
		throw this.lastError ?? new LinkedError('connect-timeout');
	}

	/** Resolves with the first state that the probe accepts, or undefined after the time is up. */
	async waitFor(
		accept: (state: SessionState) => boolean,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<SessionState | undefined> {
		return await this.changes.waitFor(() => this.current, accept, {
			timeoutMs,
			signal,
			clock: this.deps.clock,
		});
	}

	/** Unlinks the number at WhatsApp and erases its keys. The one thing that does. */
	async logOut(): Promise<void> {
		this.auth ??= await this.deps.openAuth();
		const socket = this.openSocket;
		if (this.auth.registered() && !socket) throw this.lastError ?? new LinkedError('offline');
		this.generation++;
		if (socket) await Promise.resolve(socket.logout('logged out by its user')).catch(() => {});
		await this.drop();
		await this.auth.clear();
		this.auth = undefined;
		this.set({ name: 'unlinked', since: this.now() });
	}

	/** Closes the socket and keeps the session for later. */
	async close(): Promise<void> {
		this.closing = true;
		await this.drop();
		await this.auth?.flush();
		this.set({ name: 'closed', since: this.now() });
	}

	/** Closes without writing anything: this process is not the owner any more. */
	async abandon(): Promise<void> {
		this.auth = undefined;
		await this.drop();
		this.set({ name: 'closed', since: this.now() });
	}

	private isConnected(): boolean {
		return ['open', 'connecting', 'pairing'].includes(this.current.name);
	}

	private now(): number {
		return this.deps.clock.now();
	}

	private set(state: SessionState): void {
		const before = this.current.name;
		this.current = state;
		if (before !== state.name) this.deps.log.info(`session is ${state.name}`, stateFacts(state));
		this.changes.emit(state);
	}

	/** Ends socket and timers; later callbacks of theirs are ignored. */
	private async drop(): Promise<void> {
		this.cancelTimer();
		this.generation++;
		this.linking = false;
		const { socket } = this;
		this.socket = undefined;
		if (socket) await closeSocket(socket);
	}

	private async connect(): Promise<void> {
		const { auth } = this;
		if (!auth) return;
		this.cancelTimer();
		const generation = ++this.generation;
		this.set({ name: 'connecting', since: this.now() });
		try {
			const socket = await openSocket({
				settings: this.deps.settings(),
				auth: auth.state,
				hooks: this.deps.hooks,
				log: this.deps.log.room('baileys'),
				retryCounters: this.retryCounters,
				withCode: this.linking && this.withCode,
			});
			if (generation !== this.generation) {
				await closeSocket(socket);
				return;
			}
			this.socket = socket;
			this.deps.hooks.onSocket(socket, auth.state);
			socket.ev.process((events) => {
				if (generation !== this.generation) return;
				this.onEvents(events, socket, auth);
			});
		} catch (error) {
			if (generation !== this.generation) return;
			this.onClosed(error);
		}
	}

	private onEvents(events: Partial<BaileysEventMap>, socket: WASocket, auth: SessionAuth): void {
		if (events['creds.update'] && auth.registered()) {
			Promise.resolve(auth.saveCreds()).catch((error: unknown) => {
				this.deps.log.error('the session could not be saved', { error: errorName(error) });
			});
		}
		const update = events['connection.update'];
		if (!update) return;
		if (update.qr) this.onQr(update.qr, socket);
		// Scanned: from here on the QR is of no use.
		if (update.isNewLogin) this.set({ name: 'connecting', since: this.now() });
		if (update.connection === 'open') this.onOpen(auth);
		if (update.connection === 'close') this.onClosed(update.lastDisconnect?.error);
	}

	private onQr(qr: string, socket: WASocket): void {
		if (!this.linking) {
			// Nobody asked for a QR: the stored session was refused as if new. Never pair by accident.
			void this.drop().then(() => this.set({ name: 'unlinked', since: this.now() }));
			return;
		}
		const life = this.qrCount++ === 0 ? QR_LIFE_MS.first : QR_LIFE_MS.later;
		const before = this.current.name === 'pairing' ? this.current.offer : undefined;
		const { code, codeRefused } = before ?? {};
		const offer: PairingOffer = { qr, code, codeRefused, expiresAt: this.now() + life };
		const { phone } = this.deps.settings();
		if (phone && !code && this.qrCount === 1) {
			const { generation } = this;
			this.set({ name: 'pairing', since: this.now() });
			socket
				.requestPairingCode(phone)
				.then((fresh) => {
					if (generation === this.generation)
						this.set({ name: 'pairing', since: this.now(), offer: { ...offer, code: fresh } });
				})
				.catch(() => {
					if (generation === this.generation)
						this.set({
							name: 'pairing',
							since: this.now(),
							offer: { ...offer, codeRefused: true },
						});
				});
			return;
		}
		this.set({ name: 'pairing', since: this.now(), offer });
	}

	private onOpen(auth: SessionAuth): void {
		this.linking = false;
		this.lastError = undefined;
		const me = readMe(auth.state);
		if (this.attempt > 0) this.reconnects++;
		this.set({ name: 'open', since: this.now(), me });
	}

	private onClosed(error: unknown): void {
		const wasOpenFor = this.current.name === 'open' ? this.now() - this.current.since : 0;
		this.socket = undefined;
		this.generation++;
		const verdict = judge(error, this.refusals);
		this.refusals = verdict.status === this.lastStatus && wasOpenFor === 0 ? this.refusals + 1 : 0;
		this.lastStatus = verdict.status;
		if (wasOpenFor > STABLE_MS) this.attempt = 0;

		if (verdict.action === 'restart') {
			void this.connect();
			return;
		}
		this.lastError = verdict.error;
		if (verdict.action === 'stop') {
			this.linking = false;
			if (!this.auth?.registered()) {
				this.set({ name: 'unlinked', since: this.now(), error: verdict.error });
				return;
			}
			const until = verdict.status === REPLACED ? this.now() + REPLACED_RETRY_MS : undefined;
			this.set({ name: 'stopped', since: this.now(), error: verdict.error, until });
			if (until) this.later(REPLACED_RETRY_MS);
			return;
		}
		if (!this.auth?.registered()) {
			// A person is waiting: say what happened instead of trying behind their back.
			this.linking = false;
			this.set({ name: 'unlinked', since: this.now(), error: verdict.error });
			return;
		}
		this.attempt++;
		const wait = backoffMs(this.attempt, this.deps.random);
		const until = this.now() + wait;
		this.set({ name: 'waiting', since: this.now(), until, error: verdict.error });
		this.later(wait);
	}

	private later(ms: number): void {
		this.cancelTimer();
		this.cancelTimer = this.deps.clock.after(ms, () => void this.connect());
	}
}

function stateFacts(state: SessionState) {
	if ('error' in state && state.error) return { error: state.error.code, ...state.error.data };
	return {};
}

function readMe(state: AuthenticationState): Me {
	const me = state.creds.me;
	return {
		jid: me?.id ?? '',
		phone: me?.id?.split(/[:@]/)[0] ?? '',
		lid: me?.lid?.replace(/:\d+@/, '@'),
		name: me?.name && me.name !== '~' ? me.name : undefined,
	};
}

/** Baileys' retry counters: small, bounded, forgotten oldest first. */
function boundedCache(limit = 5_000): CacheStore {
	const entries = new Map<string, unknown>();
	return {
		get: <T>(key: string) => entries.get(key) as T | undefined,
		set: <T>(key: string, value: T) => {
			entries.delete(key);
			entries.set(key, value);
			const oldest = entries.keys().next();
			if (entries.size > limit && !oldest.done) entries.delete(oldest.value);
		},
		del: (key: string) => void entries.delete(key),
		flushAll: () => entries.clear(),
	};
}
