/** The rules, one function each: undefined when it has nothing against the message. */
import { begins, isTrusted, lineOf, reachesOut, relationOf, weightOf } from './relation';
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
	type Rule,
	type RuleKind,
} from './types';

export interface Case {
	ask: Ask;
	person: PersonFacts;
	account: AccountFacts;
	/** As they are in force now, see limitsNow(). */
	limits: Limits;
	now: number;
}

export interface Objection {
	rule: Rule;
	of: RuleKind;
	because: string;
	/** From when on it has nothing against it; undefined = it is not a matter of time. */
	until?: number;
}

export type RuleOf = (given: Case) => Objection | undefined;

// What the owner of the number does not allow

export const guardrails: RuleOf = ({ ask, person, now }) => {
	const refuse = (rule: Rule, because: string): Objection => ({ rule, of: 'guardrail', because });
	if (ask.listed === false) {
		return refuse(
			'recipient-not-allowed',
			'This recipient is not on the list of allowed recipients.',
		);
	}
	if (ask.chat === 'self') return undefined;
	if (ask.onlyWroteFirst && person.inAt === 0) {
		return refuse(
			'recipient-not-allowed',
			'Only chats from which somebody wrote first are allowed, and nobody has written from this one.',
		);
	}
	if (ask.onlyReplies && !(person.inAt > 0 && now - person.inAt <= REPLY_WINDOW)) {
		return refuse(
			'only-replies',
			'Only answers are allowed, and nobody has written from this chat within the last 24 hours.',
		);
	}
	return undefined;
};

// What WhatsApp has said

export const refusedPerson: RuleOf = ({ person, now }) =>
	person.pausedUntil > now
		? {
				rule: 'refused-person',
				of: 'whatsapp',
				until: person.pausedUntil,
				because:
					'WhatsApp refused the last message to this person (463), so this person is left alone for a while, or until they write.',
			}
		: undefined;

export const refusedAccount: RuleOf = ({ ask, person, account, now }) => {
	if (ask.chat !== 'person') return undefined;
	const isReply = lineOf(ask, person, now) === 'reply';
	const until = isReply
		? account.allPausedUntil
		: Math.max(account.allPausedUntil, account.pausedUntil);
	if (until <= now) return undefined;
	return {
		rule: 'refused-account',
		of: 'whatsapp',
		until,
		because: 'WhatsApp refused messages to several people (463), so this number rests.',
	};
};

export const timelock: RuleOf = ({ ask, person, account, now }) => {
	const lock = account.timelock;
	if (!lock?.active || ask.chat !== 'person' || isTrusted(person, now)) return undefined;
	// Without an end it is asked about again soon.
	const until = lock.until ?? lock.at + HOUR;
	if (until <= now) return undefined;
	return {
		rule: 'timelock',
		of: 'whatsapp',
		until,
		because: 'WhatsApp does not let this number begin chats for now; existing chats go on.',
	};
};

export const capped: RuleOf = (given) => {
	const { ask, person, account, limits, now } = given;
	const { cap } = account;
	if (!cap || !reachesOut(ask, person)) return undefined;
	const until = cap.cycleEnds ?? cap.at + DAY;
	if (until <= now) return undefined;
	const { quota, used } = cap;
	const known = quota !== null && quota > 0 && used !== null;
	if (cap.level === 'CAPPED' || (known && used >= quota)) {
		return {
			rule: 'capped',
			of: 'whatsapp',
			until,
			because: 'This number has used up the messages to new chats that WhatsApp allows.',
		};
	}
	if (known && used >= Math.floor(quota * (1 - limits.capReserve))) {
		return {
			rule: 'cap-reserve',
			of: 'limit',
			until,
			because: `This number has used ${used} of the ${quota} messages to new chats that WhatsApp allows; the rest is kept in reserve.`,
		};
	}
	return undefined;
};

// What we think is safe

const newWithin =
	(rule: Rule, windowMs: number, name: string, limitOf: (limits: Limits) => number): RuleOf =>
	({ ask, person, account, limits, now }) => {
		if (!begins(ask, person, now)) return undefined;
		const limit = limitOf(limits);
		const weight = weightOf(person);
		const lately = account.begun.filter(({ at }) => at > now - windowMs);
		let sum = lately.reduce((total, each) => total + each.weight, ask.ahead ?? 0);
		if (sum + weight <= limit) return undefined;
		const because = `${shown(sum)} new conversations were begun in the last ${name}; the limit is ${shown(limit)} now.`;
		for (const each of lately) {
			sum -= each.weight;
			if (sum + weight <= limit) {
				return { rule, of: 'limit', because, until: each.at + windowMs };
			}
		}
		return { rule, of: 'limit', because };
	};

export const newPerHour = newWithin('new-per-hour', HOUR, 'hour', (each) => each.newPerHour);
export const newPerDay = newWithin('new-per-day', DAY, '24 hours', (each) => each.newPerDay);

export const unansweredPerson: RuleOf = ({ ask, person, limits, now }) => {
	if (!reachesOut(ask, person)) return undefined;
	const isContact = ['saved', 'established'].includes(relationOf(ask, person));
	const limit = isContact ? limits.unansweredPerContact : limits.unansweredPerPerson;
	const open = person.unanswered.filter((at) => at > now - UNANSWERED_WINDOW);
	if (open.length < limit) return undefined;
	const oldest = open[open.length - limit];
	return {
		rule: 'unanswered-person',
		of: 'limit',
		because: `This person has never answered and has ${open.length} messages from this number; the limit is ${limit}. It ends when they write.`,
		until: oldest === undefined ? undefined : oldest + UNANSWERED_WINDOW,
	};
};

export const unansweredTotal: RuleOf = ({ ask, person, account, limits, now }) => {
	if (!reachesOut(ask, person)) return undefined;
	const limit = limits.unansweredTotal;
	const days = countedDays(account.unansweredByDay, now);
	let sum = days.reduce((total, [, count]) => total + count, 0);
	if (sum < limit) return undefined;
	const because = `${sum} messages of the last 30 days went to people who have never answered; the limit is ${shown(limit)} now.`;
	for (const [day, count] of days) {
		sum -= count;
		if (sum < limit) {
			const until = Date.parse(day) + UNANSWERED_WINDOW;
			return { rule: 'unanswered-total', of: 'limit', because, until };
		}
	}
	return { rule: 'unanswered-total', of: 'limit', because };
};

/** The last thirty UTC days with what is still unanswered, oldest first. */
export function countedDays(
	byDay: Readonly<Record<string, number>>,
	now: number,
): Array<[day: string, count: number]> {
	const first = dayOf(now - UNANSWERED_WINDOW + DAY);
	return Object.entries(byDay)
		.filter(([day, count]) => day >= first && count > 0)
		.sort(([a], [b]) => (a < b ? -1 : 1));
}

export const sameText: RuleOf = ({ ask, person, limits, now }) => {
	if (ask.act === 'amend' || ask.continued || lineOf(ask, person, now) === 'reply')
		return undefined;
	if (ask.chat === 'self') return undefined;
	const limit = limits.sameText;
	const lately = ask.sameText.filter((at) => at > now - DAY);
	if (lately.length < limit) return undefined;
	const oldest = lately[lately.length - limit];
	return {
		rule: 'same-text',
		of: 'limit',
		because: `${lately.length} others got the same content in the last 24 hours; the limit is ${shown(limit)} now.`,
		until: oldest === undefined ? undefined : oldest + DAY,
	};
};

const shown = (value: number): string => String(Math.round(value * 10) / 10);
