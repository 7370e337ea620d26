/** Receipts: delivered (no type), read, played, retry, and those that are only for the server. */
import type { BinaryNode } from '../contract';
import type { Account, Device } from './accounts';
import { isGroup, parseJid } from './jids';
import { el } from './nodes';
import type { Service } from './service';

/** Told to nobody: `inactive` is a delivery to a client in the background, the others are for the server. */
const FOR_THE_SERVER = new Set(['inactive', 'sender', 'peer_msg', 'hist_sync']);
/** Also told to the reader's own other devices, so that they clear the badge. */
const READING = new Set(['read', 'played', 'read-self', 'played-self']);
/** Told to the own devices only: the reader has read receipts switched off. */
const PRIVATE = new Set(['read-self', 'played-self']);

export class Receipts {
	constructor(private readonly service: Service) {}

	receipt(reader: Device, receipt: BinaryNode): void {
		const { id, to, type, participant, recipient } = receipt.attrs;
		reader.outbox.acknowledgeReceipt(receipt);
		reader.online?.send(
			el('ack', { class: 'receipt', id, from: to, type, participant, recipient }),
		);
		if (type !== undefined && FOR_THE_SERVER.has(type)) return;
		if (type === 'server-error') {
			// Media has expired: the own phone is asked to upload it again.
			this.service.deliver(reader.account.primary, this.forward(reader, receipt));
			return;
		}
		if (type === 'retry') {
			this.retry(reader, receipt);
			return;
		}
		const author = this.service.accounts.find(isGroup(to) ? participant : to);
		if (author && author !== reader.account && !PRIVATE.has(type ?? '')) {
			this.tell(author, reader, receipt, {});
		}
		if (READING.has(type ?? '')) this.tellOwn(reader, receipt);
	}

	/** To the exact device that sent the message. */
	private retry(reader: Device, receipt: BinaryNode): void {
		const { to, participant } = receipt.attrs;
		const device = this.service.accounts.findDevice(isGroup(to) ? participant : to);
		if (device && device !== reader) this.service.deliver(device, this.forward(reader, receipt));
	}

	private tell(
		account: Account,
		reader: Device,
		receipt: BinaryNode,
		attrs: Record<string, string | undefined>,
	): void {
		const forwarded = this.forward(reader, receipt, attrs);
		this.service.deliverToAll(account, forwarded, reader);
	}

	/** The reader's other devices: `from` the own device, `recipient` the chat. */
	private tellOwn(reader: Device, receipt: BinaryNode): void {
		const { to, participant } = receipt.attrs;
		const attrs = isGroup(to)
			? { from: to, participant, recipient: undefined }
			: { from: reader.addressLike(to), recipient: to };
		this.tell(reader.account, reader, receipt, attrs);
	}

	/** The receipt as others see it: from the reader's device, in the form that was addressed. */
	private forward(
		reader: Device,
		receipt: BinaryNode,
		attrs: Record<string, string | undefined> = {},
	): BinaryNode {
		const { id, to, type, participant, recipient } = receipt.attrs;
		const group = isGroup(to) || parseJid(to)?.server === 'broadcast';
		const sender = reader.addressLike(group ? participant : to);
		return el(
			'receipt',
			{
				id,
				type,
				t: this.service.seconds(),
				from: group ? to : sender,
				participant: group ? sender : undefined,
				recipient: type === 'retry' ? recipient : undefined,
				...attrs,
			},
			receipt.content,
		);
	}
}
