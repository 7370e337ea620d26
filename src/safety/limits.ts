/** The limits in force: a profile's numbers, less in the first days and after WhatsApp's warnings. */
import { DAY, type AccountFacts, type Cap, type CapLevel, type Limits } from './types';

/** What a freshly linked number may do, as a share of the whole. */
const FIRST_DAY = 0.3;

const WARNED: Readonly<Record<CapLevel, number>> = {
	NONE: 1,
	FIRST_WARNING: 0.5,
	SECOND_WARNING: 0.25,
	// What is capped has a rule of its own; this is for people whom it does not count.
	CAPPED: 0.25,
};

/** 0 stays 0, everything else at least 1. */
const scaled = (limit: number, share: number): number =>
	Number.isFinite(limit) && limit > 0 ? Math.max(1, Math.floor(limit * share)) : limit;

export function limitsNow(limits: Limits, account: AccountFacts, now: number): Limits {
	const share = warmth(limits, account, now) * warned(account.cap, now);
	if (share === 1) return limits;
	return {
		...limits,
		newPerHour: scaled(limits.newPerHour, share),
		newPerDay: scaled(limits.newPerDay, share),
		unansweredTotal: scaled(limits.unansweredTotal, share),
		sameText: scaled(limits.sameText, share),
	};
}

/** From FIRST_DAY at linking to 1 when the warm-up is over. */
export function warmth({ warmUpDays }: Limits, { linkedAt }: AccountFacts, now: number): number {
	if (warmUpDays <= 0) return 1;
	const age = Math.max(0, now - linkedAt) / (warmUpDays * DAY);
	return Math.min(1, FIRST_DAY + (1 - FIRST_DAY) * age);
}

function warned(cap: Cap | undefined, now: number): number {
	if (!cap || (cap.cycleEnds ?? cap.at + DAY) <= now) return 1;
	return WARNED[cap.level];
}
