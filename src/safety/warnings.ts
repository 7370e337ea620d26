/** What the owner of the number should hear of before WhatsApp acts, each once in a while. */
import type { AccountChange, AccountWarning } from '../events/types';
import type { Book } from './book';
import { limitsNow } from './limits';
import { countedDays } from './rules';
import { HOUR, type Cap, type CapLevel, type Decision, type Limits } from './types';

/** So many new conversations of a week say something about answers. */
const ENOUGH = 10;
const FEW_ANSWERS = 0.2;
const MANY_UNANSWERED = 0.8;

const ADVICE = {
	slower:
		'Begin fewer conversations for a while, and write to people who answer or have written first.',
	stop: 'Begin no new conversations until it is over; answering people who write is fine.',
	wait: 'Do not write to this person again. Ask them to write to this number first.',
	limits: 'Nothing has to be done. If it is in the way, change the limits in the credential.',
} as const;

const LEVEL: Readonly<Record<CapLevel, number>> = {
	NONE: 0,
	FIRST_WARNING: 1,
	SECOND_WARNING: 2,
	CAPPED: 3,
};

export interface WarningsDeps {
	book: Book;
	limits(): Limits;
	warn(warning: AccountWarning): void;
	changed(change: AccountChange): void;
	now(): number;
}

export class Warnings {
	constructor(private readonly deps: WarningsDeps) {}

	/** WhatsApp told its cap. */
	cap(before: Cap | undefined, cap: Cap): void {
		const was = LEVEL[before?.level ?? 'NONE'];
		const is = LEVEL[cap.level];
		const at = this.deps.now();
		if (is === LEVEL.CAPPED && was < is) {
			this.deps.changed({
				kind: 'restricted',
				at,
				reason: 'capped',
				explanation:
					'This number has used up the messages to new chats that WhatsApp allows; existing chats go on.',
				nextTry: cap.cycleEnds,
			});
		} else if (was === LEVEL.CAPPED && is < was) {
			this.lifted('This number may write to new chats again.');
		} else if (is > was) {
			this.warn(
				'cap',
				'WhatsApp warns: many messages of this number go to people who do not answer.',
				ADVICE.slower,
			);
		}
	}

	/** WhatsApp refused a message to somebody. @param rests several were refused, so the account rests */
	refused(rests: boolean): void {
		const { book } = this.deps;
		if (rests) {
			if (!book.tellsAnew('refused-several', HOUR)) return;
			this.deps.changed({
				kind: 'restricted',
				at: this.deps.now(),
				reason: 'refused',
				explanation:
					'WhatsApp refused messages to several people (463). Nothing new is begun for a while.',
				nextTry: book.account.pausedUntil,
			});
			return;
		}
		if (!book.tellsAnew('refused', HOUR)) return;
		this.warn('refused', 'WhatsApp refused a message to a person (463).', ADVICE.wait);
	}

	/** A message was held back. */
	held({ rule, of, because }: Exclude<Decision, { kind: 'go' }>, until: number | null): void {
		if (of !== 'limit' || !this.deps.book.tellsAnew(`limit:${rule}`)) return;
		this.warn('limit', because, ADVICE.limits, { rule, until });
	}

	/** Something was sent: how do people take it? */
	sent(): void {
		const { book } = this.deps;
		const now = this.deps.now();
		const { begun, answered } = book.tally.lastDays(7, now);
		if (begun >= ENOUGH && answered / begun < FEW_ANSWERS && book.tellsAnew('few-answers')) {
			this.warn(
				'few-answers',
				`Of ${begun} conversations that were begun in 7 days ${answered} were answered.`,
				ADVICE.slower,
			);
		}
		const limit = limitsNow(this.deps.limits(), book.account, now).unansweredTotal;
		const open = countedDays(book.account.unansweredByDay, now).reduce(
			(sum, [, count]) => sum + count,
			0,
		);
		if (open >= limit * MANY_UNANSWERED && open > 0 && book.tellsAnew('many-unanswered')) {
			this.warn(
				'many-unanswered',
				`${open} messages of the last 30 days went to people who have never answered; the limit is ${limit}.`,
				ADVICE.slower,
			);
		}
	}

	private lifted(explanation: string): void {
		this.deps.changed({
			kind: 'restricted',
			at: this.deps.now(),
			reason: 'lifted',
			explanation,
			nextTry: null,
		});
	}

	private warn(
		reason: AccountWarning['reason'],
		explanation: string,
		advice: string,
		more: { rule?: string; until?: number | null } = {},
	): void {
		const { cap } = this.deps.book.account;
		this.deps.warn({
			reason,
			explanation,
			advice,
			at: this.deps.now(),
			rule: more.rule ?? null,
			until: more.until ?? null,
			cap: cap
				? { level: cap.level, quota: cap.quota, used: cap.used, cycleEnds: cap.cycleEnds }
				: null,
		});
	}
}
