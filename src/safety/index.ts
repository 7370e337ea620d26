/**
 * Keeps the account safe: decides for every message whether it may go out now, from what is known of
 * its recipient and the account, from what WhatsApp says, and from the settings of the credential.
 * Lives with the ownership of the number: its owner alone decides and counts.
 */
import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import type { AccountChange, AccountWarning, Happenings } from '../events/types';
import { errorName, type Log } from '../log';
import type { JsonObject, SafetyDesk } from '../operations/types';
import type { Outgoing, Pass, SafetyGate } from '../outbound/safety';
import type { SessionState } from '../session/state';
import type { AccountSettings } from '../settings';
import type { Facts, Fence } from '../storage/roles';
import { Book, NEW_CHATS_CAPPED, RESTRICTED } from './book';
import { Gate } from './gate';
import { drawPicture } from './picture';
import { reportOf } from './report';
import { readSafety } from './settings';
import { Shelf } from './shelf';
import { sharesGroup } from './sharedGroups';
import { TakeIn } from './takeIn';
import { DAY, type Cap, type SafetySettings, type Timelock } from './types';
import { Warnings } from './warnings';
import { Word } from './word';

export interface SafetyDeps {
	settings(): AccountSettings;
	facts: Facts;
	sealer: Sealer;
	fence(): Fence | undefined;
	/** The open socket. */
	socket(): WASocket | undefined;
	/** What else is known of people. */
	known: {
		/** The person's other address, when it is known without asking. */
		pairOf(jid: string): string | undefined;
		addressesOf(jid: string): Promise<string[]>;
		isMe(jid: string): boolean;
		isSaved(jid: string): boolean;
		/** The groups that this number is in; may ask WhatsApp. */
		groups(): Promise<GroupMetadata[]>;
	};
	/** Brings something into the inbox. */
	tell(happened: { 'linked.warning'?: AccountWarning; 'linked.account'?: AccountChange }): void;
	clock: Clock;
	log: Log;
	/** From 0 to 1, for pauses. */
	dice?: () => number;
}

const OWN_IDS = 5_000;
/** What WhatsApp says in a report may be this old. */
const REPORT_FRESH_MS = 5 * 60_000;

export class Safety implements SafetyGate, SafetyDesk {
	readonly book: Book;
	private readonly shelf: Shelf;
	private readonly gate: Gate;
	private readonly word: Word;
	private readonly takeIn: TakeIn;
	private readonly warnings: Warnings;
	private loading?: Promise<void>;
	/** What happens is taken in one after another. */
	private turn: Promise<void> = Promise.resolve();
	private readonly ownIds = new Set<string>();
	private read?: { options: unknown; settings: SafetySettings };

	constructor(private readonly deps: SafetyDeps) {
		const { facts, sealer, fence, clock, log, known } = deps;
		this.shelf = new Shelf({ facts, sealer, fence, clock, log });
		this.book = new Book(this.shelf, clock, deps.dice ?? Math.random);
		this.book.restLimits = () => this.settings.limits;
		const isOurs = (id: string) => this.ownIds.has(id);
		this.takeIn = new TakeIn({ book: this.book, known, isOurs, clock });
		this.word = new Word({
			socket: () => deps.socket(),
			said: (what) => this.said(what),
			clock,
			log,
		});
		this.warnings = new Warnings({
			book: this.book,
			limits: () => this.settings.limits,
			warn: (warning) => deps.tell({ 'linked.warning': warning }),
			changed: (change) => deps.tell({ 'linked.account': change }),
			now: () => clock.now(),
		});
		this.gate = new Gate({
			book: this.book,
			settings: () => this.settings,
			caughtUp: async () => await this.caughtUp(),
			freshWord: async () => await this.word.fresh(),
			flush: async () => await this.shelf.flush(),
			addressesOf: async (jid) => await known.addressesOf(jid),
			isMe: (jid) => known.isMe(jid),
			isSaved: (jid) => known.isSaved(jid),
			sharesGroup: async (addresses) => await sharesGroup(known.groups(), addresses, clock),
			held: (decision) => {
				const now = clock.now();
				this.book.tally.count('held', now, now);
				this.warnings.held(decision, decision.kind === 'wait' ? decision.until : null);
			},
			refused: (_to, code, rests) => this.refused(code, rests),
			clock,
		});
	}

