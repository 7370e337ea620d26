/**
 * Claims are told before they are committed, so the next event of a chat is on its way by then. When
 * the storage refuses one after all (a full disk), those of later events wait until it was asked for
 * again: their workflows must not begin first.
 */
import { LinkedError } from '../../errors';
import type { Track } from './tracks';

/** An execution asks no longer than this (src/claims.ts); it is handed over anew then. */
const ASKED_MS = 60_000;

export class ClaimOrder {
	/** By trigger: the events, and until when they are waited for. */
	private readonly refused = new Map<string, Map<string, number>>();

	/** The claim of this event was told and then not stored. */
	refuse(trigger: string, seq: string, now: number): void {
		const events = this.refused.get(trigger) ?? new Map<string, number>();
		this.refused.set(trigger, events.set(seq, now + ASKED_MS));
	}

	/** @throws LinkedError to be tried again later, when one before this event is not stored */
	check(trigger: string, track: Track, seq: string, now: number): void {
		for (const [each, until] of this.refused.get(trigger) ?? []) {
			if (isClaimed(track, each) || now > until) this.forget(trigger, each);
			else if (each < seq) throw new LinkedError('storage-unreachable');
		}
	}

	private forget(trigger: string, seq: string): void {
		const events = this.refused.get(trigger);
		events?.delete(seq);
		if (events?.size === 0) this.refused.delete(trigger);
	}
}

/** Whether an execution has this event, or has ended it. */
export const isClaimed = (track: Track, seq: string): boolean =>
	track.isPassed(seq) || (track.open.get(seq)?.state ?? 'emitted') !== 'emitted';
