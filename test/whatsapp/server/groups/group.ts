/** A group and how the server describes it. Children and attributes as Baileys' Socket/groups.js reads them. */
import { randomBytes, randomInt } from 'node:crypto';
import type { BinaryNode } from '../../contract';
import type { Account, Device } from '../accounts';
import type { Picture } from '../iq/picture';
import { formatJid, GROUP } from '../jids';
import { el } from '../nodes';

export type Role = 'member' | 'admin' | 'superadmin';

export interface Description {
	id: string;
	text: string;
	by: Account;
	at: number;
}

export interface JoinRequest {
	account: Account;
	at: number;
	method: 'invite_link' | 'non_admin_add' | 'linked_group_join';
	/** Who asked for somebody else. */
	by: Account;
}

/** A personal invitation, for people whom privacy settings protect from being added. */
export interface PersonalInvite {
	account: Account;
	by: Account;
	/** Seconds since the epoch. */
	expires: number;
}

export class Group {
	readonly id = `1203634${String(randomInt(1e11)).padStart(11, '0')}`;
	readonly roles = new Map<Account, Role>();
	readonly requests = new Map<Account, JoinRequest>();
	readonly invites = new Map<string, PersonalInvite>();
	subject: { text: string; by: Account; at: number };
	description?: Description;
	picture?: Picture;
	/** Only admins write. */
	announcement = false;
	/** Only admins change subject, picture and description. */
	locked = false;
	/** Everybody may add people. */
	everyoneAdds = true;
	/** Who joins by link has to be approved. */
	approval = false;
	/** Seconds, 0 = messages stay. */
	ephemeral = 0;
	inviteCode = newInviteCode();
	/** Codes of links that were replaced. */
	readonly revokedCodes = new Set<string>();
	/** The parent of other groups. */
	isCommunity = false;
	/** The announcement group of its community. */
	isDefault = false;
	/** The community that the group is part of. */
	parent?: Group;

	constructor(
		readonly creator: Account,
		subject: string,
		readonly created: number,
		/** How members are named: groups made today use LIDs, old ones phone numbers. */
		readonly addressing: 'lid' | 'pn',
	) {
		this.subject = { text: subject, by: creator, at: created };
		this.roles.set(creator, 'superadmin');
	}

	get jid(): string {
		return formatJid(this.id, GROUP);
	}

	get members(): Account[] {
		return [...this.roles.keys()];
	}

	isAdmin(account: Account): boolean {
		return (this.roles.get(account) ?? 'member') !== 'member';
	}

	/** The address of a person as this group uses it. */
	addressOf(person: Account | Device): string {
		if ('pnJid' in person) return this.addressing === 'lid' ? person.lidJid : person.pnJid;
		return this.addressing === 'lid' ? person.lid : person.pn;
	}

	/** `<participant>` with both forms of the address. */
	participant(account: Account, more: Record<string, string | undefined> = {}): BinaryNode {
		const role = this.roles.get(account);
		return el('participant', {
			jid: this.addressOf(account),
			...(this.addressing === 'lid' ? { phone_number: account.shownPn } : { lid: account.lidJid }),
			username: account.username,
			type: role === 'member' ? undefined : role,
			...more,
		});
	}

	/** The `<group>` that metadata queries and create notices carry. */
	describe(extra: BinaryNode[] = []): BinaryNode {
		const { subject, creator } = this;
		return el(
			'group',
			{
				id: this.id,
				subject: subject.text,
				s_t: subject.at,
				s_o: this.addressOf(subject.by),
				s_o_pn: subject.by.shownPn,
				creation: this.created,
				creator: this.addressOf(creator),
				creator_pn: creator.shownPn,
				size: this.roles.size,
				addressing_mode: this.addressing,
			},
			[...this.members.map((account) => this.participant(account)), ...extra, ...this.settings()],
		);
	}

	/** What lists of groups say. */
	summary(): BinaryNode {
		return el(
			'group',
			{
				id: this.id,
				jid: this.jid,
				subject: this.subject.text,
				creation: this.created,
				creator: this.addressOf(this.creator),
				size: this.roles.size,
			},
			this.isDefault ? [el('default_sub_group')] : [],
		);
	}

	descriptionNode(): BinaryNode | undefined {
		if (!this.description) return undefined;
		const { id, text, by, at } = this.description;
		const attrs = { id, t: at, participant: this.addressOf(by), participant_pn: by.shownPn };
		return el('description', attrs, [el('body', {}, Buffer.from(text))]);
	}

	private settings(): BinaryNode[] {
		const nodes = [el('member_add_mode', {}, this.everyoneAdds ? 'all_member_add' : 'admin_add')];
		const description = this.descriptionNode();
		if (description) nodes.push(description);
		if (this.isCommunity) {
			nodes.push(el('parent', { default_membership_approval_mode: 'request_required' }));
		}
		if (this.parent) nodes.push(el('linked_parent', { jid: this.parent.jid }));
		if (this.isDefault) nodes.push(el('default_sub_group'));
		if (this.announcement) nodes.push(el('announcement'));
		if (this.locked) nodes.push(el('locked'));
		if (this.ephemeral) nodes.push(el('ephemeral', { expiration: this.ephemeral }));
		if (this.approval) {
			nodes.push(el('membership_approval_mode', {}, [el('group_join', { state: 'on' })]));
		}
		return nodes;
	}
}

export const newInviteCode = (): string => randomBytes(16).toString('base64url');