	/** The settings of the credential as they are now. */
	get settings(): SafetySettings {
		const { options } = this.deps.settings();
		if (this.read?.options !== options) this.read = { options, settings: readSafety(options) };
		return this.read.settings;
	}

	// The gate

	async pass(outgoing: Outgoing, signal: AbortSignal): Promise<Pass> {
		this.ownIds.add(outgoing.id);
		for (const oldest of this.ownIds) {
			if (this.ownIds.size <= OWN_IDS) break;
			this.ownIds.delete(oldest);
		}
		const pass = await this.gate.pass(outgoing, signal);
		return {
			...pass,
			sent: (status) => {
				pass.sent(status);
				this.warnings.sent();
			},
		};
	}

	async preview(all: readonly Outgoing[]): Promise<JsonObject[]> {
		return await this.gate.preview(all);
	}

	/** Whether a message to this address may go out now, for Safety > Check Recipient. */
	async check(to: string): Promise<JsonObject> {
		const command = { operation: '', params: {}, idempotencyKey: '', deadline: 0 };
		const [said] = await this.gate.preview([{ to, id: '', command }]);
		return said ?? {};
	}

	/** How the number stands, for Safety > Get Report. */
	async report(picture: boolean): Promise<JsonObject> {
		await this.word.fresh(REPORT_FRESH_MS);
		await this.caughtUp();
		const { account, tally } = this.book;
		const input = { account, tally, settings: this.settings, now: this.deps.clock.now() };
		if (!picture) return reportOf(input);
		return { ...reportOf(input), png: (await drawPicture(input)).toString('base64') };
	}

	closing(at: number): void {
		this.gate.room.close(at);
	}

	// What happens

	/** Follower of the inbound path. */
	take(happened: Partial<Happenings>): void {
		this.word.heard(happened);
		const write = this.takeIn.of(happened);
		if (!write) return;
		this.next(async () => {
			await write();
			this.gate.room.poke();
		});
	}

	/** The state of the connection. */
	state(state: SessionState): void {
		if (state.name !== 'open') {
			this.next(() => Promise.resolve(this.book.closed()));
			return;
		}
		this.next(async () => await this.book.opened(state.me.lid ?? state.me.phone));
		this.word.opened();
	}

	/** A message was delivered or read for the first time. */
	receipt(kind: 'delivered' | 'read'): void {
		this.next(() => {
			const now = this.deps.clock.now();
			return Promise.resolve(this.book.tally.count(kind, now, now));
		});
	}

	/** Resolves when what has happened is in the book; reads it first, if need be. */
	async caughtUp(): Promise<void> {
		await this.load();
		await this.turn;
	}

	async flush(): Promise<void> {
		await this.turn;
		await this.shelf.flush();
	}

	stop(): void {
		this.word.stop();
		this.gate.room.stop();
		this.shelf.stop();
	}

	/** @throws LinkedError why the storage cannot be read; the next who asks tries again */
	private async load(): Promise<void> {
		this.loading ??= this.book.load().catch((error: unknown) => {
			this.loading = undefined;
			throw error;
		});
		await this.loading;
	}

	private next(step: () => Promise<void>): void {
		this.turn = this.turn
			.then(async () => {
				await this.load();
				await step();
			})
			.catch((error: unknown) => {
				this.deps.log.warn('safety missed something', { error: errorName(error) });
			});
	}

	private said(what: { cap?: Cap; timelock?: Timelock }): void {
		this.next(() => {
			const before = this.book.account.cap;
			this.book.said(what);
			if (what.cap) this.warnings.cap(before, what.cap);
			this.gate.room.poke();
			return Promise.resolve();
		});
	}

	private refused(code: number, rests: boolean): void {
		const now = this.deps.clock.now();
		if (code === NEW_CHATS_CAPPED) {
			// Believed until WhatsApp says how it stands.
			const { cap } = this.book.account;
			this.said({
				cap: {
					level: 'CAPPED',
					quota: cap?.quota ?? null,
					used: cap?.used ?? null,
					cycleEnds: cap?.cycleEnds ?? now + DAY,
					at: now,
				},
			});
		}
		if (code === RESTRICTED) this.warnings.refused(rests);
		this.word.refused();
	}
}
