/**
 * The inbound path of one number: receive -> journal -> normalise -> inbox; deliver.ts takes it from
 * there, once per trigger. This file composes the stages; read it from top to bottom.
 */
import type {
	AuthenticationState,
	BaileysEventMap,
	BinaryNode,
	SignalAuthState,
	SignalRepositoryWithLIDStore,
	WAMessage,
	WASocket,
} from '@whiskeysockets/baileys';
import type { Auth } from '../auth';
import { loadBaileys, type Baileys } from '../baileys';
import { HistoryWriter } from '../history';
import type { Directory } from '../history/directory';
import { Labels } from '../history/labels';
import type { SessionState } from '../session/state';
import { isPlace } from './appState';
import { Channels } from './channels';
import { Context } from './context';
import type { InboundDeps } from './deps';
import { encoded } from './encoded';
import { sealEntry } from './entries';
import { pack } from './envelope';
import type { Follower } from './follower';
import { Groups } from './groups';
import { Interests } from './interests';
import { instead } from './journal';
import { Keep } from './keep';
import { Messages } from './messages';
import { OwnEvents } from './ownEvents';
import { Pairs } from './pairs';
import { Polls } from './polls';
import { namedApart } from './postChanges';
import { watchPresence } from './presence';
import { Receiver, type Happened } from './receive';
import { Rounds } from './rounds';
import { Stanzas } from './stanzas';
import { Undecryptable } from './undecryptable';
import { Upkeep } from './upkeep';

export class Inbound {
	readonly counters = { received: 0, undecryptable: 0, givenUp: 0, broken: 0, replayed: 0 };
	readonly context: Context;
	/** Chats, contacts, groups and messages, as they are kept. */
	readonly history: HistoryWriter;
	/** Labels of WhatsApp Business and what they are on. */
	readonly labels: Labels;
	/** Messages seen lately. */
	readonly messages: Messages;
	/** Metadata of groups. */
	readonly groups: Groups;
	/** What triggers ask for beyond the usual. */
	readonly interests: Interests;
	private readonly keep: Keep;
	private readonly stanzas: Stanzas;
	private readonly receiver: Receiver;
	private readonly rounds: Rounds;
	private readonly undecryptable: Undecryptable;
	private readonly upkeep: Upkeep;
	private readonly own: OwnEvents;
	private readonly pairs = new Pairs();
	private readonly followers: Follower[];
	private socket?: WASocket;
	private auth?: AuthenticationState;
	private opened?: Auth;

	private constructor(
		baileys: Baileys,
		private readonly deps: InboundDeps,
	) {
		const { storage, sealer, clock, log } = deps;
		const { facts } = storage;
		this.stanzas = new Stanzas({
			baileys,
			journal: storage.journal,
			me: () => this.auth?.creds.me,
			isWanted: (event) => this.interests.isWanted(event),
			onWithheld: (message) => this.tell({ 'linked.givenUp': message }),
			together: (drops) => this.rounds.together(drops),
			drop: async (ids) => await this.drop(ids),
			clock,
			log,
		});
		this.messages = new Messages(facts, sealer, baileys);
		this.keep = new Keep(this.messages, () => this.context, log);
		this.labels = new Labels({ facts, sealer, log });
		this.history = new HistoryWriter({
			store: storage.history(sealer),
			facts,
			sealer,
			baileys,
			context: () => this.context,
			keeping: () => deps.keeping(),
			fence: () => deps.fence(),
			formerGone: () => this.messages.formerGone(),
			clock,
			log: log.room('history'),
		});
		this.groups = new Groups({
			socket: () => this.socket,
			now: () => clock.now(),
			isMe: (jid) => this.context.isMe(jid),
			learned: (group) => {
				this.pairs.learnFromGroup(group);
				const { id, subject } = group;
				this.directory.take({ 'groups.update': [{ id, subject }] });
			},
		});
		this.upkeep = new Upkeep({ storage, clock, log });
		this.interests = new Interests({
			facts,
			clock,
			log,
			onPresence: (addresses) => this.watchPresence(addresses),
		});
		const channels = new Channels(() => this.socket, clock);
		const polls = new Polls(facts, sealer);
		this.context = new Context({
			socket: () => this.socket,
			directory: this.directory,
			pairOf: (jid) => this.pairs.find(jid),
			me: () => this.auth?.creds.me ?? {},
			syncing: () => !this.auth?.creds.accountSyncCounter,
			groupMetadata: async (jid) => await this.groups.get(jid),
			channelName: async (jid) => await channels.nameOf(jid),
			stored: async (id) => await this.keep.stored(id),
			tally: async (poll, options, vote) => await polls.vote(poll, options, vote),
			clock,
		});
		this.undecryptable = new Undecryptable({
			facts,
			context: this.context,
			socket: () => this.socket,
			report: async (givenUp) => {
				this.counters.givenUp++;
				await this.rounds.take({ 'linked.givenUp': givenUp }, false);
			},
			drop: async (message) => await this.drop(this.settle(message)),
			clock,
			log,
		});
		this.receiver = new Receiver({
			inbox: { append: instead(storage.inbox, () => this.opened, isPlace) },
			context: this.context,
			seal: (event, message) =>
				sealEntry(sealer, pack(event, message && encoded(message, baileys))),
			settle: (message) => this.settle(message),
			isReplayed: (message) => this.stanzas.isReplayed(message),
			whenStored: (message) => this.history.whenStored(message),
			failed: (message) => this.undecryptable.failed(message),
			wasGivenUp: (identity) => this.undecryptable.wasReported(identity),
			isWanted: (event) => this.interests.isWanted(event),
			fence: () => deps.fence(),
			clock,
			log,
			count: (what) => void this.counters[what]++,
		});
		this.own = new OwnEvents({
			directory: this.directory,
			syncing: () => this.context.syncing,
			clock,
		});
		this.followers = [this.history, this.groups, this.labels, this.keep];
		this.rounds = new Rounds({
			complete: (happened) => this.own.addContacts(happened),
			followers: this.followers,
			receiver: this.receiver,
			clock,
			log,
		});
	}

