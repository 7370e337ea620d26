/** All groups, telling members what happened, and messages to members. */
import type { BinaryNode } from '../../contract';
import type { Account, Device } from '../accounts';
import { IqError } from '../iq';
import { parseJid } from '../jids';
import { child, children } from '../nodes';
import type { Relay } from '../relay';
import type { Service } from '../service';
import { Group } from './group';

export class Groups {
	private readonly groups = new Map<string, Group>();
	/** How groups that are made from now on name their members. */
	addressing: 'lid' | 'pn' = 'lid';
	maxMembers = 1024;

	constructor(readonly service: Service) {}

	add(creator: Account, subject: string): Group {
		const group = new Group(creator, subject, this.service.seconds(), this.addressing);
		this.groups.set(group.id, group);
		return group;
	}

	find(jid: string | undefined): Group | undefined {
		return this.groups.get(parseJid(jid)?.user ?? '');
	}

	byInvite(code: string | undefined): Group | undefined {
		return [...this.groups.values()].find(({ inviteCode }) => inviteCode === code);
	}

	wasRevoked(code: string): boolean {
		return [...this.groups.values()].some(({ revokedCodes }) => revokedCodes.has(code));
	}

	of(account: Account): Group[] {
		return [...this.groups.values()].filter(({ roles }) => roles.has(account));
	}

	/** The groups of a community. */
	partsOf(community: Group): Group[] {
		return [...this.groups.values()].filter(({ parent }) => parent === community);
	}

	/** The group for somebody who is in it; others get the service's refusal. */
	memberOf(jid: string | undefined, account: Account): Group {
		const group = this.find(jid);
		if (!group) throw new IqError(404, 'item-not-found');
		if (!group.roles.has(account)) throw new IqError(403, 'forbidden');
		return group;
	}

	adminOf(jid: string | undefined, account: Account): Group {
		const group = this.memberOf(jid, account);
		if (!group.isAdmin(account)) throw new IqError(403, 'forbidden');
		return group;
	}

	/** Tells these people (by default all members, the actor's own devices too) what `actor` did. */
	notify(
		group: Group,
		actor: Device,
		change: BinaryNode,
		people: Iterable<Account> = group.members,
	): void {
		const id = this.service.nextId();
		for (const account of people) {
			const notification = this.service.notification('w:gp2', [change], {
				id,
				from: group.jid,
				participant: group.addressOf(actor.account),
				[group.addressing === 'lid' ? 'participant_pn' : 'participant_lid']:
					group.addressing === 'lid' ? actor.account.shownPn : actor.account.lidJid,
				participant_username: actor.account.username,
				notify: actor.account.pushName,
				addressing_mode: group.addressing,
			});
			// The device that asked has the answer to its query, and is told nevertheless: clients
			// take their own changes from the notice.
			account.markDirty('groups');
			this.service.deliverToAll(account, notification);
		}
	}

	/** A message to a group: refused (an ack error), or given to every device of every member. */
	relay(relay: Relay, sender: Device, message: BinaryNode): number | undefined {
		const group = this.find(message.attrs['to']);
		if (!group) return 404;
		if (!group.roles.has(sender.account)) return 403;
		if (group.announcement && !group.isAdmin(sender.account)) return 403;
		const only = message.attrs['participant'];
		const shared = children(message, 'enc');
		const pairwise = new Map(
			children(child(message, 'participants'), 'to').map((to) => [
				this.service.accounts.findDevice(to.attrs['jid']),
				children(to, 'enc'),
			]),
		);
		for (const account of group.members) {
			for (const device of account.devices.values()) {
				if (device === sender) continue;
				if (only && this.service.accounts.findDevice(only) !== device) continue;
				const ciphertexts = [...(pairwise.get(device) ?? []), ...shared];
				this.service.deliver(device, relay.groupEnvelope(sender, message, ciphertexts, group));
			}
		}
		return undefined;
	}
}
