/** One verdict in plain words, with advice, from what is counted and what WhatsApp says. */
import { CAREFUL } from './profiles';
import type { Counts } from './tally';
import type { AccountFacts, Limits } from './types';

export type Verdict = 'good' | 'caution' | 'danger' | 'restricted';

export interface Signals {
	account: AccountFacts;
	limits: Limits;
	week: Counts;
	month: Counts;
	/** Messages of the last 30 days to people who have never answered. */
	unanswered: number;
	now: number;
}

interface Finding {
	verdict: Verdict;
	says: string;
	advice: string;
}

const STOP = 'Begin no new conversations until it is over. Answering people who write is fine.';
const SLOWER =
	'Begin fewer conversations, and let people write first, for example with a link to this chat.';
const ASK =
	'Write to people who expect it, say in the first message who you are, and ask something they want to answer.';

/** Fewer say nothing about how people take it. */
const ENOUGH = 10;

export function verdictOf(signals: Signals): {
	verdict: Verdict;
	summary: string;
	advice: string[];
} {
	const findings = [...whatsapp(signals), ...counted(signals)];
	const order: Verdict[] = ['good', 'caution', 'danger', 'restricted'];
	const verdict = findings.reduce<Verdict>(
		(worst, each) => (order.indexOf(each.verdict) > order.indexOf(worst) ? each.verdict : worst),
		'good',
	);
	const worst = findings.filter((each) => each.verdict === verdict);
	return {
		verdict,
		summary:
			worst.length > 0
				? worst.map(({ says }) => says).join(' ')
				: 'Nothing points to a restriction.',
		advice: [...new Set(findings.map(({ advice }) => advice))],
	};
}

function whatsapp({ account, week, now }: Signals): Finding[] {
	const found: Finding[] = [];
	const { cap, timelock } = account;
	if (timelock?.active && (timelock.until ?? Infinity) > now) {
		found.push({
			verdict: 'restricted',
			says: 'WhatsApp does not let this number begin chats for now.',
			advice: STOP,
		});
	}
	const isCurrent = cap && (cap.cycleEnds ?? Infinity) > now;
	if (isCurrent && cap.level === 'CAPPED') {
		found.push({
			verdict: 'restricted',
			says: 'This number has used up the messages to new chats that WhatsApp allows.',
			advice: STOP,
		});
	}
	if (isCurrent && cap.level === 'SECOND_WARNING') {
		found.push({
			verdict: 'danger',
			says: 'WhatsApp has warned this number twice about messages to new chats.',
			advice: STOP,
		});
	}
	if (isCurrent && cap.level === 'FIRST_WARNING') {
		found.push({
			verdict: 'caution',
			says: 'WhatsApp has warned this number about messages to new chats.',
			advice: SLOWER,
		});
	}
	if (Math.max(account.pausedUntil, account.allPausedUntil) > now) {
		found.push({
			verdict: 'restricted',
			says: 'WhatsApp refused messages to several people, so this number rests.',
			advice: STOP,
		});
	} else if (week.restricted > 0) {
		const verdict = week.restricted > 2 ? 'danger' : 'caution';
		found.push({
			verdict,
			says: `WhatsApp refused ${week.restricted} messages as new chats in 7 days.`,
			advice: SLOWER,
		});
	}
	return found;
}

/** Measured by the Careful profile, whichever is chosen: the danger is the same. */
function counted({ week, month, unanswered }: Signals): Finding[] {
	const found: Finding[] = [];
	const replyRate = month.answered / Math.max(1, month.begun);
	if (month.begun >= ENOUGH && replyRate < 0.3) {
		found.push({
			verdict: month.begun >= 2 * ENOUGH && replyRate < 0.1 ? 'danger' : 'caution',
			says: `Of ${month.begun} conversations that were begun in 30 days ${month.answered} were answered.`,
			advice: ASK,
		});
	}
	if (unanswered >= 0.6 * CAREFUL.unansweredTotal) {
		found.push({
			verdict: unanswered >= 0.9 * CAREFUL.unansweredTotal ? 'danger' : 'caution',
			says: `${unanswered} messages of the last 30 days went to people who have never answered.`,
			advice: SLOWER,
		});
	}
	if (week.toPeople >= 2 * ENOUGH && week.delivered / week.toPeople < 0.7) {
		found.push({
			verdict: 'caution',
			says: 'Many messages of the last 7 days were not delivered: numbers may be wrong, or people have blocked this one.',
			advice: 'Check numbers with Contact > Check Number before writing to them.',
		});
	}
	return found;
}
