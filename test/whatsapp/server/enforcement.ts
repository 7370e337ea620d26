/**
 * A model of how WhatsApp restricts an account, in the spirit of what is known; the real rules and
 * numbers are not published. Assumed, and why:
 * - Messages to people who have never written count against a cap by cycle, a reply gives them back, and
 *   two warnings come first (WhatsApp's announcement of 2025; NewChatMessageCapInfo). The quota is made up.
 * - Too many new chats in an hour or a day, or several reports in a week, bring a timelock; each further one
 *   lasts longer, and trying while locked makes it longer (reports: 15 to 20 unsaved people a day; the
 *   comment in Baileys' handler of 463).
 * - People who have written are never refused (privacy tokens; WhatsApp's help).
 */
export interface EnforcementRules {
	/** Unanswered messages to new chats in a cycle. */
	quota: number;
	cycleMs: number;
	/** More new chats than these bring a timelock. */
	newPerHour: number;
	newPerDay: number;
	/** So many reports within a week, too. */
	reports: number;
	lockMs: number;
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

export const DEFAULT_RULES: EnforcementRules = {
	quota: 150,
	cycleMs: 30 * DAY,
	newPerHour: 15,
	newPerDay: 20,
	reports: 4,
	lockMs: DAY,
};

/** What the service knows of one account. */
export class Enforcement {
	private readonly answered = new Set<string>();
	private readonly unanswered = new Map<string, number>();
	private begun: number[] = [];
	private reports: number[] = [];
	private locks = 0;
	lockedUntil = 0;
	/** When the account was first locked or capped. */
	restrictedAt?: number;

	constructor(
		private cycleStart: number,
		readonly rules: EnforcementRules = DEFAULT_RULES,
	) {}

	/** A message to somebody; the code of a refusal, or undefined when it is delivered. */
	message(to: string, now: number): 463 | 475 | undefined {
		this.turnOver(now);
		if (this.answered.has(to)) return undefined;
		if (now < this.lockedUntil) {
			this.lockedUntil += HOUR;
			return 463;
		}
		if (this.used >= this.rules.quota) {
			this.restrictedAt ??= now;
			return 475;
		}
		if (!this.unanswered.has(to)) this.begun.push(now);
		this.unanswered.set(to, (this.unanswered.get(to) ?? 0) + 1);
		this.judge(now);
		return undefined;
	}

	/** They wrote to the account. */
	wrote(from: string): void {
		this.answered.add(from);
		this.unanswered.delete(from);
	}

	/** They reported it as unwanted. */
	report(now: number): void {
		this.reports.push(now);
		this.judge(now);
	}

	get used(): number {
		return [...this.unanswered.values()].reduce((sum, count) => sum + count, 0);
	}

	/** As the query for it answers. */
	cap(now: number) {
		this.turnOver(now);
		const { quota, cycleMs } = this.rules;
		const share = this.used / quota;
		const level =
			share >= 1
				? 'CAPPED'
				: share >= 0.85
					? 'SECOND_WARNING'
					: share >= 0.7
						? 'FIRST_WARNING'
						: 'NONE';
		return {
			total_quota: quota,
			used_quota: this.used,
			capping_status: level,
			cycle_start_timestamp: String(Math.floor(this.cycleStart / 1_000)),
			cycle_end_timestamp: String(Math.floor((this.cycleStart + cycleMs) / 1_000)),
		};
	}

	timelock(now: number): { active: boolean; until?: number } {
		return now < this.lockedUntil
			? { active: true, until: Math.floor(this.lockedUntil / 1_000) }
			: { active: false };
	}

	private turnOver(now: number): void {
		if (now - this.cycleStart < this.rules.cycleMs) return;
		this.cycleStart += this.rules.cycleMs;
		this.unanswered.clear();
	}

	private judge(now: number): void {
		const { newPerHour, newPerDay, reports, lockMs } = this.rules;
		this.begun = this.begun.filter((at) => at > now - DAY);
		this.reports = this.reports.filter((at) => at > now - 7 * DAY);
		const lastHour = this.begun.filter((at) => at > now - HOUR).length;
		const bad =
			lastHour > newPerHour || this.begun.length > newPerDay || this.reports.length >= reports;
		if (!bad || now < this.lockedUntil) return;
		this.locks += 1;
		this.lockedUntil = now + lockMs * 2 ** (this.locks - 1);
		this.restrictedAt ??= now;
		this.begun = [];
		this.reports = [];
	}
}
