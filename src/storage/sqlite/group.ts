/**
 * Group commit: what is written in one turn of the event loop shares one transaction. A received
 * message is half a dozen small writes by several rooms, and it is the transactions that cost.
 *
 * A write runs at once, so that reads see it in the order of the calls; its promise resolves when it is
 * committed, at the end of the turn. When one fails, the transaction is taken back and the others are
 * run again, so that it takes nobody with it: a write must be able to run more than once, and leaves
 * nothing behind but what it returns.
 *
 * A lazy write asks for no commit of its own at the end of the turn while commits come in close
 * succession: it is committed with the next one, LAZY_MS after the last one at the latest. So what
 * comes alone is committed at once, and what comes in a burst shares its commits.
 */

import type { WriteOptions } from '../roles';

/** What of the database is needed. */
export interface Transactions {
	begin(): void;
	commit(): void;
	/** Takes back what was begun, if SQLite has not done so by itself. */
	rollback(): void;
}

/** A turn that goes on and on (somebody reads in a loop) must not keep writes from being committed. */
const LONG_MS = 5;

/** Lazy writes are committed this long after the last commit at the latest. */
export const LAZY_MS = 4;

export interface GroupOptions extends WriteOptions {
	/** Of writes with the same one, none is committed when one before it in its turn could not be. */
	chain?: object;
}

interface Member extends Pick<GroupOptions, 'chain'> {
	work(): unknown;
	lazy: boolean;
	result: unknown;
	resolve(result: unknown): void;
	reject(error: unknown): void;
}

export class GroupCommit {
	private members: Member[] = [];
	/** The commit at the end of the turn. */
	private turn?: NodeJS.Immediate;
	/** The commit of lazy writes. */
	private timer?: NodeJS.Timeout;
	private working = false;
	private begun = 0;
	private committed = -Infinity;

	constructor(private readonly db: Transactions) {}

	/** Runs it now; resolves with what it returned when that is committed. */
	async write<T>(work: () => T, { lazy = false, chain }: GroupOptions = {}): Promise<T> {
		return await new Promise<T>((resolve, reject) => {
			const member: Member = {
				work,
				lazy,
				chain,
				result: undefined,
				resolve: resolve as (result: unknown) => void,
				reject,
			};
			try {
				this.add(member);
			} catch (error) {
				const others = this.takeBack();
				reject(error);
				this.again(others);
			}
		});
	}

	/** Commits what has waited for too long; call it before reading. */
	flushIfLate(): void {
		if (this.members.length > 0 && performance.now() - this.begun > LONG_MS) this.flush();
	}

	/** Commits what was written so far. */
	flush(): void {
		if (this.members.length === 0 || this.working) return;
		try {
			this.db.commit();
			this.committed = performance.now();
		} catch {
			this.apart(this.takeBack());
			return;
		}
		for (const { resolve, result } of this.close()) resolve(result);
	}

	private add(member: Member): void {
		if (this.members.length === 0) {
			this.db.begin();
			this.begun = performance.now();
		}
		this.run(member);
		this.members.push(member);
		this.schedule(member.lazy);
	}

	private schedule(lazy: boolean): void {
		if (this.turn) return;
		const wait = lazy ? this.committed + LAZY_MS - performance.now() : 0;
		if (wait > 0) {
			this.timer ??= setTimeout(() => this.flush(), wait);
			return;
		}
		this.turn = setImmediate(() => this.flush());
	}

	private run(member: Member): void {
		this.working = true;
		try {
			member.result = member.work();
		} finally {
			this.working = false;
		}
	}

	private close(): Member[] {
		clearImmediate(this.turn);
		clearTimeout(this.timer);
		this.turn = this.timer = undefined;
		const { members } = this;
		this.members = [];
		return members;
	}

	private takeBack(): Member[] {
		const members = this.close();
		this.db.rollback();
		return members;
	}

	/** In a transaction of their own, which ends with the turn. */
	private again(members: readonly Member[]): void {
		for (const [index, member] of members.entries()) {
			try {
				this.add(member);
			} catch {
				this.apart([...this.takeBack(), ...members.slice(index)]);
				return;
			}
		}
	}

	/** Each learns alone whether it is the cause. */
	private apart(members: readonly Member[]): void {
		const broken = new Map<object | undefined, unknown>();
		for (const member of members) {
			const { chain } = member;
			try {
				if (broken.has(chain)) throw broken.get(chain);
				this.alone(member);
			} catch (error) {
				if (chain) broken.set(chain, error);
				member.reject(error);
			}
		}
	}

	private alone(member: Member): void {
		try {
			this.db.begin();
			this.run(member);
			this.db.commit();
		} catch (error) {
			this.db.rollback();
			throw error;
		}
		member.resolve(member.result);
	}
}
