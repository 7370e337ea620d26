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
import { identityOf } from '../events/messageBase';
import { Directory } from '../history/directory';
import { errorName, type Log } from '../log';
import type { SessionState } from '../session/state';
import type { AccountStorage, Fence } from '../storage/roles';
import { contentOf } from '../wa/content';
import { AccountWatch } from './account';
import { Calls } from './calls';
import { Channels } from './channels';
import { contactChanges } from './contacts';
import { Context } from './context';
import { pack } from './envelope';
import { GivenUpMessages } from './givenUp';
import { Groups } from './groups';
import { Interests } from './interests';
import { Journal, stanzaKey, unpackEntry, type Codec, type JournalEntry } from './journal';
import { Messages } from './messages';
import { isNotice, Notices } from './notices';
import { Pairs } from './pairs';
import { Polls } from './polls';
import { Receiver, type Happened } from './receive';
import { replay } from './replay';
import { snapshot } from './snapshot';
import { Upkeep } from './upkeep';
import { Waiting, wasDecryptedBefore } from './waiting';

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
	/** What triggers ask for beyond the usual. */
	readonly interests: Interests;
	private readonly journal: Journal;
	private readonly receiver: Receiver;
	private readonly groups: Groups;
	private readonly waiting: Waiting;
	private readonly notices: Notices;
	private readonly givenUp: GivenUpMessages;
	private readonly upkeep: Upkeep;
	private readonly account = new AccountWatch();
	private readonly calls = new Calls();
	private readonly pairs = new Pairs();
	private socket?: WASocket;
	private auth?: AuthenticationState;
	/** Which stanza a message of the journal came in. */
	private readonly stanzaOf = new WeakMap<WAMessage, string>();
	private keeping: Promise<void> = Promise.resolve();

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
		this.journal = new Journal(codec);
		this.notices = new Notices({ codec, clock, log, idle: () => this.receiver.idle() });
		this.messages = new Messages(facts, sealer, baileys);
		this.directory = new Directory({ facts, sealer, clock, log });
		this.groups = new Groups(
			() => this.socket,
			(group) => {
				this.pairs.learnFromGroup(group);
				const { id, subject } = group;
				this.directory.take({ 'groups.update': [{ id, subject }] });
			},
		);
		this.givenUp = new GivenUpMessages(facts, clock);
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
			stored: async (id) => {
				const message = (await this.messages.get(id))?.message;
				return message ? { message } : undefined;
			},
			tally: async (poll, options, vote) => await polls.vote(poll, options, vote),
			clock,
		});
		this.waiting = new Waiting({
			clock,
			askPhone: (message) => this.askPhone(message),
			giveUp: (message, reason, retries) => void this.report(message, reason, retries),
		});
		this.receiver = new Receiver({
			inbox: storage.inbox,
			context: this.context,
			seal: async (event, message) => sealer.seal('inbox', await pack(event, message)),
			settle: (message) => this.settle(message),
			failed: (message) => this.failed(message),
			wasGivenUp: (identity) => this.givenUp.has(identity),
			isWanted: (event) => this.interests.isWanted(event),
			fence: () => deps.fence(),
			clock,
			log,
			count: (what) => void this.counters[what]++,
		});
	}

	static async create(deps: InboundDeps): Promise<Inbound> {
		const inbound = new Inbound(await loadBaileys(), deps);
		await inbound.directory.load();
		await inbound.givenUp.load();
		await inbound.interests.look();
		void inbound.upkeep.start();
		return inbound;
	}

	/** Takes up what a former process received but did not bring into the inbox. */
	async recover(auth: Auth): Promise<void> {
		this.auth = auth.state;
		const left: JournalEntry[] = [];
		for await (const { id, value } of this.deps.storage.journal.pending()) {
			const { stanza, plaintext } = unpackEntry(auth.journal.open(id, value));
			const node = await this.baileys.decodeBinaryNode(Buffer.from(stanza));
			if (isNotice(id)) {
				this.notices.remember(node);
				continue;
			}
			this.journal.remember({ id, stanza: node, plaintext });
			left.push({ id, stanza: node, plaintext });
		}
		if (left.length === 0) return;
		const { creds } = auth.state;
		const { messages, missing } = await replay({ entries: left, creds, baileys: this.baileys });
		this.counters.replayed += messages.length;
		for (const { message, key } of [...messages, ...missing]) this.stanzaOf.set(message, key);
		for (const { message } of missing) this.waiting.failed(message);
		await this.receiver.take({
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
		this.journal.attach(socket);
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
		const happened = this.ofOurOwn(events);
		this.directory.take(events);
		this.groups.take(events);
		for (const group of events['groups.upsert'] ?? []) this.pairs.learnFromGroup(group);
		const kept = this.keep(happened);
		if (Receiver.hears(happened)) void this.receiver.take(happened, kept);
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
		return this.waiting.size;
	}

	/** Waits until everything received is in the inbox. */
	async idle(): Promise<void> {
		await this.receiver.idle();
		await this.directory.flush();
	}

	stop(): void {
		this.receiver.stop();
		this.waiting.stop();
		this.notices.stop();
		this.interests.stop();
		this.upkeep.stop();
	}

	/** Adds what only we make of it. Looks before the directory learns, to tell what is new. */
	private ofOurOwn(events: Partial<BaileysEventMap>): Happened {
		const happened: Happened = snapshot(events);
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

	/** One after another: an edit changes what was kept before. */
	private keep(happened: Happened): Promise<void> | undefined {
		const past = happened['messaging-history.set']?.messages ?? [];
		const messages = [
			...(happened['messages.upsert']?.messages ?? []),
			// Votes may still come for polls that are older than this link.
			...past.filter(({ message }) => ['poll', 'event'].includes(contentOf(message).kind)),
		];
		if (messages.length === 0) return undefined;
		this.keeping = this.keeping
			.then(() => this.messages.keep(messages))
			.catch((error: unknown) => {
				this.deps.log.warn('a message could not be kept for retries', { error: errorName(error) });
			});
		return this.keeping;
	}

	private onOpen(): void {
		void this.interests.look();
		this.watchPresence(this.interests.watched);
		if (this.socket) this.notices.repeat(this.socket);
	}

	/** A subscription lasts as long as the connection. */
	private watchPresence(addresses: readonly string[]): void {
		const { socket } = this;
		if (!socket?.ws.isOpen) return;
		for (const address of addresses) {
			socket.presenceSubscribe(address).catch((error: unknown) => {
				this.deps.log.warn('presence cannot be watched', { error: errorName(error) });
			});
		}
	}

	private failed(message: WAMessage): void {
		const [reason = ''] = (message.messageStubParameters ?? []).map(String);
		if (!wasDecryptedBefore(reason)) this.waiting.failed(message);
	}

	private askPhone(message: WAMessage): void {
		const { socket } = this;
		if (!socket?.ws.isOpen) return;
		const { remoteJid, fromMe, id, participant } = message.key;
		const { key, messageTimestamp, pushName } = message;
		// What it is given here, Baileys puts the phone's copy into: the addresses stay as they came.
		socket
			.requestPlaceholderResend(
				{ remoteJid, fromMe, id, participant },
				{ key, messageTimestamp, pushName },
			)
			.catch((error: unknown) => {
				this.deps.log.warn('the phone could not be asked for a message', {
					error: errorName(error),
				});
			});
	}

	private async report(message: WAMessage, reason: string, retries: number): Promise<void> {
		this.counters.givenUp++;
		this.deps.log.warn('a message could not be decrypted and was given up', { reason, retries });
		const identity = await identityOf(message.key, this.context);
		await this.receiver.take({ 'linked.givenUp': { message, reason, retries } });
		await this.givenUp.add(identity);
		await this.receiver.drop(this.settle(message));
	}

	/** Which journal entries belong to a message: by its stanza's id, sender and participant. */
	private settle(message: WAMessage): string[] {
		this.waiting.arrived(message);
		const replayed = this.stanzaOf.get(message);
		if (replayed) return this.journal.settle(replayed);
		const { key } = message;
		const ids: string[] = [];
		for (const open of this.journal.openKeys(key.id ?? '')) ids.push(...this.journal.settle(open));
		return ids;
	}
}

export { stanzaKey };
export type { BinaryNode };
