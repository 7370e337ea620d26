/** Sending: encrypt for every device of everybody concerned, and wait for the server's ack. */
import type { PhoneCore } from './core';
import type { Devices } from './devices';
import type { Groups } from './groups';
import { formatJid, isGroup, isPn, isStatus, LID, PN } from './jids';
import { type BinaryNode, node } from './nodes';
import { encodeMessage } from './padding';
import type { proto } from './proto';
import type { Ciphertext } from './signal/session';
import { editAttribute, isHidden, mediaType, stanzaType } from './stanzas';
import type { Tokens } from './tokens';

export interface SendOptions {
	/** Use this message id instead of a new one: the same message again. */
	id?: string;
	/** Write to a person by phone number, as clients did before LIDs. */
	addressing?: 'lid' | 'pn';
	/** Break the ciphertext for these devices (all: `true`), so that they ask for it again. */
	corrupt?: boolean | ((device: string) => boolean);
	/** Whether requests to send it again are answered; a number: only from that request on. */
	answerRetries?: boolean | number;
	/** Leave devices out, as when the sender does not know them yet. */
	except?: (device: string) => boolean;
	/** Who may see a status post. */
	audience?: string[];
	/** More attributes of the stanza. */
	attrs?: Record<string, string>;
	/** More children of the stanza. */
	nodes?: BinaryNode[];
	/** `false` resolves when it has been handed to the server, acknowledged or not. */
	waitForAck?: boolean;
}

export interface SentMessage {
	id: string;
	/** The chat as it was addressed on the wire. */
	chat: string;
	message: proto.IMessage;
	/** How the message is named in edits, reactions ...: from the phone's point of view. */
	key: proto.IMessageKey;
	/** Seconds since the epoch. */
	at: number;
	/** The devices it was encrypted for. */
	devices: string[];
	options: SendOptions;
}

/** The server has refused a message, for example with 463. */
export class MessageRefused extends Error {
	constructor(
		readonly id: string,
		readonly code: string,
	) {
		super(`The server refused the message with ${code}`);
		this.name = 'MessageRefused';
	}
}

export class Sender {
	/** Everything this phone has sent, oldest first; retries are answered from here. */
	readonly sent: SentMessage[] = [];
	private readonly acks = new Map<string, { error?: string }>();
	/** One message after another, so that the order of calls is the order on the wire. */
	private queue: Promise<unknown> = Promise.resolve();

	constructor(
		private readonly core: PhoneCore,
		private readonly devices: Devices,
		private readonly groups: Groups,
		private readonly tokens: Tokens,
	) {
		core.on('ack', undefined, ({ attrs }) => {
			if (attrs.class === 'message' && attrs.id) this.acks.set(attrs.id, { error: attrs.error });
		});
	}

	async send(to: string, message: proto.IMessage, options: SendOptions = {}): Promise<SentMessage> {
		const turn = this.queue.then(async () => await this.transmit(to, message, options));
		this.queue = turn.catch(() => undefined);
		const sent = await turn;
		if (options.waitForAck === false) return sent;
		const ack = await this.core.waits.until("the server's ack of a message", () =>
			this.acks.get(sent.id),
		);
		if (ack.error) throw new MessageRefused(sent.id, ack.error);
		return sent;
	}

	/** Sends a message to one of the own companions only, in the form of keys and history. */
	async sendPeer(companion: string, message: proto.IMessage): Promise<string> {
		const id = this.core.newId();
		await this.devices.assertSessions([companion]);
		this.core.send(
			node(
				'message',
				{ id, to: companion, type: 'text', category: 'peer', push_priority: 'high' },
				[this.enc(companion, message)],
			),
		);
		return id;
	}

	/** Encrypts a sent message anew for one device that could not decrypt it. */
	resend(sent: SentMessage, device: string, count: number): void {
		const { chat, message, id, options } = sent;
		const own = this.core.isMine(device);
		const shared = !isGroup(chat) && !isStatus(chat);
		const again: proto.IMessage = shared
			? message
			: { ...message, senderKeyDistributionMessage: this.groups.distribution(chat) };
		const payload = own ? deviceSent(chat, again) : again;
		this.core.send(
			node(
				'message',
				{
					id,
					to: shared ? device : chat,
					type: stanzaType(message),
					participant: shared ? undefined : device,
					recipient: shared && own ? chat : undefined,
					device_fanout: shared ? 'false' : undefined,
					edit: editAttribute(message),
					...options.attrs,
				},
				[this.enc(device, payload, { count: String(count) })],
			),
		);
	}

