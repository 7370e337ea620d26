/**
 * What the rooms of a phone share: who it is, its keys, its link to the server, and the dispatch of
 * what comes in. Stanzas are handled one after another, as a client does with its socket.
 */
import { randomBytes } from 'node:crypto';

import type { AccountIds, InProcessDevice, PhoneHost, ServerLink } from '../contract';
import { Directory } from './directory';
import { formatJid, isLid, LID, parseJid, PN } from './jids';
import { type BinaryNode, child, children, node, SERVER } from './nodes';
import { SenderKeys } from './signal/senderKeys';
import { SignalStore } from './signal/store';
import { Waits } from './waits';

const KEPT_STANZAS = 500;

type Handler = (stanza: BinaryNode) => void | Promise<void>;

export class PhoneCore implements InProcessDevice {
	readonly device = 0;
	readonly signal = new SignalStore();
	readonly senderKeys = new SenderKeys();
	readonly waits = new Waits();
	readonly directory: Directory;
	/** What went wrong inside the phone where nobody waited for it; a test may assert it is empty. */
	readonly problems: Error[] = [];
	/** The last stanzas that came in, oldest first. */
	readonly received: BinaryNode[] = [];
	private readonly handlers = new Map<string, Handler[]>();
	private link: ServerLink | undefined;
	private inbound: Promise<void> = Promise.resolve();

	constructor(
		readonly host: PhoneHost,
		readonly ids: AccountIds,
		public pushName: string,
	) {
		this.directory = new Directory((phone, lid) => this.signal.renameUser(phone, `${lid}_1`));
		this.directory.learn(this.pn, this.lid);
	}

	get pn(): string {
		return formatJid(this.ids.phone, PN);
	}

	get lid(): string {
		return formatJid(this.ids.lid, LID);
	}

	get connected(): boolean {
		return this.link !== undefined;
	}

	/** Seconds since the epoch by the server's clock, as stanzas carry them. */
	get seconds(): number {
		return Math.floor(this.host.now() / 1000);
	}

	connect(): void {
		this.link ??= this.host.connect(this, this.pushName);
	}

	disconnect(): void {
		this.link?.close();
		this.link = undefined;
	}

	onClosed(): void {
		this.link = undefined;
		this.waits.changed();
	}

	/** The link; throws when the phone is offline. */
	get server(): ServerLink {
		if (!this.link) throw new Error(`The phone of +${this.ids.phone} is offline`);
		return this.link;
	}

	/** Sends if online; what an offline phone would have sent is lost, and that is meant. */
	send(stanza: BinaryNode): void {
		this.link?.send(stanza);
	}

	async query(
		xmlns: string,
		type: 'get' | 'set',
		content: BinaryNode[],
		to: string = SERVER,
	): Promise<BinaryNode> {
		return await this.server.query(node('iq', { to, type, xmlns }, content));
	}

	/** A message id in Android's form: 32 hex digits. */
	newId(): string {
		return `AC${randomBytes(15).toString('hex').toUpperCase()}`;
	}

	isMine(jid: string): boolean {
		const { user } = parseJid(jid);
		return user === (isLid(jid) ? this.ids.lid : this.ids.phone);
	}

	/** The key of a device's Signal session: by LID wherever it is known, as clients keep it. */
	signalAddress(jid: string): string {
		const { user, server, device } = parseJid(this.directory.canonical(jid));
		return `${user}${server === LID ? '_1' : ''}.${device}`;
	}

	/** Handles stanzas with this tag (and `type`, where given); several handlers all run. */
	on(tag: string, type: string | undefined, handler: Handler): void {
		const event = type === undefined ? tag : `${tag} ${type}`;
		this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
	}

	onStanza(stanza: BinaryNode): void {
		this.inbound = this.inbound.then(async () => {
			if (this.received.push(stanza) > KEPT_STANZAS) this.received.shift();
			const { tag, attrs } = stanza;
			const handlers = [
				...(this.handlers.get(tag) ?? []),
				...(this.handlers.get(`${tag} ${attrs.type ?? ''}`) ?? []),
			];
			for (const handler of handlers) {
				try {
					await handler(stanza);
				} catch (error) {
					this.problem(error);
				}
			}
			if (tag === 'receipt' || tag === 'notification' || tag === 'call') this.acknowledge(stanza);
			if (tag === 'ib' && child(stanza, 'offline_preview')) this.requestOffline();
			this.waits.changed();
		});
	}

	/** Does something that may take a while without holding up what comes in. */
	background(task: () => Promise<unknown>): void {
		task().then(
			() => this.waits.changed(),
			(error: unknown) => {
				// What was under way when the phone went offline is nobody's fault.
				if (this.connected) this.problem(error);
			},
		);
	}

	problem(error: unknown): void {
		this.problems.push(error instanceof Error ? error : new Error(String(error)));
		this.waits.changed();
	}

	/** Acknowledges a stanza, or refuses it with an error code, as Baileys' buildAckStanza does. */
	acknowledge({ tag, attrs }: BinaryNode, error?: number): void {
		this.send(
			node('ack', {
				id: attrs.id,
				to: attrs.from,
				class: tag,
				type: attrs.type,
				participant: attrs.participant,
				recipient: attrs.recipient,
				error: error?.toString(),
			}),
		);
	}

	/** Asks for the next part of what waits; the server sends the rest as this one is acknowledged. */
	private requestOffline(): void {
		this.send(node('ib', {}, [node('offline_batch', { count: '100' })]));
	}
}

/** Other addresses of a stanza's sender, under the names that the server uses for them. */
export function learnFromStanza(directory: Directory, { attrs, content }: BinaryNode): void {
	const sender = attrs.participant ?? attrs.from;
	for (const name of ['participant_pn', 'participant_lid', 'sender_pn', 'sender_lid']) {
		directory.learn(sender, attrs[name]);
	}
	for (const [name, whose] of [
		['recipient_pn', attrs.recipient],
		['recipient_lid', attrs.recipient],
		['peer_recipient_pn', attrs.recipient],
		['peer_recipient_lid', attrs.recipient],
	] as const) {
		directory.learn(whose, attrs[name]);
	}
	for (const part of Array.isArray(content) ? content : []) {
		for (const participant of children(part, 'participant')) {
			directory.learn(participant.attrs.jid, participant.attrs.phone_number);
			directory.learn(participant.attrs.jid, participant.attrs.lid);
		}
	}
}
