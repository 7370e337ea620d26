/**
 * Tells this process what others did to an account: by messages of Redis, and by looking now and then,
 * because a message sent while the subscriber was away is lost.
 */
import { errorName, type Log } from '../../log';
import { Listeners } from '../listeners';
import type { Connection } from './connection';
import type { Names } from './names';
import { MISSED } from './scripts';

type Message =
	| [kind: 'a', last: string]
	| [kind: 'r', at: string]
	| [kind: 'c', id: string, trigger: string, seq: string];

/** A release in the ten seconds before is fresh, microseconds. */
const RECENT_US = 10_000_000;

export class RedisSignals {
	private readonly append: Listeners<[]>;
	private readonly claim: Listeners<[trigger: string, seq: string]>;
	private readonly release: Listeners<[]>;
	private stop?: () => void;
	/** What was last seen, to notice what was missed. */
	private inboxLast?: string;
	private released?: string;
	private lastClaim = '';
	/** Claims after `lastClaim` that were told already. */
	private readonly told = new Set<string>();
	private looking?: Promise<void>;
	private lookAgain = false;

	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly log: Log,
		private readonly pollMs: number,
	) {
		this.append = new Listeners(log);
		this.claim = new Listeners(log);
		this.release = new Listeners(log);
	}

	onAppend(listener: () => void): () => void {
		return this.add(this.append, listener);
	}

	onClaim(listener: (trigger: string, seq: string) => void): () => void {
		return this.add(this.claim, listener);
	}

	onRelease(listener: () => void): () => void {
		return this.add(this.release, listener);
	}

	/** Ends everything, whoever still listens. */
	close(): void {
		this.stop?.();
		this.stop = undefined;
	}

	private add<Args extends unknown[]>(
		listeners: Listeners<Args>,
		listener: (...args: Args) => void,
	): () => void {
		const remove = listeners.add(listener);
		this.stop ??= this.start();
		return () => {
			remove();
			if (this.append.size + this.claim.size + this.release.size === 0) this.close();
		};
	}

	private start(): () => void {
		const ends = [
			this.connection.listen(this.names.channel, (message) => this.hear(message)),
			// After each (re)subscription something may have been missed.
			this.connection.onGap.add(() => this.look()),
		];
		const timer = setInterval(() => this.look(), this.pollMs).unref();
		return () => {
			clearInterval(timer);
			for (const end of ends) end();
		};
	}

	private hear(text: string): void {
		const message = JSON.parse(text) as Message;
		switch (message[0]) {
			case 'a':
				this.tellAppend(message[1]);
				break;
			case 'r':
				this.tellRelease(message[1]);
				break;
			case 'c':
				this.tellClaim(message[1], message[2], message[3]);
				break;
		}
	}

	private tellAppend(last: string): void {
		if (last === this.inboxLast) return;
		this.inboxLast = last;
		this.append.emit();
	}

	private tellRelease(at: string): void {
		if (at === this.released) return;
		this.released = at;
		this.release.emit();
	}

	private tellClaim(id: string, trigger: string, seq: string): void {
		if (this.told.has(id) || !isAfter(id, this.lastClaim)) return;
		this.told.add(id);
		this.claim.emit(trigger, seq);
	}

	private look(): void {
		if (this.looking) {
			this.lookAgain = true;
			return;
		}
		this.looking = this.lookNow()
			.catch((error: unknown) => {
				this.log.debug('looking for missed messages failed', { error: errorName(error) });
			})
			.finally(() => {
				this.looking = undefined;
				if (!this.lookAgain) return;
				this.lookAgain = false;
				if (this.stop) this.look();
			});
	}

	private async lookNow(): Promise<void> {
		const { inboxLast, leaseReleased, claims } = this.names;
		const reply = (await this.connection.script(
			MISSED,
			[inboxLast, leaseReleased, claims],
			[this.lastClaim],
		)) as Buffer[];
		const [now = '', last = '', released = '', ...found] = reply.map(String);
		this.tellAppend(last);
		// The first look tells about a fresh release too: it may have come between the call that added
		// the listener and the subscription. An older one is of no interest.
		if (this.released === undefined && Number(now) - Number(released) > RECENT_US) {
			this.released = released;
		} else this.tellRelease(released);
		for (let at = 0; at + 2 < found.length; at += 3) {
			const [id = '', trigger = '', seq = ''] = found.slice(at, at + 3);
			this.tellClaim(id, trigger, seq);
			this.lastClaim = id;
		}
		for (const id of this.told) if (!isAfter(id, this.lastClaim)) this.told.delete(id);
	}
}

/** Compares ids of a stream, `milliseconds-count`. */
function isAfter(id: string, other: string): boolean {
	const [ms = 0, count = 0] = id.split('-').map(Number);
	const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
	return ms !== otherMs ? ms > otherMs : count > otherCount;
}
