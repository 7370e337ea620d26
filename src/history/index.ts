/**
 * The history of one number while this process owns it: what happens goes into the directory (names,
 * the list of chats) and, through the keeper, into storage. Reading is in stored.ts, for everybody.
 */
import type { BinaryNode, Contact, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import type { Baileys } from '../baileys';
import type { Clock } from '../clock';
import type { NormaliseContext } from '../events/types';
import { errorName, type Log } from '../log';
import type { HistoryStore } from '../storage/historyRole';
import type { Facts, Fence } from '../storage/roles';
import { userJid } from '../wa/ids';
import { receiptOf } from '../wa/receipt';
import { Directory } from './directory';
import type { Happened } from './effects';
import { forgetFormer } from './former';
import { Keeper } from './keeper';
import type { Keeping } from './keeping';
import { Past, type Answer } from './past';
import { itemOf } from './project';
import { Retention } from './retention';
import { readSelf, writeSelf } from './self';
import { KeyedWords } from './words';

export interface HistoryDeps {
	store: HistoryStore;
	facts: Facts;
	sealer: Sealer;
	baileys: Baileys;
	/** Asked when something happens: it is made of the directory. */
	context(): NormaliseContext;
	keeping(): Keeping;
	fence(): Fence | undefined;
	/** Another number was linked: what is remembered of the former one's chats is not true of it. */
	formerGone(): void;
	clock: Clock;
	log: Log;
}

/** Baileys' creds.me */
type Own = Pick<Contact, 'lid' | 'name'> & Partial<Pick<Contact, 'id'>>;

export const wordsFor = (sealer: Sealer): KeyedWords =>
	new KeyedWords(sealer.keyFor('history words'));

export class HistoryWriter {
	readonly directory: Directory;
	private readonly keeper: Keeper;
	private readonly past: Past;
	private readonly retention: Retention;
	/** What the phone has sent of the past, percent; and parts of it that are not stored yet. */
	private sync: { progress?: number; parts: number } = { parts: 0 };
	/** What is noted of the own number. */
	private noted: Promise<void> = Promise.resolve();

	constructor(private readonly deps: HistoryDeps) {
		const { store, sealer, baileys, keeping, fence, clock, log } = deps;
		this.directory = new Directory({
			store,
			fence,
			joined: (phone, lid) => void this.keeper.join(phone, lid),
			clock,
			log,
		});
		this.keeper = new Keeper({
			store,
			words: wordsFor(sealer),
			directory: this.directory,
			context: deps.context,
			baileys,
			keeping,
			fence,
			clock,
			log,
		});
		this.past = new Past({
			baileys,
			take: async (set) => await this.takePast(set),
			clock,
			log,
		});
		this.retention = new Retention({ store, directory: this.directory, keeping, clock, log });
	}

	/** Reads what is stored, and takes up what a former process left half done. */
	async load(): Promise<void> {
		await this.directory.load();
		await this.keeper.tidy();
		void this.retention.start();
	}

	/**
	 * Hears what happens. What it returns is waited for before the inbox takes the same; a history
	 * sync is not, or new messages would have to wait for all the old ones.
	 */
	take(happened: Happened): Promise<unknown> | undefined {
		for (const message of happened['messages.upsert']?.messages ?? []) this.past.announce(message);
		const set = happened['messaging-history.set'];
		if (set) {
			this.sync.progress = set.progress ?? this.sync.progress;
			void this.past.came(set, this.takePast(set));
			return undefined;
		}
		this.directory.take(happened);
		return this.keeper.take(happened);
	}

	/** How far a sync of the past is, while there is one. */
	get syncing(): { progress: number | null; partsToStore: number } | null {
		const { progress, parts } = this.sync;
		if (parts === 0 && (progress ?? 100) >= 100) return null;
		return { progress: progress ?? null, partsToStore: parts };
	}

	/** Messages that a former process received; parts of the past that they announce are fetched here. */
	recover(messages: readonly WAMessage[]): void {
		for (const message of messages) this.past.announce(message, true);
	}

	attach(socket: WASocket): void {
		socket.ws.on('CB:receipt', (node: BinaryNode) => {
			const receipt = receiptOf(node);
			if (!receipt || this.deps.context().isMe(receipt.who)) return;
			const { chat, ids, who, kind, at } = receipt;
			const time = at ? at * 1_000 : this.deps.clock.now();
			void this.keeper.receipt(chat, ids, who, kind, time);
		});
	}

	/** The number is connected: its own addresses are known. */
	opened(me: Own): void {
		this.note(async () => {
			await this.introduce(me);
			this.learnOwn(me);
		});
	}

	/** The own name is known, or a new one. */
	named(me: Own): void {
		this.learnOwn(me);
		this.note(async () => {
			const { facts } = this.deps;
			// Another number is introduced first, when it is connected.
			if ((await readSelf(facts)).phone === userJid(me.id)) await writeSelf(facts, me);
		});
	}

	/** An own message that is about to go out; what it is about another message counts only once sent. */
	async sending(message: WAMessage): Promise<void> {
		const place = this.keeper.place();
		if (itemOf(message, place)) await this.keeper.sending(message);
	}

	/** Resolves when the part of the past that this message announces is stored. */
	whenStored(message: WAMessage): Promise<void> | undefined {
		return this.past.whenStored(message);
	}

	/** What the phone sends when it was asked for older messages, once it is stored. */
	async answerTo(
		request: string,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<Answer | undefined> {
		return await this.past.answerTo(request, timeoutMs, signal);
	}

	/** Waits until everything heard so far is stored. */
	async idle(): Promise<void> {
		await this.keeper.idle();
		await this.directory.flush();
	}

	stop(): void {
		this.keeper.stop();
		this.past.stop();
		this.retention.stop();
	}

	private async introduce(me: Own): Promise<void> {
		const { facts, log } = this.deps;
		const before = await readSelf(facts);
		if (before.phone && me.id && before.phone !== userJid(me.id)) {
			log.info('another number was linked; the history of the former one is removed');
			await this.keeper.clear();
			await forgetFormer(facts);
			this.deps.formerGone();
		}
		await writeSelf(facts, me);
	}

	/** The own name as everybody else's, so that the chat with oneself has one in lists and events. */
	private learnOwn({ id, lid, name }: Own): void {
		const self = { id: lid ?? id, phoneNumber: id, notify: name };
		if (name) this.directory.take({ 'contacts.update': [self] });
	}

	/** One after the other, so that the newest stays. */
	private note(work: () => Promise<void>): void {
		this.noted = this.noted.then(work).catch((error: unknown) => {
			this.deps.log.warn('the own addresses could not be stored', { error: errorName(error) });
		});
	}

	/** Names first: contacts and chats are there before all their messages are. */
	private async takePast(set: Happened['messaging-history.set']): Promise<void> {
		const happened = { 'messaging-history.set': set };
		this.sync.parts += 1;
		try {
			this.directory.take(happened);
			await this.directory.flush();
			await this.keeper.take(happened);
			await this.directory.flush();
		} finally {
			this.sync.parts -= 1;
		}
	}
}
