/**
 * Receipts, both ways: what the phone tells others about their messages, what they tell about ours,
 * and requests to send something again. Shapes as in Baileys' sendReceipt and sendRetryRequest.
 */
import type { PhoneCore } from './core';
import type { Devices } from './devices';
import { userOf } from './jids';
import type { PhoneMessage } from './messages';
import { bigEndian, type BinaryNode, bytes, child, children, node, uint } from './nodes';
import type { Sender } from './send';
import { KEY_TYPE } from './signal/curve';

/** How often a real client tries. */
const MAX_RETRIES = 5;

export type ReceiptKind = 'delivered' | 'read' | 'played';

export interface PhoneReceipt {
	/** Id of the message. */
	id: string;
	kind: string;
	/** Who has it, by LID where known. */
	from: string;
	/** The device that said so. */
	device: string;
	/** Seconds since the epoch. */
	timestamp: number;
}

/** Somebody's request to send a message again. */
export interface RetryRequest {
	id: string;
	device: string;
	count: number;
	/** Whether the requester sent a new key bundle along. */
	withKeys: boolean;
}

export class Receipts {
	/** All receipts for messages of this account, oldest first. */
	readonly receipts: PhoneReceipt[] = [];
	readonly retryRequests: RetryRequest[] = [];
	/** Whether the phone says that messages have arrived. */
	sendsDelivery = true;
	/** Whether requests to send again are answered, where the message's options do not say. */
	answersRetries = true;

	constructor(private readonly core: PhoneCore) {}

	/** Starts to take in receipts; retries are answered from what `sender` has sent. */
	listen(sender: Sender, devices: Devices): void {
		this.core.on('receipt', undefined, async (stanza) => {
			if (stanza.attrs.type === 'retry') await this.onRetry(stanza, sender, devices);
			else this.onReceipt(stanza);
		});
	}

	/** Says that a message is here: to its sender, or to the own device that sent it. */
	delivered(stanza: BinaryNode, author: string, peer: boolean, own: boolean): void {
		const { id, from, participant, recipient } = stanza.attrs;
		if (!this.sendsDelivery) {
			this.core.acknowledge(stanza);
			return;
		}
		const attrs = peer
			? { to: from, type: 'peer_msg' }
			: own && recipient
				? { to: author, type: 'sender', recipient }
				: { to: from, participant, type: own ? 'sender' : undefined };
		this.core.send(node('receipt', { id, ...attrs }));
	}

	/** Tells the writers of messages that they were read (or, voice messages, played). */
	read(messages: PhoneMessage[], type: 'read' | 'played' = 'read'): void {
		const [first, ...rest] = messages.filter(({ fromMe }) => !fromMe);
		if (!first) return;
		const { from = first.chat, participant } = first.stanza.attrs;
		const items = rest.map(({ id }) => node('item', { id }));
		this.core.send(
			node(
				'receipt',
				{
					id: first.id,
					type,
					t: String(this.core.seconds),
					// In the form (LID or phone number) in which the message was addressed.
					to: userOf(from),
					participant,
				},
				items.length > 0 ? [node('list', {}, items)] : undefined,
			),
		);
	}

	/** Asks for a message again; from the second time on with a bundle for a new session. */
	askAgain(stanza: BinaryNode, count: number): void {
		if (count > MAX_RETRIES) return;
		const { signal } = this.core;
		const { id, from, participant, recipient, t } = stanza.attrs;
		const content = [
			node('retry', { count: String(count), id, t, v: '1', error: '0' }),
			node('registration', {}, bigEndian(signal.registrationId, 4)),
		];
		if (count > 1) {
			const [preKey] = signal.newPreKeys(1);
			content.push(
				node('keys', {}, [
					node('type', {}, Buffer.from([KEY_TYPE])),
					node('identity', {}, signal.identity.public),
					node('key', {}, [
						node('id', {}, bigEndian(preKey!.id, 3)),
						node('value', {}, preKey!.public),
					]),
					node('skey', {}, [
						node('id', {}, bigEndian(signal.signedPreKey.id, 3)),
						node('value', {}, signal.signedPreKey.pair.public),
						node('signature', {}, signal.signedPreKey.signature),
					]),
				]),
			);
		}
		this.core.send(
			node('receipt', { id, to: from, type: 'retry', participant, recipient }, content),
		);
	}

	/** Resolves when somebody (or, if named, this person) has got, read or played a message. */
	async wait(id: string, kind: ReceiptKind, from?: string): Promise<PhoneReceipt> {
		const wanted = from && this.core.directory.canonical(userOf(from));
		return await this.core.waits.until(
			`the message to be ${kind}`,
			() =>
				this.receipts.find(
					(receipt) =>
						receipt.id === id && receipt.kind === kind && (!wanted || receipt.from === wanted),
				),
			undefined,
			() =>
				this.receipts
					.filter((receipt) => receipt.id === id)
					.map(({ kind: k }) => k)
					.join(', '),
		);
	}

	private onReceipt(stanza: BinaryNode): void {
		const { id, from = '', participant, type, t } = stanza.attrs;
		const device = participant ?? from;
		const listed = children(child(stanza, 'list'), 'item').map(({ attrs }) => attrs.id);
		for (const each of [id, ...listed]) {
			if (!each) continue;
			this.receipts.push({
				id: each,
				kind: type ?? 'delivered',
				from: this.core.directory.canonical(userOf(device)),
				device,
				timestamp: Number(t ?? 0),
			});
		}
	}

	private async onRetry(stanza: BinaryNode, sender: Sender, devices: Devices): Promise<void> {
		const { id = '', from = '', participant } = stanza.attrs;
		const device = participant ?? from;
		const count = Number(child(stanza, 'retry')?.attrs.count ?? 1);
		const keys = child(stanza, 'keys');
		this.retryRequests.push({ id, device, count, withKeys: keys !== undefined });
		const sent = sender.sent.findLast((message) => message.id === id);
		const answers = sent?.options.answerRetries ?? this.answersRetries;
		const wanted = typeof answers === 'number' ? count >= answers : answers;
		if (!sent || !wanted || count > MAX_RETRIES) return;
		if (keys) {
			const registration = uint(child(stanza, 'registration'));
			devices.begin(device, keys, bytes(child(keys, 'device-identity')), registration);
		} else {
			await devices.assertSessions([device], true);
		}
		sender.resend(sent, device, count);
	}
}
