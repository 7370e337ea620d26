/**
 * Messages between devices. The sender encrypts for every device and lists them under
 * `participants`; each of them gets a message with its own ciphertext only.
 */
import type { BinaryNode } from '../contract';
import type { Account, Device } from './accounts';
import type { Group } from './groups/group';
import { GROUP, LID, parseJid, userJid } from './jids';
import { child, childBytes, children, el } from './nodes';
import type { Service } from './service';

/** Attributes of the sender's stanza that recipients see. */
const KEPT_ATTRS = [
	'id',
	'type',
	'edit',
	'category',
	'push_priority',
	'expiration',
	'verified_name',
];
/** Children that are for the server or for single recipients; the rest goes to everyone. */
const NOT_FORWARDED = new Set(['participants', 'enc', 'tctoken', 'device-identity', 'franking']);

/**
 * How messages to addresses that are not persons are spread; returns the error of a refusal, or what
 * the ack says more.
 */
export type Spread = (
	sender: Device,
	message: BinaryNode,
) => number | Record<string, string | number> | undefined;

export class Relay {
	readonly spreads = new Map<string, Spread>();

	constructor(private readonly service: Service) {
		const { groups, status, posts } = service;
		this.spreads.set(GROUP, (sender, message) => groups.relay(this, sender, message));
		this.spreads.set('broadcast', (sender, message) => status.relay(this, sender, message));
		this.spreads.set('newsletter', (sender, message) => posts.take(sender, message));
	}

	/** A `message` stanza of a device: refused, or relayed and acknowledged. */
	message(sender: Device, message: BinaryNode): void {
		const { faults } = this.service;
		const spread = this.spreads.get(parseJid(message.attrs['to'])?.server ?? '');
		const outcome =
			faults.takeRejection(sender, message) ??
			this.refusal(sender, message) ??
			(spread ? spread(sender, message) : this.toPerson(sender, message));
		if (typeof outcome === 'number') this.ack(sender, message, { error: outcome });
		else if (!faults.getsNoAck(sender)) this.ack(sender, message, outcome);
	}

	/** What one device gets: who it is from, in the form the sender used, with the other form beside. */
	envelope(
		sender: Device,
		recipient: Device,
		message: BinaryNode,
		ciphertexts: BinaryNode[],
	): BinaryNode {
		const to = message.attrs['to'] ?? '';
		const own = recipient.account === sender.account;
		const from = sender.account.hidesNumber && !own ? sender.lid : sender.addressLike(to);
		const attrs = this.commonAttrs(sender, message, from);
		if (own) this.addressOwnCopy(attrs, message);
		else {
			const form = parseJid(from)?.server === LID ? 'sender_pn' : 'sender_lid';
			attrs[form] = sender.account.otherAddress(from);
		}
		return el('message', attrs, this.contentFor(message, ciphertexts));
	}

	/** What a member's device gets: from the group, the sender as participant in the group's form. */
	groupEnvelope(
		sender: Device,
		message: BinaryNode,
		ciphertexts: BinaryNode[],
		group: Group,
	): BinaryNode {
		const lid = group.addressing === 'lid';
		const attrs = {
			...this.commonAttrs(sender, message, group.jid),
			participant: group.addressOf(sender),
			[lid ? 'participant_pn' : 'participant_lid']: lid
				? sender.account.shownPn
				: sender.account.lidJid,
			participant_username: sender.account.username,
			addressing_mode: group.addressing,
		};
		return el('message', attrs, this.contentFor(message, ciphertexts));
	}

	/** What a device gets of a status post. */
	statusEnvelope(sender: Device, message: BinaryNode, ciphertexts: BinaryNode[]): BinaryNode {
		const attrs = {
			...this.commonAttrs(sender, message, message.attrs['to'] ?? ''),
			participant: sender.lid,
			participant_pn: sender.account.shownPn,
		};
		return el('message', attrs, this.contentFor(message, ciphertexts));
	}

	private commonAttrs(
		sender: Device,
		message: BinaryNode,
		from: string,
	): Record<string, string | number | undefined> {
		const attrs: Record<string, string | number | undefined> = {
			from,
			t: this.service.seconds(),
			notify: sender.account.pushName,
		};
		for (const name of KEPT_ATTRS) attrs[name] = message.attrs[name];
		return attrs;
	}

