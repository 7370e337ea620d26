/** All that safety knows of one number, changed by what happens and stored by the shelf. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import { People } from './people';
import { accept, hear, noAccount, refuse, take, type Taken } from './record';
import { lineOf } from './relation';
import type { Shelf } from './shelf';
import { Tally } from './tally';
import { inShort, Texts } from './texts';
import {
	DAY,
	type AccountFacts,
	type Ask,
	type Cap,
	type Limits,
	type PersonFacts,
	type TextFacts,
	type Timelock,
} from './types';

const ACCOUNT = 'account';
const KEEP_MS = 400 * DAY;
/** A connection that was away for less was hardly missed. */
const AWAY_MS = 60_000;

export interface Sending {
	jid: string;
	person: PersonFacts;
	ask: Ask;
	id: string;
	/** The content, unless it is not counted. */
	text?: { fingerprint: string; facts: TextFacts };
	/** Written on the phone or another device. */
	byPhone?: boolean;
}

/** A message that was let out; the first of its methods counts. */
export interface Sent {
	sent(status: 'accepted' | 'unknown'): void;
	/** @returns what came of a refusal, undefined for other rejections */
	rejected(code: number): { rests: boolean } | undefined;
	unused(): void;
}

/** Codes that mean "no new chats": see wa/ack.ts. */
export const RESTRICTED = 463;
export const NEW_CHATS_CAPPED = 475;

export class Book {
	account: AccountFacts;
	readonly people: People;
	readonly texts: Texts;
	readonly tally: Tally;
	private awaySince?: number;

	/** @param dice gives numbers from 0 to 1 for pauses */
	constructor(
		private readonly shelf: Shelf,
		private readonly clock: Clock,
		private readonly dice: () => number,
	) {
		this.account = noAccount(clock.now());
		this.people = new People(shelf);
		this.texts = new Texts(shelf);
		this.tally = new Tally(shelf);
		// Before this process nobody was connected, as far as it knows.
		this.awaySince = -Infinity;
	}

	async load(): Promise<void> {
		const now = this.clock.now();
		const [stored] = await this.shelf.read([ACCOUNT]);
		if (stored) this.account = { ...noAccount(now), ...(stored as Partial<AccountFacts>) };
		await this.tally.load(now);
	}

	get textKey(): string {
		if (!this.account.textKey) {
			this.account.textKey = randomBytes(16).toString('base64url');
			this.saveAccount();
		}
		return this.account.textKey;
	}

	/** The number was linked just now: it warms up. */
	linked(): void {
		this.account.linkedAt = this.clock.now();
		this.saveAccount();
	}

	/** The connection is there. @param number its LID or number */
	async opened(number: string): Promise<void> {
		const now = this.clock.now();
		const { account } = this;
		if (account.number !== undefined && account.number !== number) await this.startAnew();
		this.account.number = number;
		if (this.awaySince !== undefined && now - this.awaySince > AWAY_MS) this.account.backAt = now;
		this.awaySince = undefined;
		this.saveAccount();
	}

	closed(): void {
		this.awaySince ??= this.clock.now();
	}

	/** Lets a message out. */
	send(sending: Sending, at = this.clock.now()): Sent {
		const { jid, person, ask, id, text } = sending;
		const isReply = lineOf(ask, person, at) === 'reply';
		const taken = take(this.account, person, ask, { id, at, dice: this.dice() });
		const forgetText = text && this.texts.note(text.fingerprint, text.facts, jid, at);
		this.saved(jid, person);
		let told = false;
		const once = <T>(then: () => T): T | undefined => {
			if (told) return undefined;
			told = true;
			const result = then();
			this.saved(jid, person);
			return result;
		};
		const giveBack = (attempted?: boolean) => {
			taken.giveBack(attempted);
			forgetText?.();
		};
		return {
			sent: (status) =>
				void once(() => {
					if (status === 'accepted' && ask.chat === 'person' && ask.act !== 'add') accept(person);
					this.countSent(sending, taken, isReply, status);
				}),
			rejected: (code) =>
				once(() => {
					const now = this.clock.now();
					this.tally.count('failed', now, now);
					const restricted = code === RESTRICTED || code === NEW_CHATS_CAPPED;
					giveBack(restricted);
					if (!restricted) return undefined;
					this.tally.count('restricted', now, now);
					if (code !== RESTRICTED || ask.chat !== 'person') return { rests: false };
					return { rests: refuse(this.account, person, this.restLimits(), inShort(jid), now) };
				}),
			unused: () => void once(() => giveBack()),
		};
	}

	/** Numbers for rests after refusals; the profile's, set from outside. */
	restLimits: () => Pick<Limits, 'refusedHours' | 'refusedPeople'> = () => ({
		refusedHours: 24,
		refusedPeople: 3,
	});

	/** Somebody wrote. @param isNews not from the history before n8n was linked */
	wrote(jid: string, person: PersonFacts, at: number, isNews: boolean, isPerson: boolean): void {
		const now = this.clock.now();
		const { answered, begunAt } = hear(this.account, person, at);
		if (isPerson && isNews) this.tally.count('received', at, now);
		for (const each of isPerson ? answered : []) this.tally.count('unanswered', each, now, -1);
		if (begunAt > 0) this.tally.count('answered', begunAt, now);
		this.saved(jid, person);
	}

	/** WhatsApp said something about the account. */
	said({ cap, timelock }: { cap?: Cap; timelock?: Timelock }): void {
		if (cap) this.account.cap = cap;
		if (timelock) this.account.timelock = timelock;
		this.saveAccount();
	}

	/** Whether this was not told within a day; then it counts as told now. */
	tellsAnew(what: string, withinMs = DAY): boolean {
		const now = this.clock.now();
		const { told } = this.account;
		for (const [each, at] of Object.entries(told)) if (now - at > 30 * DAY) delete told[each];
		if (now - (told[what] ?? -Infinity) < withinMs) return false;
		told[what] = now;
		this.saveAccount();
		return true;
	}

	saveAccount(): void {
		this.shelf.put(ACCOUNT, () => this.account, KEEP_MS);
	}

	private saved(jid: string, person: PersonFacts): void {
		this.people.changed(jid, person);
		this.saveAccount();
	}

	private countSent(
		{ ask, byPhone }: Sending,
		{ at, begins, unanswered }: Taken,
		isReply: boolean,
		status: 'accepted' | 'unknown',
	): void {
		if (ask.act === 'amend') return;
		const now = this.clock.now();
		const count = (name: Parameters<Tally['count']>[0]) => this.tally.count(name, at, now);
		if (ask.act === 'add') {
			if (begins) count('begun');
			return;
		}
		if (status === 'unknown') count('unknown');
		if (ask.chat !== 'person') {
			if (ask.chat !== 'self') count('toGroups');
			return;
		}
		count('toPeople');
		if (isReply) count('replies');
		if (begins) count('begun');
		if (unanswered) count('unanswered');
		if (byPhone) count('byPhone');
	}

	/** Another number was linked in this credential: nothing of the one before is true of it. */
	private async startAnew(): Promise<void> {
		await this.shelf.clear();
		this.people.forgetAll();
		this.texts.forgetAll();
		this.tally.forgetAll();
		this.account = noAccount(this.clock.now());
	}
}