	/** Chats, contacts and groups with their names. */
	get directory(): Directory {
		return this.history.directory;
	}

	static async create(deps: InboundDeps): Promise<Inbound> {
		const inbound = new Inbound(await loadBaileys(), deps);
		await inbound.history.load();
		await inbound.undecryptable.load();
		await inbound.interests.look();
		void inbound.upkeep.start();
		return inbound;
	}

	/** Lets somebody else hear what happens from now on; see follower.ts. */
	follow(follower: Follower): void {
		this.followers.push(follower);
	}

	/** Takes up what a former process received but did not bring into the inbox, if it was linked. */
	async open(auth: Auth): Promise<void> {
		this.auth = auth.state;
		this.opened = auth;
		if (auth.registered()) await this.recover(auth);
		this.stanzas.guard(auth);
	}

	private async recover(auth: Auth): Promise<void> {
		const { messages, missing } = await this.stanzas.recover(auth);
		if (messages.length + missing.length === 0) return;
		this.counters.replayed += messages.length;
		for (const message of missing) this.undecryptable.failed(message);
		this.history.recover(messages);
		await this.rounds.take({ 'messages.upsert': { messages, type: 'append' } }, true);
		const counts = { count: messages.length, waitedFor: missing.length };
		this.deps.log.info('messages of a former process were taken up', counts);
	}

	/** Listens on a new socket before its first stanza. */
	attach(socket: WASocket, auth: AuthenticationState): void {
		this.socket = socket;
		this.auth = auth;
		this.groups.attach(socket);
		this.stanzas.attach(socket, auth);
		this.history.attach(socket);
		socket.ws.prependListener('CB:notification', (node: BinaryNode) => {
			this.pairs.learnFromNotice(node);
		});
	}

	wrapRepository(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore {
		return this.stanzas.wrapRepository(repository, auth);
	}

	/** Takes one batch of Baileys' events, at the moment they are emitted. */
	take(events: Partial<BaileysEventMap>): void {
		for (const group of events['groups.upsert'] ?? []) this.pairs.learnFromGroup(group);
		void this.rounds.take(this.own.with(namedApart(events)), true);
		const { me } = events['creds.update'] ?? {};
		if (me?.name) this.history.named(me);
		const { connection, isOnline } = events['connection.update'] ?? {};
		if (connection === 'open') this.onOpen();
		// Presence of others is told to who is online.
		if (isOnline) this.watchPresence();
	}

	/** Tells of a state of the session. */
	state(state: SessionState): void {
		const change = this.own.state(state);
		if (change) this.tell({ 'linked.account': change });
	}

	/** Brings something into the inbox that another room has made out. */
	tell(happened: Happened): void {
		void this.rounds.take(happened, false);
	}

	/** A call that rang lately. */
	call(id: string): { from: string; over: boolean } | undefined {
		return this.own.call(id);
	}

	/** Whether more has come than Baileys has begun with. */
	get isBusy(): boolean {
		return this.stanzas.isBusy;
	}

	/** Messages that are stored and not in the inbox yet. */
	get journalSize(): number {
		return this.stanzas.size;
	}

	/** Messages that could not be decrypted and are waited for. */
	get waitingFor(): number {
		return this.undecryptable.size;
	}

	/** Resolves when those who follow have heard of everything. */
	async applied(): Promise<void> {
		await this.rounds.flush();
	}

	/** Waits until everything received is in the inbox; call it when the socket is closed. */
	async idle(): Promise<void> {
		await this.rounds.flush();
		await this.receiver.idle();
		await Promise.all([this.stanzas.flush(), this.history.idle()]);
	}

	stop(): void {
		this.receiver.stop();
		this.undecryptable.stop();
		this.stanzas.stop();
		this.interests.stop();
		this.upkeep.stop();
		this.history.stop();
	}

	private onOpen(): void {
		this.history.opened(this.auth?.creds.me ?? {});
		void this.interests.look();
		this.watchPresence();
		if (this.socket) this.stanzas.repeat(this.socket);
	}

	private watchPresence(addresses = this.interests.watched): void {
		watchPresence(this.socket, addresses, this.deps.log);
	}

	/** Drops journal entries once everything taken so far is in the inbox. */
	private async drop(ids: readonly string[]): Promise<void> {
		await this.rounds.flush();
		await this.receiver.drop(ids);
	}

	private settle(message: WAMessage): string[] {
		this.undecryptable.arrived(message);
		return this.stanzas.settle(message);
	}
}

export type { Follower, InboundDeps };
