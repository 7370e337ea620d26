/**
 * Which process owns a number's socket. The owner holds a lease with a fencing token; every write
 * of its keys carries the token, so a process that slept through its lease can do no harm even
 * before it notices.
 */
import type { Clock } from '../clock';
import { Emitter } from '../emitter';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Fence, Lease } from '../storage/roles';
import { Validity, type Moment } from './validity';

/** A killed owner is replaced after this much. */
const TTL_MS = 10_000;
/** Where there is nobody else it lasts: a process that was held up would only lose it to itself. */
const ALONE_TTL_MS = 7 * 24 * 3600_000;
const RENEW_MS = 2_500;
/** A renewal that failed is tried again this soon; the storage has waited for itself already. */
const AGAIN_MS = 500;
/** How often others look, in case that they missed a release. */
const LOOK_MS = 2_000;
/** A storage that is away does not hold up closing: the lease runs out by itself. */
const RELEASE_MS = 2_000;
/** The lease of a dead owner is asked for this much after its end. */
const AFTER_END_MS = 20;

export type OwnershipState =
	{ name: 'none' } | { name: 'held'; fence: Fence } | { name: 'elsewhere'; holder: string };

export interface OwnershipDeps {
	lease: Lease;
	/** Whether other processes may want the number, too. */
	shared: boolean;
	/** Names this process, readable for people: host, pid and a random part. */
	holder: string;
	clock: Clock;
	log: Log;
	/** The lease was gained: open the socket. */
	onGained(fence: Fence): Promise<void>;
	/** The lease is gone: close the socket, write nothing more. Must not throw. */
	onLost(): Promise<void>;
}

export class Ownership {
	private current: OwnershipState = { name: 'none' };
	private readonly changes = new Emitter<OwnershipState>();
	private readonly validity: Validity;
	private readonly ttlMs: number;
	private wanted = false;
	private anew?: Promise<void>;
	/** Why the last look told nothing. */
	private failure?: LinkedError;
	private cancelTimer: () => void = () => {};
	private cancelExpiry: () => void = () => {};
	private offRelease?: () => void;
	/** Looks and renewals run one after another. */
	private turn: Promise<void> = Promise.resolve();
	/** What is left of a lost tenure is cleared away before the next begins. */
	private clearing: Promise<void> = Promise.resolve();

	constructor(private readonly deps: OwnershipDeps) {
		this.validity = new Validity(deps.clock);
		this.ttlMs = deps.shared ? TTL_MS : ALONE_TTL_MS;
	}

	get state(): OwnershipState {
		// After a pause of the whole process no timer has run yet, but time has: say so at once.
		return this.current.name === 'held' && this.validity.left === 0
			? { name: 'none' }
			: this.current;
	}

	/** The proof for writes; undefined when this process is not the owner. */
	get fence(): Fence | undefined {
		const { state } = this;
		return state.name === 'held' ? state.fence : undefined;
	}

	onChange(listener: (state: OwnershipState) => void): () => void {
		return this.changes.on(listener);
	}

	/** Starts wanting the number. Resolves after the first look. */
	async want(): Promise<void> {
		if (!this.wanted) {
			this.wanted = true;
			this.offRelease = this.deps.lease.onRelease(() => void this.look());
			await this.look();
		}
	}

	/** Gives the number up. The caller has closed the socket and flushed. */
	async release(): Promise<void> {
		this.wanted = false;
		this.cancelTimer();
		this.offRelease?.();
		this.offRelease = undefined;
		const enough = new AbortController();
		const late = this.deps.clock.sleep(RELEASE_MS, enough.signal).catch(() => {});
		await Promise.race([this.turn, late]);
		const { fence } = this;
		this.cancelExpiry();
		this.set({ name: 'none' });
		const released = fence && this.deps.lease.release(fence);
		released?.catch((error: unknown) => {
			// It expires by itself.
			this.deps.log.warn('the lease could not be released', { error: errorName(error) });
		});
		await Promise.race([released, late]).catch(() => {});
		enough.abort();
	}

	/** The storage refused this fence: another process owns the number, whatever the clock says. */
	refused(fence: Fence): void {
		if (this.current.name === 'held' && this.current.fence.token === fence.token) this.lose();
	}

	/**
	 * Resolves when it is known who owns the number, or when the time is up.
	 * @throws LinkedError why it cannot be known
	 */
	async settled(timeoutMs: number, signal?: AbortSignal): Promise<OwnershipState> {
		const { clock } = this.deps;
		const end = clock.now() + timeoutMs;
		// What kept the last look from telling may have passed.
		if (this.failure && this.state.name === 'none') {
			const enough = new AbortController();
			const both = AbortSignal.any([enough.signal, ...(signal ? [signal] : [])]);
			await Promise.race([this.lookAnew(), clock.sleep(timeoutMs, both).catch(() => {})]);
			enough.abort();
		}
		const state = await this.changes.waitFor(
			() => this.state,
			() => {
				if (this.state.name !== 'none') return true;
				if (this.failure) throw this.failure;
				return false;
			},
			{ timeoutMs: Math.max(0, end - clock.now()), signal, clock },
		);
		return state ? this.state : { name: 'none' };
	}

