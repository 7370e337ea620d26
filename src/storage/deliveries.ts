/**
 * The rules by which a delivery changes, for the backends that run them here. The Redis backend runs
 * the same rules as a script inside Redis (redis/scripts.ts).
 */
import type { Delivery } from './roles';

type Held = Omit<Delivery, 'seq'>;

/** The delivery after `emitted`, or undefined when it stays as it is (stale, repeated or done). */
export function afterEmitted(
	held: Held | undefined,
	attempt: number,
	now: number,
): Held | undefined {
	if (held && (held.state === 'done' || held.attempt >= attempt)) return undefined;
	return { state: 'emitted', attempt, at: now };
}

export interface Claim {
	/** False when somebody else holds it, the attempt is stale, or it is done. */
	won: boolean;
	/** The delivery to store; missing when nothing changes (lost, or held before). */
	next?: Held;
}

/**
 * Decides a claim. A claim for an attempt that was never noted as emitted wins too: the note may have
 * been lost with the storage while the execution was already on its way.
 */
export function decideClaim(
	held: Held | undefined,
	attempt: number,
	by: { process: string; execution: string },
	now: number,
): Claim {
	if (held && (held.state === 'done' || held.attempt > attempt)) return { won: false };
	if (held && held.attempt === attempt && held.state === 'claimed') {
		return { won: held.process === by.process && held.execution === by.execution };
	}
	return { won: true, next: { state: 'claimed', attempt, ...by, at: now } };
}

export function afterDone(held: Held | undefined, now: number): Held | undefined {
	if (held?.state === 'done') return undefined;
	return { ...(held ?? { attempt: 1 }), state: 'done', at: now };
}
