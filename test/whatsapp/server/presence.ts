/** Who is online, and who types. Nothing of it is kept for those who are away. */
import type { BinaryNode } from '../contract';
import type { Account, Device } from './accounts';
import { maySee } from './iq/privacy';
import { el } from './nodes';
import type { Service } from './service';

export class Presence {
	private readonly subscribers = new Map<Account, Map<Device, string>>();
	private readonly lastSeen = new Map<Account, number>();

	constructor(private readonly service: Service) {}

	presence(device: Device, node: BinaryNode): void {
		const { type, to, name } = node.attrs;
		if (type === 'subscribe') this.subscribe(device, to);
		// A name is announced with it: it is what others see in `notify`.
		if (name) device.account.pushName = name;
		if (type !== 'available' && type !== 'unavailable') return;
		const was = device.available;
		device.available = type === 'available';
		if (was && !device.available) this.lastSeen.set(device.account, this.service.seconds());
		for (const [subscriber, address] of this.subscribers.get(device.account) ?? []) {
			this.tell(subscriber, device.account, address);
		}
	}

	/** Typing, recording, paused: to all devices of the other side. */
	chatstate(device: Device, node: BinaryNode): void {
		const { to } = node.attrs;
		const group = this.service.groups.find(to);
		if (group) {
			const typing = el(
				'chatstate',
				{ from: group.jid, participant: group.addressOf(device.account) },
				node.content,
			);
			for (const member of group.members) {
				if (member !== device.account) this.service.deliverToAll(member, typing);
			}
			return;
		}
		const account = this.service.accounts.find(to);
		if (!account) return;
		const forwarded = el('chatstate', { from: device.account.addressLike(to) }, node.content);
		this.service.deliverToAll(account, forwarded);
	}

	private subscribe(device: Device, to: string | undefined): void {
		const account = this.service.accounts.find(to);
		if (!account || !to) return;
		const subscribers = this.subscribers.get(account) ?? new Map<Device, string>();
		subscribers.set(device, to);
		this.subscribers.set(account, subscribers);
		this.tell(device, account, to);
	}

	/**
	 * The presence of an account, as far as its privacy settings let this subscriber see it. Only told
	 * to devices that are online themselves: whatsmeow's SubscribePresence says that the real service
	 * does so. What one may not see is left out, or `deny` for the last time (assumed).
	 */
	private tell(subscriber: Device, account: Account, address: string): void {
		if (!subscriber.available) return;
		const maySeeLast = maySee(account, subscriber.account, 'last');
		const online = [...account.devices.values()].some((device) => device.available);
		if (account.privacy.get('online') === 'match_last_seen' && !maySeeLast) return;
		const last = (maySeeLast && this.lastSeen.get(account)) || 'deny';
		this.service.deliver(
			subscriber,
			el('presence', {
				from: account.addressLike(address),
				type: online ? undefined : 'unavailable',
				last: online ? undefined : last,
			}),
		);
	}
}
