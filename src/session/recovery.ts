/** After a connection has closed: whether to connect again, and when. Counts what came before. */
import { LinkedError } from '../errors';
import { backoffMs } from './backoff';
import { judge, REPLACED } from './disconnect';

/**
 * - `restart`: at once.
 * - `wait`: by itself after `ms`.
 * - `stop`: a person has to do something; where `ms` is given, it is tried again after that.
 */
export type Next =
	| { action: 'restart' }
	| { action: 'wait'; ms: number; error: LinkedError }
	| { action: 'stop'; ms?: number; error: LinkedError };

/** A connection that lasted this long was a good one: backoff starts anew. */
const STABLE_MS = 60_000;
/** After another program took the session, look again this much later; never at once. */
const REPLACED_RETRY_MS = 30 * 60_000;
/** A storage comes back by itself; WhatsApp is not knocked at while it is away. */
const STORAGE_RETRY_MS = 10_000;

export class Recovery {
	private attempt = 0;
	private refusals = 0;
	private lastStatus = 0;
	/** It was linked when it was last looked at. */
	wasLinked = false;

	/** @param random for tests: a fixed jitter */
	constructor(private readonly random?: () => number) {}

	/** True when it was not the first try that led to the connection. */
	get isRepeated(): boolean {
		return this.attempt > 0;
	}

	/** Why a number without a session has none, unless it never had one. Says so once. */
	whyUnlinked(): LinkedError | undefined {
		if (!this.wasLinked) return undefined;
		this.wasLinked = false;
		return new LinkedError('not-linked', {
			detail: 'Its session is gone from the storage; was the storage emptied?',
		});
	}

	/** A person asked to connect: what went wrong before does not count. */
	reset(): void {
		this.attempt = 0;
		this.refusals = 0;
	}

	/**
	 * @param error what the connection ended with
	 * @param wasOpenMs how long it had been open, 0 when it never was
	 */
	after(error: unknown, wasOpenMs: number): Next {
		const verdict = judge(error, this.refusals);
		this.refusals = verdict.status === this.lastStatus && wasOpenMs === 0 ? this.refusals + 1 : 0;
		this.lastStatus = verdict.status;
		if (wasOpenMs > STABLE_MS) this.attempt = 0;
		if (verdict.action === 'restart') return { action: 'restart' };
		if (verdict.action === 'stop') {
			const ms = verdict.status === REPLACED ? REPLACED_RETRY_MS : undefined;
			return { action: 'stop', error: verdict.error, ms };
		}
		return { action: 'wait', error: verdict.error, ms: this.waitMs(verdict.error) };
	}

	private waitMs({ code }: LinkedError): number {
		const backoff = backoffMs(++this.attempt, this.random);
		return code.startsWith('storage-') ? Math.min(backoff, STORAGE_RETRY_MS) : backoff;
	}
}
