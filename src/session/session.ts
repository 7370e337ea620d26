/**
 * One number's connection while this process owns it: a state machine around one Baileys socket at
 * a time. It pairs, connects, reconnects and stops; what flows through the socket is other rooms'
 * business (hooks). Nothing here ever logs out but logOut().
 */
import type { AuthenticationState, BaileysEventMap } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { Emitter } from '../emitter';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { AccountSettings } from '../settings';
import { backoffMs } from './backoff';
import type { ConnectGate } from './connectGate';
import { judge, REPLACED } from './disconnect';
import { Pairing } from './pairing';
import { retryCounters } from './retryCounters';
import { closeSocket, cutSocket, openSocket, type SocketHooks, type WASocket } from './socket';
import { readMe, stateFacts, type SessionState } from './state';

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
	/** False when another process owns the number. */
	mayWrite(): boolean;
	/** Shared by all numbers of the process. */
	gate: ConnectGate;
	hooks: SocketHooks;
	clock: Clock;
	log: Log;
	/** For tests: a fixed jitter. */
	random?: () => number;
}

/** A connection that lasted this long was a good one: backoff starts anew. */
const STABLE_MS = 60_000;
/** After another program took the session, look again this much later; never at once. */
const REPLACED_RETRY_MS = 30 * 60_000;
/** A storage comes back by itself; WhatsApp is not knocked at while it is away. */
const STORAGE_RETRY_MS = 10_000;
/** However many ask, one try in this time. */
const HURRY_MS = 5_000;

export class Session {
	private current: SessionState;
	private readonly changes = new Emitter<SessionState>();
	private auth?: SessionAuth;
	private socket?: WASocket;
	/** Grows with every socket; callbacks of an older one are ignored. */
	private generation = 0;
	private cancelTimer: () => void = () => {};
	/** Aborted when the present socket is given up. */
	private life = new AbortController();
	/** Gives up the place among those who connect. */
	private leaveGate: () => void = () => {};
	private attempt = 0;
	private refusals = 0;
	private lastStatus = 0;
	private pairing?: Pairing;
	/** It was linked when it was last looked at. */
	private wasLinked = false;
	private closing = false;
	private readonly retryCounters = retryCounters();
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

	/** Connects if a session is stored; otherwise becomes `unlinked`. Never throws: the state tells. */
	async start(): Promise<void> {
		this.closing = false;
		if (!this.isConnected()) await this.connect();
	}

	/**
	 * Offers a QR (and a code when the credential names a phone). Does nothing while the number is
	 * open or already being linked. After "unlinked from the phone" the old keys are worthless and
	 * are erased here, because a person asked to link again.
	 */
	async link(): Promise<void> {
		this.closing = false;
		if (this.isConnected() || this.pairing) return;
		this.auth ??= await this.deps.openAuth();
		if (this.auth.registered()) {
			const unlinked = this.current.name === 'stopped' && this.current.error.code === 'logged-out';
			if (!unlinked) {
				await this.connect();
				return;
			}
		}
		await this.auth.clear();
		this.auth = await this.deps.openAuth();
		this.wasLinked = false;
		this.pairing = new Pairing(this.deps.settings().phone, {
			now: () => this.now(),
			show: (offer) => this.set({ name: 'pairing', since: this.now(), offer }),
		});
		await this.connect();
	}

	/** Leaves a wait or a stop and connects now. */
	async reconnect(): Promise<void> {
		this.attempt = 0;
		this.refusals = 0;
		await this.drop();
		this.closing = false;
		await this.connect();
	}

	/** Somebody wants the connection: a wait is cut short, but not so often that it would be none. */
	hurry(): void {
		if (this.current.name !== 'waiting') return;
		const { since, error } = this.current;
		if (error.code.startsWith('storage-') || this.now() - since < HURRY_MS) return;
		void this.connect();
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
						throw now.error?.code === 'not-linked' ? now.error : new LinkedError('not-linked');
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
		this.forgetSocket();
		if (socket) await Promise.resolve(socket.logout('logged out by its user')).catch(() => {});
		await this.drop();
		await this.auth.clear();
		this.auth = undefined;
		this.wasLinked = false;
		this.set({ name: 'unlinked', since: this.now() });
	}

	/** Closes the socket and keeps the session for later. */
	async close(): Promise<void> {
		this.closing = true;
		await this.drop();
		this.set({ name: 'closed', since: this.now() });
		await this.auth?.flush();
	}

	/** Closes without writing anything: this process is not the owner any more. */
	async abandon(): Promise<void> {
		if (this.socket) cutSocket(this.socket);
		this.auth = undefined;
		await this.drop();
		this.set({ name: 'closed', since: this.now() });
	}

	/**
	 * The storage failed under the session. What came in cannot be kept, so the line is cut before
	 * anything can be confirmed to WhatsApp: it then sends the same again. The session is read anew,
	 * because what is in memory may be ahead of what is stored.
	 */
	fail(error: LinkedError): void {
		if (this.socket) cutSocket(this.socket);
		const before = this.auth;
		this.auth = undefined;
		if (this.isConnected()) this.onClosed(error, before);
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
		this.forgetSocket();
		this.endPairing();
		const { socket } = this;
		this.socket = undefined;
		if (socket) await closeSocket(socket);
	}

