/**
 * The inbound path of one number: receive -> journal -> normalise -> inbox; deliver.ts takes it from
 * there, once per trigger. This file composes the stages; read it from top to bottom.
 */
import type {
	AuthenticationState,
	BaileysEventMap,
	BinaryNode,
	GroupMetadata,
	proto,
	SignalAuthState,
	SignalRepositoryWithLIDStore,
	WAMessage,
	WAMessageKey,
	WASocket,
} from '@whiskeysockets/baileys';
import type { Auth, Sealer } from '../auth';
import { loadBaileys, type Baileys } from '../baileys';
import type { Clock } from '../clock';
import { Directory } from '../history/directory';
import { errorName, type Log } from '../log';
import type { SessionState } from '../session/state';
import type { AccountStorage, Fence } from '../storage/roles';
import { AccountWatch } from './account';
import { Calls } from './calls';
import { Channels } from './channels';
import { contactChanges } from './contacts';
import { Context } from './context';
import { pack } from './envelope';
import { tell, type Follower } from './follower';
import { Groups } from './groups';
import { Interests } from './interests';
import { Journal, type Codec } from './journal';
import { Keep } from './keep';
import { Line } from './line';
import { Messages } from './messages';
import { Notices } from './notices';
import { Pairs } from './pairs';
import { Polls } from './polls';
import { watchPresence } from './presence';
import { Receiver, type Happened } from './receive';
import { leftBehind, replay } from './replay';
import { snapshot } from './snapshot';
import { messageOf, showViewOnce, withheld } from './stanza';
import { Undecryptable } from './undecryptable';
import { Upkeep } from './upkeep';

export interface InboundDeps {
	storage: AccountStorage;
	sealer: Sealer;
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
}

export class Inbound {
	readonly counters = { received: 0, undecryptable: 0, givenUp: 0, broken: 0, replayed: 0 };
	readonly context: Context;
	/** Chats, contacts and groups with their names. */
	readonly directory: Directory;
	/** Messages seen lately. */
	readonly messages: Messages;
	/** Metadata of groups. */
	readonly groups: Groups;
	/** What triggers ask for beyond the usual. */
	readonly interests: Interests;
	private readonly journal: Journal;
	private readonly line: Line;
	private readonly receiver: Receiver;
	private readonly undecryptable: Undecryptable;
	private readonly notices: Notices;
	private readonly upkeep: Upkeep;
	private readonly account = new AccountWatch();
	private readonly calls = new Calls();
	private readonly pairs = new Pairs();
	private readonly followers: Follower[];
	private socket?: WASocket;
	private auth?: AuthenticationState;
	/** Which stanza a message of the journal came in. */
	private readonly stanzaOf = new WeakMap<WAMessage, string>();

