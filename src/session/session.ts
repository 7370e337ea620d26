/**
 * One number's connection while this process owns it: a state machine around one Baileys socket at
 * a time. It pairs, connects, reconnects and stops; what flows through the socket is other rooms'
 * business (hooks). Nothing here ever logs out but logOut().
 */
import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { errorName } from '../log';
import type { SessionAuth, SessionDeps } from './deps';
import { Line } from './line';
import { closed } from './output';
import { Pairing } from './pairing';
import { Recovery } from './recovery';
import { retryCounters } from './retryCounters';
import { openSocket, type WASocket } from './socket';
import { isUsable, readMe, type SessionState } from './state';
import { States } from './states';

/** How long logging out waits for a connection to say it on. */
const LOG_OUT_MS = 15_000;
/** WhatsApp has unlinked the device already. */
const UNLINKED: ReadonlySet<string> = new Set(['logged-out', 'bad-session']);
/** However many ask, one try in this time. */
const HURRY_MS = 5_000;

export class Session {
	private readonly states: States;
	private auth?: SessionAuth;
	/** The present connection, or the last one. */
	private line = new Line();
	private cancelTimer: () => void = () => {};
	private pairing?: Pairing;
	private closing = false;
	private readonly retryCounters = retryCounters();
	private readonly recovery: Recovery;
	/** How often the connection came back since this object was made. */
	reconnects = 0;
	lastError?: LinkedError;
	/** The last error that closed a connection or kept one from opening, whatever came after it. */
	lastFault?: { error: LinkedError; at: number };

	constructor(private readonly deps: SessionDeps) {
		this.states = new States(deps);
		this.recovery = new Recovery(deps.random);
	}

	get state(): SessionState {
		return this.states.current;
	}

	/** Somebody was offered a code and may be about to scan or type it. */
	get isLinking(): boolean {
		return this.pairing !== undefined;
	}

	/** The open socket, or undefined. */
	get openSocket(): WASocket | undefined {
		return this.state.name === 'open' ? this.line.socket : undefined;
	}

	onState(listener: (state: SessionState) => void): () => void {
		return this.states.on(listener);
	}

	/** Connects if a session is stored; otherwise becomes `unlinked`. Never throws: the state tells. */
	async start(): Promise<void> {
		this.closing = false;
		if (!this.states.isConnected) await this.connect();
	}

	/**
	 * Offers a QR (and a code when the credential names a phone). Does nothing while the number is
	 * open or already being linked. After "unlinked from the phone" the old keys are worthless and
	 * are erased here, because a person asked to link again.
	 * @param phone digits of the number to link with a code; the credential's unless given
	 */
	async link(phone?: string): Promise<void> {
		this.closing = false;
		const other = phone !== undefined && this.pairing?.phone !== phone;
		if (other && this.state.name === 'pairing') await this.drop();
		else if (this.states.isConnected || this.pairing) return;
		this.auth ??= await this.deps.openAuth();
		if (this.auth.registered()) {
			const unlinked = this.state.name === 'stopped' && this.state.error.code === 'logged-out';
			if (!unlinked) {
				await this.connect();
				return;
			}
		}
		await this.auth.clear();
		this.auth = await this.deps.openAuth();
		this.recovery.wasLinked = false;
		this.recovery.reset();
		this.pairing = new Pairing(phone ?? this.deps.settings().phone, {
			now: () => this.now(),
			show: (offer) => this.states.set({ name: 'pairing', since: this.now(), offer }),
		});
		await this.connect();
	}

	/** Leaves a wait or a stop and connects now. */
	async reconnect(): Promise<void> {
		this.recovery.reset();
		await this.drop();
		this.closing = false;
		await this.connect();
	}

	/** Somebody wants the connection: a wait is cut short, but not so often that it would be none. */
	hurry(): void {
		if (this.state.name !== 'waiting') return;
		const { since, error } = this.state;
		if (error.code.startsWith('storage-') || this.now() - since < HURRY_MS) return;
		void this.connect();
	}

	/**
	 * Resolves with the open socket; waits while it is being opened.
	 * @throws LinkedError that says why there is none, at once when waiting would not help.
	 */
	async whenOpen(timeoutMs: number, signal?: AbortSignal): Promise<WASocket> {
		const state = await this.waitFor((now) => isUsable(now, this.closing), timeoutMs, signal);
		const { socket } = this.line;
		if (state?.name === 'open' && socket) return socket;
		throw this.lastError ?? new LinkedError('connect-timeout');
	}

