import type { Fence, Lease, LeaseResult } from '../roles';
import type { Connection } from './connection';
import type { Names } from './names';
import { ACQUIRE, RELEASE, RENEW } from './scripts';
import type { RedisSignals } from './signals';

/** The lease, timed by the clock of the Redis server so that clocks of processes do not matter. */
export class RedisLease implements Lease {
	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly signals: RedisSignals,
	) {}

	async acquire(holder: string, ttlMs: number): Promise<LeaseResult> {
		const [token, by, left] = (await this.connection.script(
			ACQUIRE,
			[this.names.lease, this.names.leaseToken],
			[holder, String(Math.ceil(ttlMs))],
		)) as [Buffer, Buffer, Buffer | number];
		if (token.length > 0) return { held: true, fence: { token: Number(token) } };
		return { held: false, holder: by.toString(), expiresInMs: Math.max(0, Number(left)) };
	}

	async renew(fence: Fence, ttlMs: number): Promise<boolean> {
		const args = [String(fence.token), String(Math.ceil(ttlMs))];
		return (await this.connection.script(RENEW, [this.names.lease], args)) === 1;
	}

	async release(fence: Fence): Promise<void> {
		await this.connection.script(
			RELEASE,
			[this.names.lease, this.names.leaseReleased],
			[String(fence.token), this.names.channel],
		);
	}

	async holder(): Promise<string | undefined> {
		const { lease } = this.names;
		const reply = await this.connection.command(lease, ['HGET', lease, 'holder'], true);
		return reply === null ? undefined : String(reply);
	}

	onRelease(listener: () => void): () => void {
		return this.signals.onRelease(listener);
	}
}
