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
import type { LinkedEvent } from '../events';
import { errorName, type Log } from '../log';
import type { AccountStorage, Fence } from '../storage/roles';
import { Directory } from '../history/directory';
import { Context } from './context';
import { pack } from './envelope';
import { Journal, stanzaKey, unpackEntry } from './journal';
import { Messages } from './messages';
import { Receiver } from './receive';
import { replay } from './replay';

export interface InboundDeps {
	storage: AccountStorage;
	sealer: Sealer;
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
}

export class Inbound {
	readonly counters = { received: 0, undecryptable: 0, broken: 0, replayed: 0 };
	readonly context: Context;
	/** Chats, contacts and groups with their names. */
	readonly directory: Directory;
	private readonly journal: Journal;
	private readonly receiver: Receiver;
	/** Messages seen lately. */
	readonly messages: Messages;
	private readonly groups = new Map<string, GroupMetadata>();
	private socket?: WASocket;
	private auth?: AuthenticationState;
	private stanzaOf = new WeakMap<WAMessage, string>();

	private constructor(
		private readonly baileys: Baileys,
		private readonly deps: InboundDeps,
	) {
		const { storage, sealer, clock, log } = deps;
		this.journal = new Journal({
			encodeStanza: (node) => baileys.encodeBinaryNode(node),
			decodeStanza: async (bytes) => await baileys.decodeBinaryNode(Buffer.from(bytes)),
		});
		this.messages = new Messages(storage.facts, sealer, baileys);
		this.directory = new Directory({ facts: storage.facts, sealer, clock, log });
		this.context = new Context({
			nameOf: (jid) => this.directory.nameOf(jid),
			socket: () => this.socket,
			me: () => this.auth?.creds.me ?? {},
			groupMetadata: async (jid) => await this.groupMetadata(jid),
			clock,
		});
		this.receiver = new Receiver({
			inbox: storage.inbox,
			context: this.context,
			seal: async (event, message) => sealer.seal('inbox', await pack(event, message)),
			settle: (message) => this.settle(message),
			fence: () => deps.fence(),
			clock,
			log,
			count: (what) => void this.counters[what]++,
		});
	}

	static async create(deps: InboundDeps): Promise<Inbound> {
		const inbound = new Inbound(await loadBaileys(), deps);
		await inbound.directory.load();
		return inbound;
	}

	/** Takes up what a former process received but did not bring into the inbox. */
	async recover(auth: Auth): Promise<void> {
		this.auth = auth.state;
		const left: Parameters<typeof replay>[0]['entries'] = [];
		for await (const { id, value } of this.deps.storage.journal.pending()) {
			const { stanza, plaintext } = unpackEntry(auth.journal.open(id, value));
			const node = await this.baileys.decodeBinaryNode(Buffer.from(stanza));
			this.journal.remember({ id, stanza: node, plaintext });
			left.push({ id, stanza: node, plaintext });
		}
		if (left.length === 0) return;
		const messages = await replay({
			entries: left,
			creds: auth.state.creds,
			baileys: this.baileys,
		});
		this.counters.replayed += messages.length;
		for (const { message, key } of messages) this.stanzaOf.set(message, key);
		await this.receiver.take({
			'messages.upsert': { messages: messages.map(({ message }) => message), type: 'append' },
		});
		this.deps.log.info('messages of a former process were taken up', { count: messages.length });
	}

	/** Listens on a new socket before its first stanza. */
	attach(socket: WASocket, auth: AuthenticationState): void {
		this.socket = socket;
		this.auth = auth;
		this.journal.attach(socket);
	}

	wrapRepository(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore {
		return this.journal.wrap(repository, auth);
	}

	/** Takes one batch of Baileys' events. */
	take(events: Partial<BaileysEventMap>): void {
		this.directory.take(events);
		for (const group of events['groups.upsert'] ?? []) this.groups.set(group.id, group);
		for (const { id } of events['groups.update'] ?? []) if (id) this.groups.delete(id);
		const changed = events['group-participants.update'];
		if (changed) this.groups.delete(changed.id);
		void this.messages.keep(events['messages.upsert']?.messages ?? []).catch((error: unknown) => {
			this.deps.log.warn('a message could not be kept for retries', { error: errorName(error) });
		});
		void this.receiver.take(events);
	}

	/** Brings an event of our own making into the inbox. */
	async note(event: LinkedEvent): Promise<void> {
		await this.receiver.note(event);
	}

	/** Content of a message sent or received lately (Baileys' getMessage). */
	async getMessage(key: WAMessageKey): Promise<proto.IMessage | undefined> {
		return await this.messages.find(key);
	}

	/** Cached metadata of a group; asked for once, then kept right by notifications. */
	async groupMetadata(jid: string): Promise<GroupMetadata | undefined> {
		const known = this.groups.get(jid);
		if (known || !this.socket?.ws.isOpen) return known;
		try {
			const fresh = await this.socket.groupMetadata(jid);
			this.groups.set(jid, fresh);
			return fresh;
		} catch {
			return undefined;
		}
	}

	get journalSize(): number {
		return this.journal.size;
	}

	/** Waits until everything received is in the inbox. */
	async idle(): Promise<void> {
		await this.receiver.idle();
		await this.directory.flush();
	}

	stop(): void {
		this.receiver.stop();
	}

	/** Which journal entries belong to a message: by its stanza's id, sender and participant. */
	private settle(message: WAMessage): string[] {
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