	/** From here on callbacks of the present socket are ignored, and its keys stand still. */
	private forgetSocket(): number {
		this.cancelTimer();
		this.leaveGate();
		this.life.abort();
		this.life = new AbortController();
		return ++this.generation;
	}

	private endPairing(): void {
		this.pairing?.end();
		this.pairing = undefined;
	}

	private async connect(): Promise<void> {
		const generation = this.forgetSocket();
		const { signal } = this.life;
		const isOver = () => generation !== this.generation;
		this.set({ name: 'connecting', since: this.now() });
		try {
			const auth = this.auth ?? (await this.deps.openAuth());
			if (isOver()) return;
			this.auth = auth;
			if (!auth.registered() && !this.pairing) {
				this.set({ name: 'unlinked', since: this.now(), error: this.whyUnlinked() });
				return;
			}
			this.wasLinked ||= auth.registered();
			// A person who links does not stand in line.
			if (!this.pairing && !(await this.passGate(isOver))) return;
			const socket = await openSocket({
				settings: this.deps.settings(),
				auth: auth.state,
				hooks: this.deps.hooks,
				log: this.deps.log.room('baileys'),
				retryCounters: this.retryCounters,
				clock: this.deps.clock,
				signal,
				onDamage: (error) => this.deps.log.warn('a stored key is damaged', { error: error.code }),
				mayWrite: () => this.deps.mayWrite(),
				withCode: this.pairing?.phone !== undefined,
			});
			if (isOver()) {
				await closeSocket(socket);
				return;
			}
			this.socket = socket;
			this.deps.hooks.onSocket(socket, auth.state);
			socket.ev.process((events) => {
				if (!isOver()) this.onEvents(events, socket, auth);
			});
		} catch (error) {
			if (!isOver()) this.onClosed(error, this.auth);
		}
	}

	/** False when meanwhile this connection is not wanted any more. */
	private async passGate(isOver: () => boolean): Promise<boolean> {
		const givenUp = new AbortController();
		this.leaveGate = () => givenUp.abort();
		const leave = await this.deps.gate.enter(givenUp.signal).catch(() => undefined);
		if (leave && !isOver()) {
			this.leaveGate = leave;
			return true;
		}
		leave?.();
		return false;
	}

	private whyUnlinked(): LinkedError | undefined {
		if (!this.wasLinked) return undefined;
		this.wasLinked = false;
		return new LinkedError('not-linked', {
			detail: 'Its session is gone from the storage; was the storage emptied?',
		});
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
		if (update.connection === 'close') this.onClosed(update.lastDisconnect?.error, auth);
	}

	private onQr(qr: string, socket: WASocket): void {
		if (this.pairing) {
			this.pairing.onQr(qr, socket);
			return;
		}
		// Nobody asked for a QR: the stored session was refused as if new. Never pair by accident.
		void this.drop().then(() => this.set({ name: 'unlinked', since: this.now() }));
	}

	private onOpen(auth: SessionAuth): void {
		this.leaveGate();
		this.endPairing();
		this.wasLinked = true;
		this.lastError = undefined;
		if (this.attempt > 0) this.reconnects++;
		this.set({ name: 'open', since: this.now(), me: readMe(auth.state) });
	}

	private onClosed(error: unknown, auth: SessionAuth | undefined): void {
		const wasOpenFor = this.current.name === 'open' ? this.now() - this.current.since : 0;
		this.forgetSocket();
		this.socket = undefined;
		const verdict = judge(error, this.refusals);
		this.refusals = verdict.status === this.lastStatus && wasOpenFor === 0 ? this.refusals + 1 : 0;
		this.lastStatus = verdict.status;
		if (wasOpenFor > STABLE_MS) this.attempt = 0;

		if (verdict.action === 'restart') {
			void this.connect();
			return;
		}
		this.lastError = verdict.error;
		const linked = auth?.registered() ?? !this.pairing;
		this.endPairing();
		if (!linked) {
			// A person is waiting: say what happened instead of trying behind their back.
			this.set({ name: 'unlinked', since: this.now(), error: verdict.error });
			return;
		}
		if (verdict.action === 'stop') {
			const until = verdict.status === REPLACED ? this.now() + REPLACED_RETRY_MS : undefined;
			this.set({ name: 'stopped', since: this.now(), error: verdict.error, until });
			if (until) this.later(REPLACED_RETRY_MS);
			return;
		}
		const backoff = backoffMs(++this.attempt, this.deps.random);
		const storage = verdict.error.code.startsWith('storage-');
		const wait = storage ? Math.min(backoff, STORAGE_RETRY_MS) : backoff;
		this.set({
			name: 'waiting',
			since: this.now(),
			until: this.now() + wait,
			error: verdict.error,
		});
		this.later(wait);
	}

	private later(ms: number): void {
		this.cancelTimer();
		this.cancelTimer = this.deps.clock.after(ms, () => void this.connect());
	}
}
