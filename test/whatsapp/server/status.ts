/** Status posts (`status@broadcast`): to whom the sender lists, like a group without a list of members. */
import type { BinaryNode } from '../contract';
import type { Account, Device } from './accounts';
import { child, children } from './nodes';
import type { Relay } from './relay';
import type { Service } from './service';

const STATUS = 'status@broadcast';

export class Status {
	/** Who got the last posts of an account: devices with the key are not listed again. */
	private readonly audiences = new Map<Account, Set<Device>>();

	constructor(private readonly service: Service) {}

	relay(relay: Relay, sender: Device, message: BinaryNode): number | undefined {
		if (message.attrs['to'] !== STATUS) return 404;
		const { accounts } = this.service;
		const only = message.attrs['participant'];
		const listed = new Map<Device, BinaryNode[]>();
		for (const to of children(child(message, 'participants'), 'to')) {
			const device = accounts.findDevice(to.attrs['jid']);
			if (device) listed.set(device, children(to, 'enc'));
		}
		const audience = this.audiences.get(sender.account) ?? new Set<Device>();
		for (const device of listed.keys()) audience.add(device);
		this.audiences.set(sender.account, audience);
		const shared = children(message, 'enc');
		for (const device of audience) {
			if (device === sender || (only && accounts.findDevice(only) !== device)) continue;
			if (!device.account.devices.has(device.id)) continue;
			const ciphertexts = [...(listed.get(device) ?? []), ...shared];
			this.service.deliver(device, relay.statusEnvelope(sender, message, ciphertexts));
		}
		return undefined;
	}
}
