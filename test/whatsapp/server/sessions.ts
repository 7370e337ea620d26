/** Logins: who a connection belongs to, and how it is told to go. */
import type { BinaryNode } from '../contract';
import type { Account, Connected, Device } from './accounts';
import { PN, SERVER } from './jids';
import { el } from './nodes';
import type { Service } from './service';

export interface LoginClaim {
	username: string;
	device: number;
	noiseKey: Buffer;
}

export class Sessions {
	private readonly firstLogin = new Map<Device, () => void>();
	/** Accounts that asked about another, so that they are told of changes. */
	private readonly watchers = new Map<Account, Set<Account>>();

	constructor(private readonly service: Service) {}

	/** The device that may log in, or the reason of the `failure` it gets. */
	check(claim: LoginClaim): Device | number {
		const { accounts, faults } = this.service;
		const refusal = faults.refusedLogins.get(claim.username) ?? faults.refusedLogins.get('*');
		if (refusal !== undefined) return refusal;
		const device = accounts.find(`${claim.username}@${PN}`)?.device(claim.device);
		// The same for all three, so that nobody can learn which numbers exist (assumed).
		return device?.noiseKey?.equals(claim.noiseKey) ? device : 401;
	}

	/** The device is logged in over this line; another line of the same device has to go. */
	open(device: Device, line: Connected): void {
		device.logins.all += 1;
		if (device.online) {
			device.logins.beside += 1;
			this.end(device, el('stream:error', {}, [el('conflict', { type: 'replaced' })]));
		}
		device.online = line;
		line.send(
			el('success', {
				t: this.service.seconds(),
				lid: device.lid,
				props: 1,
				display_name: device.account.pushName,
				creation: this.service.seconds(),
			}),
		);
		// The real service tells clients how to reach the same front end again; they put it in front
		// of their next connection's first bytes.
		line.send(
			el('ib', { from: SERVER }, [
				el('edge_routing', {}, [el('routing_info', {}, Buffer.from('0805080a', 'hex'))]),
			]),
		);
		if (this.firstLogin.has(device)) this.announceDevice(device, 'add');
	}

	/** The client asked for what waited for it (passive iq `active`). */
	active(device: Device): void {
		if (!device.online) return;
		for (const type of device.dirty) {
			device.online.send(
				el('ib', { from: SERVER }, [el('dirty', { type, timestamp: this.service.seconds() })]),
			);
		}
		device.outbox.open(device.online, () => {
			this.firstLogin.get(device)?.();
			this.firstLogin.delete(device);
		});
	}

	/** The line is gone, whoever ended it. */
	closed(device: Device, line: Connected): void {
		device.outbox.close(line);
		if (device.online !== line) return;
		device.online = undefined;
		device.available = false;
	}

	/** A last stanza (stream error, failure), then the line is closed. */
	end(device: Device, last: BinaryNode): void {
		const line = device.online;
		if (!line) return;
		line.send(last);
		line.close();
		this.closed(device, line);
	}

	/** Resolves when a freshly paired device has logged in and has all that waited for it. */
	whenLoggedIn(device: Device): Promise<void> {
		return new Promise((resolve) => this.firstLogin.set(device, resolve));
	}

	/** Takes a companion off its account, whoever wanted it. */
	remove(device: Device): void {
		this.firstLogin.delete(device);
		device.account.devices.delete(device.id);
		this.end(
			device,
			el('stream:error', { code: 401 }, [el('conflict', { type: 'device_removed' })]),
		);
		this.announceDevice(device, 'remove');
		this.service.recorder.changed();
	}

	/** Who looked this account up: they are told when it changes. */
	watchersOf(account: Account): Account[] {
		return [...(this.watchers.get(account) ?? [])].filter((other) => other !== account);
	}

	watch(watched: Account, by: Account): void {
		const set = this.watchers.get(watched) ?? new Set();
		set.add(by);
		this.watchers.set(watched, set);
	}

	/** Own devices and everyone who looked them up hear about a device that came or went. */
	private announceDevice(device: Device, change: 'add' | 'remove'): void {
		const { account } = device;
		for (const other of [account, ...this.watchersOf(account)]) {
			const notification = this.service.notification(
				'devices',
				[
					el(change, { device_hash: `2:${account.devices.size}` }, [
						el('device', {
							jid: device.addressLike(account.noticeJid),
							'key-index': device.keyIndex,
						}),
						el('key-index-list', { ts: this.service.seconds() }),
					]),
				],
				{ from: account.noticeJid, lid: account.lidJid },
			);
			this.service.deliverToAll(other, notification, device);
		}
	}
}
