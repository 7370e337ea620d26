/** Calls: only what rings and stops ringing; the sound goes elsewhere. */
import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../contract';
import type { Device } from './accounts';
import { children, el } from './nodes';
import type { Service } from './service';

export class Calls {
	/** Links that were made, oldest first. */
	readonly links: Array<{ by: string; media: string; token: string }> = [];

	constructor(private readonly service: Service) {}

	/** An offer, accept, reject or terminate: acknowledged, and told to all devices of the other side. */
	call(device: Device, node: BinaryNode): void {
		const { id, to } = node.attrs;
		const info = children(node)[0];
		const answer = info?.tag === 'link_create' ? [this.link(info, device)] : undefined;
		device.online?.send(
			el(
				'ack',
				{ class: 'call', id, type: info?.tag, from: to, t: this.service.seconds() },
				answer,
			),
		);
		const callee = this.service.accounts.find(to);
		if (!callee || !info || answer) return;
		const forwarded = el(
			'call',
			{
				id: this.service.nextId(),
				from: device.addressLike(to),
				t: this.service.seconds(),
				notify: device.account.pushName,
				sender_pn: device.account.shownPn,
				sender_lid: device.account.lidJid,
			},
			[el(info.tag, { caller_pn: device.account.shownPn, ...info.attrs }, info.content)],
		);
		this.service.deliverToAll(callee, forwarded);
		// The callee's other devices stop ringing when one has answered.
		if (info.tag === 'accept' || info.tag === 'reject') {
			this.service.deliverToAll(device.account, forwarded, device);
		}
	}

	private link(info: BinaryNode, device: Device): BinaryNode {
		const token = randomBytes(16).toString('base64url');
		this.links.push({ by: device.account.phone, media: info.attrs['media'] ?? '', token });
		return el('link_create', { ...info.attrs, token });
	}
}
