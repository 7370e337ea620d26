/** How the number stands: counts and rates over a day, a week and a month, and what they mean. */
import type { JsonObject } from '../operations/types';
import { limitsNow } from './limits';
import { countedDays } from './rules';
import type { Counts, Tally } from './tally';
import { DAY, HOUR, type AccountFacts, type SafetySettings } from './types';
import { verdictOf, type Signals } from './verdict';

/** Shown on the picture and counted for the month. */
export const DAYS = 30;

export interface ReportInput {
	account: AccountFacts;
	tally: Tally;
	settings: SafetySettings;
	now: number;
}

/** A share from 0 to 1 with two digits; null where there is nothing to compare. */
const rate = (part: number, whole: number): number | null =>
	whole > 0 ? Math.round(100 * Math.min(1, part / whole)) / 100 : null;

export const iso = (at: number | null | undefined): string | null =>
	at !== null && at !== undefined && Number.isFinite(at) ? new Date(at).toISOString() : null;

/** Counts as people read them. */
export function periodOf(counts: Counts): JsonObject {
	return {
		sentToPeople: counts.toPeople,
		sentToGroups: counts.toGroups,
		answers: counts.replies,
		writtenOnPhone: counts.byPhone,
		received: counts.received,
		newConversations: counts.begun,
		newConversationsAnswered: counts.answered,
		replyRate: rate(counts.answered, counts.begun),
		unanswered: counts.unanswered,
		unansweredShare: rate(counts.unanswered, counts.toPeople),
		deliveredRate: rate(counts.delivered, counts.toPeople),
		readRate: rate(counts.read, counts.toPeople),
		failed: counts.failed,
		refusedByWhatsApp: counts.restricted,
		heldBack: counts.held,
		sentOverLimit: counts.over,
	};
}

export function signalsOf({ account, tally, settings, now }: ReportInput): Signals {
	const limits = limitsNow(settings.limits, account, now);
	const days = countedDays(account.unansweredByDay, now);
	return {
		account,
		limits,
		week: tally.lastDays(7, now),
		month: tally.lastDays(DAYS, now),
		unanswered: days.reduce((sum, [, count]) => sum + count, 0),
		now,
	};
}

/** Safety > Get Report, without the picture. */
export function reportOf(input: ReportInput): JsonObject {
	const { account, tally, settings, now } = input;
	const signals = signalsOf(input);
	const { limits } = signals;
	const { cap, timelock } = account;
	const since = (ms: number) =>
		account.begun.filter(({ at }) => at > now - ms).reduce((sum, { weight }) => sum + weight, 0);
	const used = (name: string, count: number, limit: number): JsonObject => ({
		name,
		used: count,
		limit: Number.isFinite(limit) ? limit : null,
	});
	return {
		...verdictOf(signals),
		profile: settings.profile,
		last24Hours: periodOf(tally.lastHours(24, now)),
		last7Days: periodOf(signals.week),
		last30Days: periodOf(signals.month),
		limits: [
			used('newConversationsPerHour', since(HOUR), limits.newPerHour),
			used('newConversationsPerDay', since(DAY), limits.newPerDay),
			used('unansweredIn30Days', signals.unanswered, limits.unansweredTotal),
		],
		cap: cap
			? {
					level: cap.level,
					quota: cap.quota,
					used: cap.used,
					cycleEnds: iso(cap.cycleEnds),
					asOf: iso(cap.at),
				}
			: null,
		timelock: timelock
			? { active: timelock.active, until: iso(timelock.until), asOf: iso(timelock.at) }
			: null,
		restsUntil: iso(
			Math.max(account.pausedUntil, account.allPausedUntil) > now
				? Math.max(account.pausedUntil, account.allPausedUntil)
				: null,
		),
		linkedSince: iso(account.linkedAt),
		days: tally.byDay(DAYS, now).map(({ at, counts }) => ({
			day: new Date(at).toISOString().slice(0, 10),
			toPeople: counts.toPeople,
			answers: counts.replies,
			newConversations: counts.begun,
			unanswered: counts.unanswered,
			refused: counts.restricted,
		})),
	};
}
