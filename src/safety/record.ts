/** What happens, written into what is known. These change the facts they are given, nothing else. */
import { begins, countsUnanswered, lineOf, weightOf } from './relation';
import {
	DAY,
	dayOf,
	HOUR,
	REPLY_WINDOW,
	UNANSWERED_WINDOW,
	type AccountFacts,
	type Ask,
	type Limits,
	type PersonFacts,
} from './types';

const UNANSWERED_KEPT = 50;
const IDS_KEPT = 5;
/** A person who is refused again and again is left alone this long at most. */
const LONGEST_REST = 7 * DAY;
/** Each further refusal in a row makes the rest this many times longer. */
const REST_GROWS = 3;
/** When even answers are refused to several people, everything to people stops for this long. */
const ALL_REST = HOUR;
/** Begun conversations count for a day, unanswered messages for thirty. */
const REFUSED_KEPT = DAY;

export const noAccount = (now: number): AccountFacts => ({
	linkedAt: now,
	backAt: 0,
	last: {
		reply: { at: 0, dice: 0 },
		known: { at: 0, dice: 0 },
		new: { at: 0, dice: 0 },
	},
	begun: [],
	unansweredByDay: {},
	refused: [],
	told: {},
	pausedUntil: 0,
	allPausedUntil: 0,
});

/** What one message took up, so that it can be given back when it was not sent after all. */
export interface Taken {
	at: number;
	begins: boolean;
	unanswered: boolean;
	/** @param attempted WhatsApp refused it as a new chat: then the attempt counts as one */
	giveBack(attempted?: boolean): void;
}

/** A message goes out, or somebody is brought into a group. @param dice 0 to 1, for the pause after it */
export function take(
	account: AccountFacts,
	person: PersonFacts,
	ask: Ask,
	{ id, at, dice }: { id: string; at: number; dice: number },
): Taken {
	const line = lineOf(ask, person, at);
	const beginning = begins(ask, person, at);
	const unanswered = countsUnanswered(ask, person);
	const touches = ask.act !== 'amend' && !ask.continued;
	const writes = touches && ask.act === 'message';
	const before = { outAt: person.outAt, begunAt: person.begunAt };
	const day = dayOf(at);
	if (ask.act !== 'amend' && at >= account.last[line].at) account.last[line] = { at, dice };
	prune(account, at);
	const begun = { at, weight: weightOf(person) };
	if (beginning) {
		account.begun.push(begun);
		account.begun.sort((a, b) => a.at - b.at);
		person.begunAt = at;
	}
	if (writes) person.unanswered = [...person.unanswered, at].slice(-UNANSWERED_KEPT);
	if (touches) person.outAt = Math.max(person.outAt, at);
	if (unanswered) add(account.unansweredByDay, day, 1);
	person.lastIds = [...person.lastIds, id].slice(-IDS_KEPT);
	return {
		at,
		begins: beginning,
		unanswered,
		giveBack(attempted = false) {
			if (!attempted) account.begun = account.begun.filter((each) => each !== begun);
			person.lastIds = person.lastIds.filter((each) => each !== id);
			if (touches && person.outAt === at) Object.assign(person, before);
			if (!writes || !person.unanswered.includes(at)) return;
			person.unanswered.splice(person.unanswered.lastIndexOf(at), 1);
			// Their first message may have settled it meanwhile.
			if (unanswered && person.inAt === 0) add(account.unansweredByDay, day, -1);
		},
	};
}

/** What was open with a person and is settled by their first message. */
export interface Settled {
	/** When the messages were sent that are answered now for the first time. */
	answered: number[];
	/** When the conversation was begun that they take up; 0 = none was. */
	begunAt: number;
}

/** A person wrote, or somebody in a group. */
export function hear(account: AccountFacts, person: PersonFacts, at: number): Settled {
	const first = person.inAt === 0;
	const settled: Settled = { answered: first ? person.unanswered : [], begunAt: person.begunAt };
	if (first) for (const each of person.unanswered) add(account.unansweredByDay, dayOf(each), -1);
	person.inAt = Math.max(person.inAt, at);
	person.begunAt = 0;
	person.unanswered = person.unanswered.filter((each) => each > at);
	// They want to hear from this number: one more try.
	if (person.pausedUntil > 0) person.pausedUntil = 0;
	return settled;
}

/** WhatsApp refused a message to a person (463). Returns whether that made the account rest. */
export function refuse(
	account: AccountFacts,
	person: PersonFacts,
	limits: Pick<Limits, 'refusedHours' | 'refusedPeople'>,
	who: string,
	now: number,
): boolean {
	person.refusals += 1;
	const rest = limits.refusedHours * HOUR * REST_GROWS ** (person.refusals - 1);
	person.pausedUntil = now + Math.min(LONGEST_REST, rest);
	prune(account, now);
	const reply = person.inAt > 0 && now - person.inAt <= REPLY_WINDOW;
	account.refused = [
		...account.refused.filter((each) => each.who !== who),
		{ who, at: now, reply },
	];
	const people = account.refused.length;
	const answered = account.refused.filter((each) => each.reply).length;
	if (answered >= limits.refusedPeople) account.allPausedUntil = now + ALL_REST;
	if (people < limits.refusedPeople) return false;
	account.pausedUntil = now + limits.refusedHours * HOUR;
	return true;
}

/** WhatsApp took a message to a person. */
export function accept(person: PersonFacts): void {
	person.refusals = 0;
	person.pausedUntil = 0;
}

/** Drops what is too old to count. */
export function prune(account: AccountFacts, now: number): void {
	account.begun = account.begun.filter(({ at }) => at > now - DAY);
	account.refused = account.refused.filter(({ at }) => at > now - REFUSED_KEPT);
	const oldest = dayOf(now - UNANSWERED_WINDOW - DAY);
	for (const day of Object.keys(account.unansweredByDay)) {
		if (day < oldest) delete account.unansweredByDay[day];
	}
}

function add(byDay: Record<string, number>, day: string, by: number): void {
	const count = (byDay[day] ?? 0) + by;
	if (count > 0) byDay[day] = count;
	else delete byDay[day];
}