	/** Ciphertexts, the sender's identity if a session starts with them, and what is for everyone. */
	contentFor(message: BinaryNode, ciphertexts: BinaryNode[]): BinaryNode[] {
		const content = [...ciphertexts];
		const identity = child(message, 'device-identity');
		if (identity && ciphertexts.some((enc) => enc.attrs['type'] === 'pkmsg'))
			content.push(identity);
		const shared = children(message).filter(({ tag }) => !NOT_FORWARDED.has(tag));
		const whole = ciphertexts.length > 0;
		content.push(...shared.filter(({ tag }) => !whole || tag !== 'unavailable'));
		return content;
	}

	ack(
		sender: Device,
		message: BinaryNode,
		more: Record<string, string | number | undefined> = {},
	): void {
		const { id, to, participant, addressing_mode } = message.attrs;
		sender.online?.send(
			el('ack', {
				class: 'message',
				id,
				from: to,
				participant,
				addressing_mode,
				t: this.service.seconds(),
				...more,
			}),
		);
	}

	private toPerson(sender: Device, message: BinaryNode): undefined {
		for (const { device, ciphertexts } of this.recipients(message)) {
			if (this.isBlocked(sender.account, device.account)) continue;
			this.service.deliver(device, this.envelope(sender, device, message, ciphertexts));
		}
		for (const device of this.leftOut(message)) {
			this.service.deliver(device, this.envelope(sender, device, message, []));
		}
	}

	/**
	 * Companions that get a notice instead of the message (view-once, answers of bots). How the real
	 * server knows is not known; here the sender's stanza has the notice, `unavailable`. Its types are
	 * those that WhatsApp Web and Baileys (handleMessage) tell apart.
	 */
	private leftOut(message: BinaryNode): Device[] {
		if (!child(message, 'unavailable')) return [];
		const listed = new Set(this.recipients(message).map(({ device }) => device));
		const recipient = this.service.accounts.find(message.attrs['to']);
		return [...(recipient?.devices.values() ?? [])].filter((device) => !listed.has(device));
	}

	/** Listed devices, or the one addressed device (peer messages, resent ones). */
	recipients(message: BinaryNode): Array<{ device: Device; ciphertexts: BinaryNode[] }> {
		const listed = children(child(message, 'participants'), 'to');
		const wanted = listed.length
			? listed.map((to) => ({ jid: to.attrs['jid'], ciphertexts: children(to, 'enc') }))
			: [{ jid: message.attrs['to'], ciphertexts: children(message, 'enc') }];
		return wanted.flatMap(({ jid, ciphertexts }) => {
			const device = this.service.accounts.findDevice(jid);
			// A device that is gone meanwhile; the real service tells by a phash in the ack.
			return device ? [{ device, ciphertexts }] : [];
		});
	}

	/**
	 * A copy for another device of the sender. It names the recipient and the recipient's other form,
	 * never the sender's own: clients take `sender_lid` for the chat's LID.
	 */
	private addressOwnCopy(
		attrs: Record<string, string | number | undefined>,
		message: BinaryNode,
	): void {
		if (message.attrs['category'] === 'peer') return;
		// A resent message to an own device names the chat in `recipient`.
		const chat = userJid(message.attrs['recipient'] ?? message.attrs['to'] ?? '');
		attrs['recipient'] = chat;
		const other = this.service.accounts.find(chat)?.otherAddress(chat);
		attrs['peer_recipient_username'] = this.service.accounts.find(chat)?.username;
		if (other) {
			const form = parseJid(chat)?.server === LID ? 'peer_recipient_pn' : 'peer_recipient_lid';
			attrs[form] = other;
		}
	}

	/** 479 (smax-invalid) for what is malformed, 463 for strangers of a restricted account. */
	private refusal(sender: Device, message: BinaryNode): number | undefined {
		const { id, to, category } = message.attrs;
		if (!id || !parseJid(to)) return 479;
		const recipient = this.service.accounts.find(to);
		if (!recipient || recipient === sender.account || category === 'peer') return undefined;
		const judged = this.service.limits.judge(sender.account, recipient);
		if (judged !== undefined) return judged;
		const timelock = this.service.limits.timelock(sender.account);
		const over = timelock?.until !== undefined && timelock.until <= this.service.seconds();
		if (!timelock?.active || over) return undefined;
		// Whoever has the other's privacy token has been written to, and may answer (belief).
		const token = sender.account.tokensHeld.get(recipient.lid);
		const shown = childBytes(message, 'tctoken');
		return token && shown?.equals(token) ? undefined : 463;
	}

	/** The sender sees one tick only, as with someone who is offline. */
	private isBlocked(sender: Account, recipient: Account): boolean {
		return recipient.blocked.has(sender.lid);
	}
}
