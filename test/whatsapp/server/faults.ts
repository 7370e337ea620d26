/** What tests make go wrong. Each is switched on and off by a method of the server. */
import type { BinaryNode } from '../contract';
import type { Accounts, Device } from './accounts';
import type { LineFaults } from './connection';

export interface Rejection {
	/** Sender, any form of address; anyone when left out. */
	from?: string;
	/** Recipient: a person, a group; anyone when left out. */
	to?: string;
	/** 463, 479 ...: becomes the `error` of the ack. */
	code: number;
}

export interface QueryFault {
	/** Namespace (`usync`), or namespace and child (`w:g2/create`). */
	what: string;
	/** The error's code, e.g. 429; undefined = no answer at all. */
	code?: number;
	/** How many such queries are left to fail. */
	times: number;
}

export class Faults {
	readonly line: LineFaults = { hang: false, delayMs: 0, compress: false };
	/** Messages are relayed but their senders never hear of it: everyone, or this one. */
	withholdAcks: boolean | string = false;
	/** So many patches of app state are refused, as if another device had been faster (409). */
	conflicts = 0;
	/** Answer `failure` with this reason to the next logins; by phone number, `*` = everyone. */
	readonly refusedLogins = new Map<string, number>();
	private readonly rejections: Rejection[] = [];
	private readonly queries: QueryFault[] = [];

	constructor(private readonly accounts: Accounts) {}

	rejectNext(rejection: Rejection): void {
		this.rejections.push(rejection);
	}

	/** The code with which this message is refused, if it is; each rejection works once. */
	takeRejection(sender: Device, message: BinaryNode): number | undefined {
		const index = this.rejections.findIndex(
			({ from, to }) =>
				(from === undefined || this.accounts.find(from) === sender.account) &&
				(to === undefined || this.isSame(to, message.attrs['to'])),
		);
		return index < 0 ? undefined : this.rejections.splice(index, 1)[0]?.code;
	}

	getsNoAck(sender: Device): boolean {
		const { withholdAcks: withheld } = this;
		return typeof withheld === 'string'
			? this.accounts.find(withheld) === sender.account
			: withheld;
	}

	failQueries(fault: QueryFault): void {
		this.queries.push(fault);
	}

	/** The fault that this query meets, if any. */
	takeQueryFault({ attrs, content }: BinaryNode): QueryFault | undefined {
		const ask = Array.isArray(content) ? content[0]?.tag : undefined;
		const names = [attrs['xmlns'], `${attrs['xmlns']}/${ask}`];
		const fault = this.queries.find(({ what, times }) => times > 0 && names.includes(what));
		if (fault) fault.times -= 1;
		return fault;
	}

	private isSame(wanted: string, to: string | undefined): boolean {
		const account = this.accounts.find(wanted);
		return account ? this.accounts.find(to) === account : wanted === to;
	}
}