	/** Resolves with the first state that the probe accepts, or undefined after the time is up. */
	async waitFor(
		accept: (state: SessionState) => boolean,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<SessionState | undefined> {
		return await this.states.waitFor(accept, timeoutMs, signal);
	}

	/**
	 * Unlinks the number at WhatsApp and erases its keys. The one thing that does.
	 * @throws LinkedError when it is linked and cannot be unlinked now: it would stay in the phone's list
	 */
	async logOut(): Promise<void> {
		this.auth ??= await this.deps.openAuth();
		const unlinked = this.state.name === 'stopped' && UNLINKED.has(this.state.error.code);
		if (this.auth.registered() && !unlinked) await this.whenOpen(LOG_OUT_MS);
		const { auth, openSocket: socket } = this;
		this.line.giveUp();
		try {
			await socket?.logout('logged out by its user');
			await this.drop();
			// The storage failed meanwhile, or the number is another process's.
			if (!auth || this.auth !== auth) throw closed();
			await auth.clear();
		} catch (error) {
			const why = error instanceof LinkedError ? error : this.lastError;
			// It is in the phone's list still.
			if (this.deps.mayWrite() && !this.closing) void this.reconnect();
			throw why ?? new LinkedError('offline', { cause: error });
		}
		this.auth = undefined;
		this.recovery.wasLinked = false;
		this.states.set({ name: 'unlinked', since: this.now() });
	}

	/** Closes the socket and keeps the session for later. */
	async close(): Promise<void> {
		this.closing = true;
		await this.drop();
		this.states.set({ name: 'closed', since: this.now() });
		await this.auth?.flush();
	}

	/** Closes without writing anything: this process is not the owner any more. */
	async abandon(): Promise<void> {
		this.line.cut();
		this.auth = undefined;
		await this.drop();
		this.states.set({ name: 'closed', since: this.now() });
	}

	/**
	 * The storage failed under the session. What came in cannot be kept, so the line is cut before
	 * anything can be confirmed to WhatsApp: it then sends the same again. The session is read anew,
	 * because what is in memory may be ahead of what is stored.
	 */
	fail(error: LinkedError): void {
		this.line.cut();
		const before = this.auth;
		this.auth = undefined;
		if (this.states.isConnected) this.onClosed(error, before);
	}

	private now(): number {
		return this.deps.clock.now();
	}

	/** Ends socket and timers; later callbacks of theirs are ignored. */
	private async drop(): Promise<void> {
		this.cancelTimer();
		this.endPairing();
		await this.line.close();
	}

	private endPairing(): void {
		this.pairing?.end();
		this.pairing = undefined;
	}

	private async connect(): Promise<void> {
		this.cancelTimer();
		this.line.giveUp();
		const line = (this.line = new Line());
		this.states.set({ name: 'connecting', since: this.now() });
		try {
			const auth = this.auth ?? (await this.deps.openAuth());
			if (line.isOver) return;
			this.auth = auth;
			if (!auth.registered() && !this.pairing) {
				this.states.set({
					name: 'unlinked',
					since: this.now(),
					error: this.recovery.whyUnlinked(),
				});
				return;
			}
			this.recovery.wasLinked ||= auth.registered();
			// A person who links does not stand in line.
			if (!this.pairing && !(await line.passGate(this.deps.gate))) return;
			const socket = await this.makeSocket(auth, line.signal);
			if (!line.take(socket)) return;
			this.deps.hooks.onSocket(socket, auth.state);
			socket.ev.process((events) => {
				if (!line.isOver) this.onEvents(events, socket, auth);
			});
		} catch (error) {
			if (!line.isOver) this.onClosed(error, this.auth);
		}
	}

	private async makeSocket(auth: SessionAuth, signal: AbortSignal): Promise<WASocket> {
		const { settings, hooks, log, clock, mayWrite } = this.deps;
		return await openSocket({
			settings: settings(),
			auth: auth.state,
			hooks,
			log: log.room('baileys'),
			retryCounters: this.retryCounters,
			clock,
			signal,
			stored: { written: () => auth.written?.(), push: () => auth.push?.() },
			onDamage: (error) => log.warn('a stored key is damaged', { error: error.code }),
			mayWrite,
			withCode: this.pairing?.phone !== undefined,
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
		if (update.isNewLogin) this.states.set({ name: 'connecting', since: this.now() });
		if (update.connection === 'open') this.onOpen(auth);
		if (update.connection === 'close') this.onClosed(update.lastDisconnect?.error, auth);
	}

	private onQr(qr: string, socket: WASocket): void {
		if (this.pairing) {
			this.pairing.onQr(qr, socket);
			return;
		}
		// Nobody asked for a QR: the stored session was refused as if new. Never pair by accident.
		void this.drop().then(() => this.states.set({ name: 'unlinked', since: this.now() }));
	}

	private onOpen(auth: SessionAuth): void {
		this.line.passed();
		this.endPairing();
		this.recovery.wasLinked = true;
		this.lastError = undefined;
		if (this.recovery.isRepeated) this.reconnects++;
		this.states.set({ name: 'open', since: this.now(), me: readMe(auth.state) });
	}

	private onClosed(error: unknown, auth: SessionAuth | undefined): void {
		const wasOpenFor = this.state.name === 'open' ? this.now() - this.state.since : 0;
		this.cancelTimer();
		this.line.ended();
		const next = this.recovery.after(error, wasOpenFor);
		if (next.action === 'restart') {
			void this.connect();
			return;
		}
		this.lastError = next.error;
		this.lastFault = { error: next.error, at: this.now() };
		const linked = auth?.registered() ?? !this.pairing;
		this.endPairing();
		const since = this.now();
		if (!linked) {
			// A person is waiting: say what happened instead of trying behind their back.
			this.states.set({ name: 'unlinked', since, error: next.error });
		} else if (next.action === 'stop') {
			const until = next.ms === undefined ? undefined : since + next.ms;
			this.states.set({ name: 'stopped', since, error: next.error, until });
			if (next.ms !== undefined) this.later(next.ms);
		} else {
			this.states.set({ name: 'waiting', since, until: since + next.ms, error: next.error });
			this.later(next.ms);
		}
	}

	private later(ms: number): void {
		this.cancelTimer();
		this.cancelTimer = this.deps.clock.after(ms, () => void this.connect());
	}
}