	private constructor(
		private readonly baileys: Baileys,
		private readonly deps: InboundDeps,
	) {
		const { storage, sealer, clock, log } = deps;
		const { facts } = storage;
		const codec: Codec = {
			encodeStanza: (node) => baileys.encodeBinaryNode(node),
			decodeStanza: async (bytes) => await baileys.decodeBinaryNode(Buffer.from(bytes)),
		};
		this.line = new Line(clock);
		this.journal = new Journal(codec, (stanza) => this.line.begun(stanza));
		this.notices = new Notices({
			codec,
			isWanted: (event) => this.interests.isWanted(event),
			idle: () => this.receiver.idle(),
			clock,
			log,
		});
		this.messages = new Messages(facts, sealer, baileys);
		this.directory = new Directory({ facts, sealer, clock, log });
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
			onPresence: (addresses) => watchPresence(this.socket, addresses, log),
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
			stored: async (id) => {
				const message = (await this.messages.get(id))?.message;
				return message ? { message } : undefined;
			},
			tally: async (poll, options, vote) => await polls.vote(poll, options, vote),
			clock,
		});
		this.undecryptable = new Undecryptable({
			facts,
			context: this.context,
			socket: () => this.socket,
			report: async (givenUp) => {
				this.counters.givenUp++;
				await this.receiver.take({ 'linked.givenUp': givenUp });
			},
			drop: async (message) => await this.receiver.drop(this.settle(message)),
			clock,
			log,
		});
		this.receiver = new Receiver({
			inbox: storage.inbox,
			context: this.context,
			seal: async (event, message) => sealer.seal('inbox', await pack(event, message)),
			settle: (message) => this.settle(message),
			failed: (message) => this.undecryptable.failed(message),
			wasGivenUp: (identity) => this.undecryptable.wasReported(identity),
			isWanted: (event) => this.interests.isWanted(event),
			fence: () => deps.fence(),
			clock,
			log,
			count: (what) => void this.counters[what]++,
		});
		this.followers = [this.directory, this.groups, new Keep(this.messages, log)];
	}

	static async create(deps: InboundDeps): Promise<Inbound> {
		const inbound = new Inbound(await loadBaileys(), deps);
		await inbound.directory.load();
		await inbound.undecryptable.load();
		await inbound.interests.look();
		void inbound.upkeep.start();
		return inbound;
	}

	/** Lets somebody else hear what happens from now on; see follower.ts. */
	follow(follower: Follower): void {
		this.followers.push(follower);
	}

	/** Takes up what a former process received but did not bring into the inbox. */
	async recover(auth: Auth): Promise<void> {
		this.auth = auth.state;
		const left = await leftBehind(this.deps.storage.journal, auth, this.baileys);
		for (const notice of left.notices) this.notices.remember(notice);
		for (const entry of left.messages) this.journal.remember(entry);
		if (left.messages.length === 0) return;
		const { creds } = auth.state;
		const found = await replay({ entries: left.messages, creds, baileys: this.baileys });
		const { messages, missing } = found;
		this.counters.replayed += messages.length;
		for (const { message, key } of [...messages, ...missing]) this.stanzaOf.set(message, key);
		for (const { message } of missing) this.undecryptable.failed(message);
		await this.pass({
			'messages.upsert': { messages: messages.map(({ message }) => message), type: 'append' },
		});
		this.deps.log.info('messages of a former process were taken up', {
			count: messages.length,
			waitedFor: missing.length,
		});
	}

	/** Listens on a new socket before its first stanza. */
	attach(socket: WASocket, auth: AuthenticationState): void {
		this.socket = socket;
		this.auth = auth;
		this.groups.attach(socket);
		this.journal.attach(socket);
		this.line.attach(socket);
		socket.ws.prependListener('CB:message', (node: BinaryNode) => this.look(node));
		this.notices.attach(socket, auth.keys);
		socket.ws.prependListener('CB:notification', (node: BinaryNode) => {
			this.pairs.learnFromNotice(node);
		});
	}

	wrapRepository(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore {
		return this.journal.wrap(repository, auth);
	}

	/** Takes one batch of Baileys' events, at the moment they are emitted. */
	take(events: Partial<BaileysEventMap>): void {
		for (const group of events['groups.upsert'] ?? []) this.pairs.learnFromGroup(group);
		void this.pass(this.ofOurOwn(events));
		if (events['connection.update']?.connection === 'open') this.onOpen();
	}

	/** Tells of a state of the session. */
	state(state: SessionState): void {
		const change = this.account.state(state);
		if (change) void this.receiver.take({ 'linked.account': change });
	}

	/** Content of a message sent or received lately (Baileys' getMessage). */
	async getMessage(key: WAMessageKey): Promise<proto.IMessage | undefined> {
		return await this.messages.find(key);
	}

	/** Metadata of a group; asked for once, then kept right by notifications. */
	async groupMetadata(jid: string): Promise<GroupMetadata | undefined> {
		return await this.groups.get(jid);
	}

	/** Messages that are stored and not in the inbox yet. */
	get journalSize(): number {
		return this.journal.size;
	}

	/** Messages that could not be decrypted and are waited for. */
	get waitingFor(): number {
		return this.undecryptable.size;
	}

	/** Waits until everything received is in the inbox; call it when the socket is closed. */
	async idle(): Promise<void> {
		await this.receiver.idle();
		await Promise.all([this.notices.settle(), this.directory.flush()]);
	}

	stop(): void {
		this.receiver.stop();
		this.undecryptable.stop();
		this.notices.stop();
		this.interests.stop();
		this.upkeep.stop();
	}

	/** At messages that Baileys would drop without a word. */
	private look(node: BinaryNode): void {
		showViewOnce(node);
		const reason = withheld(node);
		const { me } = this.auth?.creds ?? {};
		if (!reason || !me) return;
		const message = messageOf(node, me, this.baileys);
		void this.receiver.take({ 'linked.givenUp': { message, reason, retries: 0 } });
	}

	/** Followers first, then the inbox. */
	private async pass(happened: Happened): Promise<void> {
		const followed = tell(this.followers, happened, (error) => {
			this.deps.log.error('what happened could not be followed', { error: errorName(error) });
		});
		if (Receiver.hears(happened)) await this.receiver.take(happened, followed);
	}

	/** Adds what only we make of it. Looks before the directory learns, to tell what is new. */
	private ofOurOwn(events: Partial<BaileysEventMap>): Happened {
		const happened: Happened = snapshot(events);
		const upsert = happened['messages.upsert'];
		if (upsert?.messages.every(({ key }) => this.line.cameLive(key.id))) upsert.type = 'notify';
		// During the first sync everything would be new.
		const contacts = this.context.syncing ? [] : contactChanges(events, this.directory);
		if (contacts.length > 0) happened['linked.contacts'] = contacts;
		for (const call of events.call ?? []) {
			const phase = this.calls.step(call);
			if (phase) happened['linked.call'] = phase;
		}
		const lock = events['connection.update']?.reachoutTimeLock;
		const restricted = lock && this.account.restriction(lock, this.deps.clock.now());
		if (restricted) happened['linked.account'] = restricted;
		return happened;
	}

	private onOpen(): void {
		void this.interests.look();
		watchPresence(this.socket, this.interests.watched, this.deps.log);
		if (this.socket) this.notices.repeat(this.socket);
	}

	/** Which journal entries belong to a message: by its stanza's id, sender and participant. */
	private settle(message: WAMessage): string[] {
		this.undecryptable.arrived(message);
		const replayed = this.stanzaOf.get(message);
		if (replayed) return this.journal.settle(replayed);
		const { key } = message;
		const ids: string[] = [];
		for (const open of this.journal.openKeys(key.id ?? '')) ids.push(...this.journal.settle(open));
		return ids;
	}
}

export type { Follower };