	private async transmit(
		to: string,
		message: proto.IMessage,
		options: SendOptions,
	): Promise<SentMessage> {
		const id = options.id ?? this.core.newId();
		const broadcast = isGroup(to) || isStatus(to);
		const chat = broadcast || options.addressing === 'pn' ? to : await this.devices.chatWith(to);
		const { devices, content, attrs } = broadcast
			? await this.encryptForMany(chat, message, options)
			: await this.encryptForOne(chat, message, options);
		// Groups name people in one form, LID or phone number.
		const me = attrs.addressing_mode === 'pn' ? this.core.pn : this.core.lid;
		const participant = broadcast ? me : undefined;
		const key: proto.IMessageKey = { remoteJid: chat, fromMe: true, id, participant };
		const sent = { id, chat, message, key, at: this.core.seconds, devices, options };
		this.sent.push(sent);
		this.acks.delete(id);
		this.core.send(
			node(
				'message',
				{
					id,
					to: chat,
					type: stanzaType(message),
					edit: editAttribute(message),
					...attrs,
					...options.attrs,
				},
				[...content, ...(options.nodes ?? [])],
			),
		);
		this.tokens.afterMessage(chat);
		return sent;
	}

	private async encryptForOne(chat: string, message: proto.IMessage, options: SendOptions) {
		const own = isPn(chat) ? formatJid(this.core.ids.phone, PN) : formatJid(this.core.ids.lid, LID);
		const devices = this.recipients(await this.devices.of([own, chat]), options);
		await this.devices.assertSessions(devices);
		const copy = deviceSent(chat, message);
		const content = devices.map((device) =>
			node('to', { jid: device }, [
				this.enc(device, this.core.isMine(device) ? copy : message, {}, options),
			]),
		);
		const attrs: Record<string, string | undefined> = {};
		return {
			devices,
			attrs,
			content: [node('participants', {}, content), ...this.tokens.toShow(chat)],
		};
	}

	private async encryptForMany(chat: string, message: proto.IMessage, options: SendOptions) {
		const members = await this.groups.membersOf(chat, options.audience ?? []);
		const devices = this.recipients(await this.devices.of(members.users), options);
		// Everybody gets the key of a status each time, as clients do: the list is the audience.
		const known = isStatus(chat) ? [] : this.groups.withSenderKey(chat);
		const withoutKey = devices.filter((device) => !known.includes(device));
		await this.devices.assertSessions(withoutKey);
		const handOver = { senderKeyDistributionMessage: this.groups.distribution(chat) };
		const pairwise = withoutKey.map((device) =>
			node('to', { jid: device }, [this.enc(device, handOver)]),
		);
		this.groups.handedOver(chat, withoutKey);
		const body = this.core.senderKeys.encrypt(chat, encodeMessage(message));
		if (options.corrupt) breakCiphertext(body);
		const content = pairwise.length > 0 ? [node('participants', {}, pairwise)] : [];
		content.push(node('enc', { v: '2', type: 'skmsg', ...encAttributes(message) }, body));
		const attrs: Record<string, string | undefined> = { addressing_mode: members.addressing };
		return { devices, attrs, content };
	}

	private recipients(devices: string[], { except }: SendOptions): string[] {
		const [pn, lid] = [this.core.pn, this.core.lid];
		return devices.filter((jid) => jid !== pn && jid !== lid && !except?.(jid));
	}

	private enc(
		device: string,
		message: proto.IMessage,
		attrs: Record<string, string> = {},
		{ corrupt }: SendOptions = {},
	): BinaryNode {
		const address = this.core.signalAddress(device);
		const { type, body }: Ciphertext = this.core.signal.encrypt(address, encodeMessage(message));
		if (corrupt === true || (typeof corrupt === 'function' && corrupt(device))) {
			breakCiphertext(body);
		}
		return node('enc', { v: '2', type, ...encAttributes(message), ...attrs }, body);
	}
}

/** The copy for the sender's own devices; it names the chat. */
const deviceSent = (chat: string, message: proto.IMessage): proto.IMessage => ({
	deviceSentMessage: { destinationJid: chat, message },
	messageContextInfo: message.messageContextInfo,
});

const encAttributes = (message: proto.IMessage): Record<string, string> => {
	const media = mediaType(message);
	return {
		...(media ? { mediatype: media } : {}),
		...(isHidden(message) ? { 'decrypt-fail': 'hide' } : {}),
	};
};

/**
 * Changes a byte that the MAC covers (or, in a group message, of the signature), and leaves the
 * protobuf around it whole: what comes before is at most a pre-key message's ids and the MAC.
 */
function breakCiphertext(body: Buffer): void {
	body[body.length - 20]! ^= 0xff;
}
