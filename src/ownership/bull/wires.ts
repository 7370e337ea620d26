/** The connections of this process that carry commands; made when they are first needed. */
import { createNodeRedisClient, type IRedisClient } from 'bullmq';
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Log } from '../../log';
import { createQueueClient, type QueueClient } from '../../storage/redis/queueClient';
import type { RedisTarget } from '../../storage/settings';

/** A connection and BullMQ's view of it, shared by all queues: it loads its scripts once. */
export interface Wire {
	readonly client: QueueClient;
	readonly bull: IRedisClient;
}

/** How often the two clocks are compared. */
const COMPARE_MS = 5 * 60_000;
const COMPARE_PATIENCE_MS = 1_000;

export class Wires {
	/** What all keys of ours start with. */
	readonly prefix: string;
	private made: Partial<Record<'calm' | 'eager', Wire>> = {};
	/** How much Redis is ahead of this process, milliseconds. */
	private ahead = 0;
	private comparedAt = -Infinity;
	private comparing?: Promise<void>;

	constructor(
		private readonly target: RedisTarget,
		private readonly deps: { clock: Clock; log: Log },
	) {
		this.prefix = `${target.prefix}:commands`;
	}

	/** For the owner: what it asks of a Redis that is away is done when it is back. */
	get calm(): Wire {
		return (this.made.calm ??= this.make(true));
	}

	/** For callers: what cannot be asked now fails now. */
	get eager(): Wire {
		return (this.made.eager ??= this.make(false));
	}

	/** A time of this process as Redis's clock says it. */
	async toShared(time: number): Promise<number> {
		await this.compare();
		return time + this.ahead;
	}

	/** A time of Redis's clock as this process says it. */
	async fromShared(time: number): Promise<number> {
		await this.compare();
		return time - this.ahead;
	}

	/** What was asked through the connection for callers fails now; the next one gets another. */
	renewEager(): void {
		const { eager } = this.made;
		this.made.eager = undefined;
		eager?.client.destroy();
	}

	close(): void {
		for (const { client } of Object.values(this.made)) client.destroy();
		this.made = {};
	}

	private make(wait: boolean): Wire {
		const client = createQueueClient(this.target, wait);
		// Without a listener Node ends the process. Who waits for a command hears of it there.
		client.onError(() => {});
		return { client, bull: unheard(createNodeRedisClient(client.raw)) };
	}

	/** However many ask, one comparison: commands that wait for it go on in their order. */
	private async compare(): Promise<void> {
		const now = this.deps.clock.now();
		if (now - this.comparedAt < COMPARE_MS && now >= this.comparedAt) return;
		this.comparing ??= this.compareNow().finally(() => (this.comparing = undefined));
		await this.comparing;
	}

	private async tooLate(): Promise<undefined> {
		await new Promise<void>((resolve) => void this.deps.clock.after(COMPARE_PATIENCE_MS, resolve));
		return undefined;
	}

	private async compareNow(): Promise<void> {
		const { clock } = this.deps;
		const asked = clock.now();
		const wire = this.made.eager ?? this.made.calm;
		if (!wire?.client.ready) return;
		try {
			// An answer may never come, and commands wait for this.
			const theirs = await Promise.race([wire.client.time(), this.tooLate()]);
			const now = clock.now();
			if (theirs === undefined) return;
			// Differences that the way there and back can explain are none.
			const ahead = theirs - (asked + now) / 2;
			this.ahead = Math.abs(ahead) > Math.max(50, now - asked) ? ahead : 0;
			this.comparedAt = now;
		} catch {
			// The next one who asks compares.
		}
	}
}

/**
 * An error event that nobody listens to ends the process. BullMQ (6.7) takes its listener away when it
 * closes a connection, which then may still fail: those that it makes for blocking reads, too.
 */
function unheard(bull: IRedisClient): IRedisClient {
	bull.on('error', () => {});
	const duplicate = bull.duplicate.bind(bull);
	bull.duplicate = (...given) => unheard(duplicate(...given));
	return bull;
}

/** A queue name: its braces are the hash tag, so that in a cluster all keys of a queue are together. */
export const queueName = (kind: 'account' | 'process', name: string): string =>
	kind === 'account'
		? `{${name.replace(/[^\w-]/g, (letter) => `%${letter.codePointAt(0)?.toString(16)}`)}}`
		: `{to-${createHash('sha256').update(name).digest('base64url').slice(0, 22)}}`;
