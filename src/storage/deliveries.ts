/**
 * The rules by which a delivery changes, for the backends that run them here. The Redis backend runs
 * the same rules as a script inside Redis (redis/scripts.ts).
 */
import type { By, Delivery, Emission } from './roles';

type Held = Omit<Delivery, 'seq'>;

/** Decides who hands an event over; `next` is the delivery to store, missing when nothing changes. */
export function decideEmission(
	held: Held | undefined,
	attempt: number,
	by: By,
	over: number,
	now: number,
): { outcome: Emission; next?: Held } {
	if (held?.state === 'done') return { outcome: 'done' };
	if (held && held.attempt === attempt && held.state === 'emitted') {
		const same = held.process === by.process && held.execution === by.execution;
		return { outcome: same ? 'ours' : 'taken' };
	}
	if (held && held.attempt >= attempt) return { outcome: 'taken' };
	if (held?.state === 'claimed' && held.attempt > over) return { outcome: 'taken' };
	return { outcome: 'ours', next: { state: 'emitted', attempt, ...by, at: now } };
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
export function decideClaim(held: Held | undefined, attempt: number, by: By, now: number): Claim {
	if (held && (held.state === 'done' || held.attempt > attempt)) return { won: false };
	if (held && held.attempt === attempt && held.state === 'claimed') {
		return { won: held.process === by.process && held.execution === by.execution };
	}
	return { won: true, next: { state: 'claimed', attempt, ...by, at: now } };
}

/** Decides whether an attempt that has ended ends the event; a later one has it otherwise. */
export function decideDone(
	held: Held | undefined,
	attempt: number,
	now: number,
): { ended: boolean; next?: Held } {
	if (held?.state === 'done') return { ended: true };
	if (held && held.attempt > attempt) return { ended: false };
	return { ended: true, next: { ...(held ?? { attempt }), state: 'done', at: now } };
}
