/**
 * The lease of backends that live in one process: a registry with the semantics of the Redis lease
 * (expiry, fencing tokens that only grow), so that session and ownership need not know the backend.
 */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { AccountSignals } from './listeners';
import type { Fence, Lease, LeaseResult } from './roles';

export class LocalLease implements Lease {
	private held?: { holder: string; token: number; until: number };
	private lastToken = 0;

	constructor(
		private readonly clock: Clock,
		private readonly signals: AccountSignals,
	) {}

	/**
	 * Refuses a write whose fence is not the current one.
	 * @throws LinkedError `lease-lost`
	 */
	check(fence: Fence | undefined): void {
		if (fence && this.current()?.token !== fence.token) throw new LinkedError('lease-lost');
	}

	async acquire(holder: string, ttlMs: number): Promise<LeaseResult> {
		const now = this.clock.now();
		const current = this.current();
		if (current && current.holder !== holder) {
			return { held: false, holder: current.holder, expiresInMs: current.until - now };
		}
		// Time as the start keeps tokens growing over restarts without storing them.
		this.lastToken = current?.token ?? Math.max(this.lastToken + 1, Math.floor(now * 1000));
		this.held = { holder, token: this.lastToken, until: now + ttlMs };
		return { held: true, fence: { token: this.lastToken } };
	}

	async renew(fence: Fence, ttlMs: number): Promise<boolean> {
		const current = this.current();
		if (current?.token !== fence.token) return false;
		current.until = this.clock.now() + ttlMs;
		return true;
	}

	async release(fence: Fence): Promise<void> {
		if (this.current()?.token !== fence.token) return;
		this.drop();
	}

	async holder(): Promise<string | undefined> {
		return this.current()?.holder;
	}

	onRelease(listener: () => void): () => void {
		return this.signals.release.add(listener);
	}

	/** Ends the lease whoever holds it. */
	drop(): void {
		if (!this.held) return;
		this.held = undefined;
		this.signals.releaseSoon();
	}

	private current() {
		if (this.held && this.held.until <= this.clock.now()) this.held = undefined;
		return this.held;
	}
}
