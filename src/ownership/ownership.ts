/**
 * Which process owns a number's socket. The owner holds a lease with a fencing token; every write
 * of its keys carries the token, so a process that slept through its lease can do no harm even
 * before it notices.
 */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { Fence, Lease } from '../storage/roles';
import { Emitter } from '../emitter';

/** A killed owner is replaced after this at most (plus one look, LOOK_MS). */
const TTL_MS = 10_000;
const RENEW_MS = 2_500;
const LOOK_MS = 2_000;

export type OwnershipState =
	{ name: 'none' } | { name: 'held'; fence: Fence } | { name: 'elsewhere'; holder: string };

export interface OwnershipDeps {
	lease: Lease;
	/** Names this process, readable for people: host, pid and a random part. */
	holder: string;
	clock: Clock;
	log: Log;
	/** The lease was gained: open the socket. */
	onGained(): Promise<void>;
	/** The lease is gone: close the socket, write nothing more. Must not throw. */
	onLost(): Promise<void>;
}

export class Ownership {
	private current: OwnershipState = { name: 'none' };
	private readonly changes = new Emitter<OwnershipState>();
	private wanted = false;
	private cancelTimer: () => void = () => {};
	private offRelease?: () => void;
	private validUntil = 0;
	/** Looks and renewals run one after another. */
	private turn: Promise<void> = Promise.resolve();

	constructor(private readonly deps: OwnershipDeps) {}

	get state(): OwnershipState {
		// After a pause of the whole process no timer has run yet, but time has: say so at once.
		if (this.current.name === 'held' && this.deps.clock.now() >= this.validUntil) {
			return { name: 'none' };
		}
		return this.current;
	}

	/** The proof for writes; undefined when this process is not the owner. */
	get fence(): Fence | undefined {
		const { state } = this;
		return state.name === 'held' ? state.fence : undefined;
	}

	/** @throws LinkedError `lease-lost` when this process is not the owner. */
	assertHeld(): Fence {
		const { fence } = this;
		if (!fence) throw new LinkedError('lease-lost');
		return fence;
	}

	onChange(listener: (state: OwnershipState) => void): () => void {
		return this.changes.on(listener);
	}

	/** Starts wanting the number. Resolves after the first look. */
	async want(): Promise<void> {
		if (!this.wanted) {
			this.wanted = true;
			this.offRelease = this.deps.lease.onRelease(() => void this.look());
		}
		await this.look();
	}

	/** Gives the number up. The caller has closed the socket and flushed. */
	async release(): Promise<void> {
		this.wanted = false;
		this.cancelTimer();
		this.offRelease?.();
		this.offRelease = undefined;
		await this.turn;
		const { fence } = this;
		this.set({ name: 'none' });
		if (fence) {
			await this.deps.lease.release(fence).catch((error: unknown) => {
				// It expires by itself.
				this.deps.log.warn('the lease could not be released', { error: errorName(error) });
			});
		}
	}

	/** Resolves when it is known who owns the number. */
	async settled(timeoutMs: number): Promise<OwnershipState> {
		const state = await this.changes.waitFor(
			() => this.state,
			({ name }) => name !== 'none',
			{ timeoutMs, clock: this.deps.clock },
		);
		return state ?? this.state;
	}

	private async look(): Promise<void> {
		this.turn = this.turn.then(() => this.step()).catch(() => {});
		await this.turn;
	}

	private async step(): Promise<void> {
		if (!this.wanted) return;
		this.cancelTimer();
		const started = this.deps.clock.now();
		try {
			if (this.current.name === 'held') await this.renew(this.current.fence, started);
			else await this.acquire(started);
		} catch (error) {
			this.deps.log.warn('the lease could not be looked at', { error: errorName(error) });
			if (this.current.name === 'held' && this.deps.clock.now() >= this.validUntil) {
				await this.lost();
			}
		}
		if (!this.wanted) return;
		const held = this.current.name === 'held';
		// Near its end a lease that could not be renewed is tried more often.
		const wait = held
			? Math.max(200, Math.min(RENEW_MS, this.validUntil - this.deps.clock.now()))
			: LOOK_MS;
		this.cancelTimer = this.deps.clock.after(wait, () => void this.look());
	}

	private async renew(fence: Fence, started: number): Promise<void> {
		if (this.deps.clock.now() >= this.validUntil) {
			await this.lost();
			await this.acquire(this.deps.clock.now());
			return;
		}
		if (await this.deps.lease.renew(fence, TTL_MS)) this.validUntil = started + TTL_MS;
		else await this.lost();
	}

	private async acquire(started: number): Promise<void> {
		const result = await this.deps.lease.acquire(this.deps.holder, TTL_MS);
		if (!result.held) {
			if (this.current.name !== 'elsewhere' || this.current.holder !== result.holder) {
				this.set({ name: 'elsewhere', holder: result.holder });
			}
			return;
		}
		this.validUntil = started + TTL_MS;
		this.set({ name: 'held', fence: result.fence });
		// Not awaited: opening a socket may take longer than the lease lives.
		void this.deps.onGained().catch((error: unknown) => {
			this.deps.log.error('the number could not be started', { error: errorName(error) });
		});
	}

	private async lost(): Promise<void> {
		this.set({ name: 'none' });
		this.deps.log.warn('another process may own this number now; its socket here is closed');
		await this.deps.onLost();
	}

	private set(state: OwnershipState): void {
		this.current = state;
		this.changes.emit(state);
	}
}