	/** However many ask, one look more. */
	private async lookAnew(): Promise<void> {
		this.anew ??= this.look().finally(() => (this.anew = undefined));
		await this.anew;
	}

	private async look(): Promise<void> {
		this.turn = this.turn.then(() => this.step()).catch(() => {});
		await this.turn;
	}

	/**
	 * Erasing a storage takes the lease with it. It is taken anew in the same turn, before this process
	 * takes itself for replaced.
	 * @returns the new fence; undefined when it was lost meanwhile, or another process was faster
	 */
	async retake(erase: () => Promise<void>): Promise<Fence | undefined> {
		const taken = this.turn.then(async () => {
			await erase();
			// Erasing took longer than the lease: the next look begins anew.
			if (this.state.name !== 'held') return undefined;
			const asked = this.validity.now;
			const result = await this.deps.lease.acquire(this.deps.holder, this.ttlMs);
			if (!result.held) {
				this.lose();
				return undefined;
			}
			this.extend(asked);
			this.set({ name: 'held', fence: result.fence });
			return result.fence;
		});
		this.turn = taken.then(
			() => {},
			() => {},
		);
		return await taken;
	}

	private async step(): Promise<void> {
		if (!this.wanted) return;
		this.cancelTimer();
		let next: number;
		try {
			if (this.current.name === 'held' && this.validity.left === 0) this.lose();
			next =
				this.current.name === 'held' ? await this.renew(this.current.fence) : await this.acquire();
			this.failure = undefined;
		} catch (error) {
			next = this.current.name === 'held' ? AGAIN_MS : LOOK_MS;
			this.onFailure(LinkedError.from(error));
		}
		if (!this.wanted) return;
		this.cancelTimer();
		this.cancelTimer = this.deps.clock.after(next, () => void this.look());
	}

	/** Returns when to look again. */
	private async renew(fence: Fence): Promise<number> {
		const asked = this.validity.now;
		const renewed = await this.deps.lease.renew(fence, this.ttlMs);
		// Lost meanwhile: the answer came too late to be of use.
		if (this.fence?.token !== fence.token) return 0;
		if (renewed) this.extend(asked);
		else this.lose();
		return renewed ? RENEW_MS : 0;
	}

	/** Returns when to look again. */
	private async acquire(): Promise<number> {
		await this.clearing;
		const asked = this.validity.now;
		const result = await this.deps.lease.acquire(this.deps.holder, this.ttlMs);
		if (!result.held) {
			if (this.current.name !== 'elsewhere' || this.current.holder !== result.holder) {
				this.set({ name: 'elsewhere', holder: result.holder });
			}
			return Math.min(LOOK_MS, result.expiresInMs + AFTER_END_MS);
		}
		this.extend(asked);
		if (this.validity.left === 0) return 0;
		this.set({ name: 'held', fence: result.fence });
		// Not awaited: opening a socket may take longer than the lease lives.
		void this.deps.onGained(result.fence).catch((error: unknown) => {
			this.deps.log.error('the number could not be started', { error: errorName(error) });
		});
		return RENEW_MS;
	}

	/** The lease lasts from the moment it was asked for, as nobody knows when Redis heard it. */
	private extend(asked: Moment): void {
		this.validity.last(asked, this.ttlMs);
		this.watchEnd();
	}

	/** A renewal that hangs must not keep the end from being noticed. */
	private watchEnd(): void {
		this.cancelExpiry();
		this.cancelExpiry = this.deps.clock.after(this.validity.left, () => {
			if (this.current.name !== 'held') return;
			if (this.validity.left > 0) this.watchEnd();
			else this.lose();
		});
	}

	private lose(): void {
		this.cancelExpiry();
		this.set({ name: 'none' });
		this.deps.log.warn('another process may own this number now; its socket here is closed');
		this.clearing = this.deps.onLost();
		if (!this.wanted) return;
		this.cancelTimer();
		this.cancelTimer = this.deps.clock.after(0, () => void this.look());
	}

	private onFailure(failure: LinkedError): void {
		if (!this.failure) {
			this.deps.log.warn('it cannot be told who owns this number', {
				code: failure.code,
				error: errorName(failure.cause ?? failure),
			});
		}
		this.failure = failure;
		// Whoever waits is told.
		this.changes.emit(this.state);
	}

	private set(state: OwnershipState): void {
		this.current = state;
		this.changes.emit(state);
	}
}
