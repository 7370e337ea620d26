/** What the service restricts an account in, and how it tells: reach-out timelock and message cap. */
import type { Account } from './accounts';
import { DEFAULT_RULES, Enforcement, type EnforcementRules } from './enforcement';
import type { Mex } from './mex';
import { el } from './nodes';
import type { Service } from './service';

/** The account may not write to people who did not write to it first. */
export interface Timelock {
	active: boolean;
	/** Seconds since the epoch. */
	until?: number;
	/** `DEFAULT`, `WEB_COMPANION_ONLY` and others; unknown ones exist. */
	type?: string;
}

/** How many new chats an account may begin. Names as in the query's answer. */
export interface MessageCap {
	total_quota: number;
	used_quota: number;
	/** `NONE`, `FIRST_WARNING`, `SECOND_WARNING`, `CAPPED`. */
	capping_status: string;
	/** Seconds since the epoch, as text. */
	cycle_start_timestamp: string | null;
	cycle_end_timestamp: string | null;
	[more: string]: unknown;
}

const NO_CAP: MessageCap = {
	total_quota: 1000,
	used_quota: 0,
	capping_status: 'NONE',
	cycle_start_timestamp: null,
	cycle_end_timestamp: null,
	server_sent_timestamp: null,
	ote_status: 'NOT_ELIGIBLE',
	mv_status: 'NOT_ELIGIBLE',
};

export class Limits {
	private readonly timelocks = new Map<Account, Timelock>();
	private readonly caps = new Map<Account, MessageCap>();
	private readonly enforced = new Map<Account, Enforcement>();

	constructor(
		private readonly service: Service,
		mex: Mex,
	) {
		mex.set('xwa2_fetch_account_reachout_timelock', (_variables, { account }) =>
			timelockJson(this.timelock(account)),
		);
		mex.set('xwa2_message_capping_info', (_variables, { account }) => this.cap(account));
	}

	timelock(account: Account): Timelock | undefined {
		return this.timelocks.get(account) ?? this.enforced.get(account)?.timelock(this.service.now());
	}

	/** From now on the account is judged by what it sends and to whom. */
	enforce(account: Account, rules: Partial<EnforcementRules> = {}): Enforcement {
		const enforcement = new Enforcement(this.service.now(), { ...DEFAULT_RULES, ...rules });
		this.enforced.set(account, enforcement);
		return enforcement;
	}

	/** A message from person to person; the code of a refusal. */
	judge(sender: Account, recipient: Account): number | undefined {
		const back = this.enforced.get(recipient);
		if (back) {
			this.watching(recipient, () => back.wrote(sender.lid));
		}
		const mine = this.enforced.get(sender);
		if (!mine) return undefined;
		return this.watching(sender, () => mine.message(recipient.lid, this.service.now()));
	}

	private cap(account: Account): MessageCap {
		const enforced = this.enforced.get(account)?.cap(this.service.now());
		return this.caps.get(account) ?? { ...NO_CAP, ...enforced };
	}

	/** Tells the account's devices when something has changed for them. */
	private watching<T>(account: Account, step: () => T): T {
		const stand = () => [this.cap(account).capping_status, this.timelock(account)?.active];
		const [level, locked] = stand();
		const result = step();
		const [nowLevel, nowLocked] = stand();
		if (nowLevel !== level) this.tellCap(account);
		if (nowLocked !== locked) this.tellTimelock(account);
		return result;
	}

	/** Sets it and tells the account's devices. */
	setTimelock(account: Account, timelock: Timelock): void {
		this.timelocks.set(account, timelock);
		this.tellTimelock(account);
	}

	setCap(account: Account, cap: Partial<MessageCap>): void {
		this.caps.set(account, { ...NO_CAP, ...cap });
		this.tellCap(account);
	}

	private tellTimelock(account: Account): void {
		this.notify(account, 'NotificationUserReachoutTimelockUpdate', {
			xwa2_notify_account_reachout_timelock: timelockJson(this.timelock(account)),
		});
	}

	private tellCap(account: Account): void {
		this.notify(account, 'MessageCappingInfoNotification', {
			xwa2_notify_new_chat_messages_capping_info_update: this.cap(account),
		});
	}

	private notify(account: Account, op_name: string, data: unknown): void {
		const update = el('update', { op_name }, Buffer.from(JSON.stringify({ data })));
		this.service.deliverToAll(account, this.service.notification('mex', [update]));
	}
}

const timelockJson = (timelock: Timelock | undefined) => ({
	is_active: timelock?.active ?? false,
	time_enforcement_ends: timelock?.until === undefined ? null : String(timelock.until),
	enforcement_type: timelock?.type ?? 'DEFAULT',
});
