/** Receiving messages: decrypt, check, show, and tell the sender. */
import { type Channels, isChannel } from './channels';
import { learnFromStanza, type PhoneCore } from './core';
import { checkDeviceIdentity } from './deviceIdentity';
import { parseJid } from './jids';
import type { Inbox } from './messages';
import { toPhoneMessage } from './messages';
import { type BinaryNode, bytes, child, children } from './nodes';
import { decodeMessage } from './padding';
import { type proto, wa } from './proto';
import type { Receipts } from './receipts';
import { withoutType } from './signal/curve';

/** What a companion sends its phone: requests for keys, history, messages. */
type PeerHandler = (
	message: proto.Message.IProtocolMessage,
	from: string,
	stanzaId: string,
) => void | Promise<void>;

export class Receiver {
	/** How often this phone could not decrypt a message, by message id. */
	readonly failures = new Map<string, { count: number; reason: string }>();
	/** Set to answer nothing to what cannot be decrypted. */
	asksForRetries = true;
	private readonly peerHandlers: PeerHandler[] = [];

	constructor(
		private readonly core: PhoneCore,
		private readonly inbox: Inbox,
		private readonly receipts: Receipts,
		private readonly channels: Channels,
	) {
		core.on('message', undefined, async (stanza) => await this.onMessage(stanza));
	}

	onPeer(handler: PeerHandler): void {
		this.peerHandlers.push(handler);
	}

	private async onMessage(stanza: BinaryNode): Promise<void> {
		learnFromStanza(this.core.directory, stanza);
		const { from = '', participant, id = '' } = stanza.attrs;
		if (isChannel(from)) {
			this.channels.take(stanza);
			return;
		}
		const author = participant ?? from;
		let message: proto.IMessage | undefined;
		let failure: unknown;
		for (const enc of children(stanza, 'enc')) {
			try {
				const part = this.decrypt(stanza, author, enc);
				message = message ? { ...message, ...part } : part;
			} catch (error) {
				failure = error;
			}
		}
		if (!message || failure) {
			this.onUndecryptable(stanza, author, failure ?? new Error('Nothing to decrypt'));
			return;
		}
		this.failures.delete(id);
		const peer = stanza.attrs.category === 'peer';
		const copy = message.deviceSentMessage;
		if ((copy || peer) && !this.core.isMine(author)) {
			// Only own devices may speak for the account: a real phone drops these as forged.
			this.core.acknowledge(stanza, 500);
			throw new Error(`${author} sent a message in the name of this account`);
		}
		const content = copy?.message ?? message;
		this.receipts.delivered(stanza, author, peer, !!copy || this.core.isMine(author));
		if (content.protocolMessage && peer) {
			for (const handler of this.peerHandlers) await handler(content.protocolMessage, author, id);
			return;
		}
		const chat = copy?.destinationJid ?? from;
		if (isEmpty(content)) return;
		const { device } = parseJid(author);
		this.inbox.add(toPhoneMessage(this.core, stanza, chat, { jid: author, device }, content));
	}

	private decrypt(stanza: BinaryNode, author: string, enc: BinaryNode): proto.Message {
		const { core } = this;
		const body = bytes(enc);
		const chat = stanza.attrs.from ?? '';
		if (!body?.length) throw new Error('Empty ciphertext');
		const address = core.signalAddress(author);
		if (enc.attrs.type === 'skmsg') {
			return decodeMessage(core.senderKeys.decrypt(chat, address, body));
		}
		if (enc.attrs.type === 'pkmsg') this.checkIdentity(stanza, author, body);
		const { plain } = core.signal.decrypt(address, enc.attrs.type ?? '', body);
		const message = decodeMessage(plain);
		const handed =
			message.senderKeyDistributionMessage ??
			message.deviceSentMessage?.message?.senderKeyDistributionMessage;
		if (handed?.groupId && handed.axolotlSenderKeyDistributionMessage) {
			core.senderKeys.accept(handed.groupId, address, handed.axolotlSenderKeyDistributionMessage);
		}
		return message;
	}

	/** A companion that nobody has a session with yet must show that its account vouches for it. */
	private checkIdentity(stanza: BinaryNode, author: string, body: Buffer): void {
		if (parseJid(author).device === 0) return;
		const shown = bytes(child(stanza, 'device-identity'));
		if (!shown) throw new Error(`${author} began a session without its device identity`);
		const { identityKey } = wa().PreKeySignalMessage.decode(body.subarray(1));
		if (!identityKey?.length) throw new Error('Incomplete pre-key message');
		checkDeviceIdentity(this.core, author, withoutType(identityKey), shown);
	}

	private onUndecryptable(stanza: BinaryNode, author: string, error: unknown): void {
		const { id = '' } = stanza.attrs;
		const reason = error instanceof Error ? error.message : String(error);
		if (reason.includes('used already') && this.inbox.has(id)) {
			// The server sent it twice: say again that it is here.
			this.receipts.delivered(stanza, author, false, this.core.isMine(author));
			return;
		}
		const count = (this.failures.get(id)?.count ?? 0) + 1;
		this.failures.set(id, { count, reason });
		if (this.asksForRetries) this.receipts.askAgain(stanza, count);
		this.core.acknowledge(stanza, 500);
	}
}

/** Nothing to show: only a key for group messages was handed over. */
function isEmpty(message: proto.IMessage): boolean {
	const { senderKeyDistributionMessage: _key, messageContextInfo: _context, ...rest } = message;
	return Object.values(rest).every((value) => value == null);
}
