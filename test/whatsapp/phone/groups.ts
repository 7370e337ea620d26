/** Groups: the iqs that clients send (Baileys' Socket/groups.js), and who has our sender key. */
import type { PhoneCore } from './core';
import { isGroup, isLid, isStatus } from './jids';
import { type BinaryNode, bytes, child, children, node } from './nodes';
import type { proto } from './proto';

const ALL_GROUPS = '@g.us';

export interface GroupMember {
	/** As the group addresses people: by LID, or by number in an old group. */
	jid: string;
	/** Address by phone number, where the server tells it. */
	phone?: string;
	admin?: 'admin' | 'superadmin';
}

export interface GroupInfo {
	jid: string;
	subject: string;
	description?: string;
	addressing: 'lid' | 'pn';
	members: GroupMember[];
	/** The node that the server described it with. */
	node: BinaryNode;
}

/** What somebody is invited with whose privacy settings keep others from adding them. */
export interface PersonalInvite {
	code: string;
	/** Seconds since the epoch. */
	expiration: number;
}

/** What became of one person in a change of members; 200 is done, others are the server's codes. */
export interface MemberResult {
	jid: string;
	code: string;
	/** With 403: what to send instead, see `Phone.invite`. */
	invite?: PersonalInvite;
}

export class Groups {
	/** Devices that were handed our current sender key, by group. */
	private readonly haveKey = new Map<string, Set<string>>();

	constructor(private readonly core: PhoneCore) {
		core.on('notification', 'w:gp2', (stanza) => {
			const gone = children(stanza).some(({ tag }) => tag === 'remove' || tag === 'leave');
			// Who has left must not read on, so everybody left gets a new key.
			if (gone && stanza.attrs.from) this.rotate(stanza.attrs.from);
		});
	}

	/** Creates a group with these people (addresses) and returns its address. */
	async create(subject: string, members: string[]): Promise<string> {
		const answer = await this.set(ALL_GROUPS, [
			node(
				'create',
				{ subject, key: this.core.newId() },
				members.map((jid) => node('participant', { jid })),
			),
		]);
		return this.read(answer).jid;
	}

	async info(group: string): Promise<GroupInfo> {
		return this.read(
			await this.core.query('w:g2', 'get', [node('query', { request: 'interactive' })], group),
		);
	}

	async change(
		group: string,
		action: 'add' | 'remove' | 'promote' | 'demote',
		members: string[],
	): Promise<MemberResult[]> {
		const answer = await this.set(group, [
			node(
				action,
				{},
				members.map((jid) => node('participant', { jid })),
			),
		]);
		return children(child(answer, action), 'participant').map((participant): MemberResult => {
			const { jid = '', error = '200' } = participant.attrs;
			const request = child(participant, 'add_request')?.attrs;
			const expiration = Number(request?.expiration);
			const invite = request?.code ? { code: request.code, expiration } : undefined;
			return { jid, code: error, invite };
		});
	}

	async setSubject(group: string, subject: string): Promise<void> {
		await this.set(group, [node('subject', {}, Buffer.from(subject))]);
	}

	/** An empty text removes the description. */
	async setDescription(group: string, text: string): Promise<void> {
		const { node: described } = await this.info(group);
		const prev = child(described, 'description')?.attrs.id;
		await this.set(group, [
			text
				? node('description', { id: this.core.newId(), prev }, [
						node('body', {}, Buffer.from(text)),
					])
				: node('description', { delete: 'true', prev }),
		]);
	}

	/** `announcement`, `not_announcement`, `locked` or `unlocked`. */
	async setSetting(group: string, setting: string): Promise<void> {
		await this.set(group, [node(setting)]);
	}

	/** Seconds after which new messages disappear; 0 switches it off. */
	async setDisappearing(group: string, seconds: number): Promise<void> {
		const on = node('ephemeral', { expiration: String(seconds) });
		await this.set(group, [seconds ? on : node('not_ephemeral')]);
	}

	async setMemberAddMode(group: string, mode: 'all_member_add' | 'admin_add'): Promise<void> {
		await this.set(group, [node('member_add_mode', {}, mode)]);
	}

	async setJoinApproval(group: string, state: 'on' | 'off'): Promise<void> {
		await this.set(group, [node('membership_approval_mode', {}, [node('group_join', { state })])]);
	}

	async inviteCode(group: string): Promise<string> {
		const answer = await this.core.query('w:g2', 'get', [node('invite')], group);
		return child(answer, 'invite')?.attrs.code ?? '';
	}

	async revokeInvite(group: string): Promise<string> {
		return child(await this.set(group, [node('invite')]), 'invite')?.attrs.code ?? '';
	}

	/** Joins with an invite code; `undefined` when an admin has to approve first. */
	async join(code: string): Promise<string | undefined> {
		const answer = await this.set(ALL_GROUPS, [node('invite', { code })]);
		return child(answer, 'group')?.attrs.jid;
	}

	/** Accepts a personal invitation of this admin. */
	async accept(group: string, invite: PersonalInvite, admin: string): Promise<void> {
		const expiration = String(invite.expiration);
		await this.set(group, [node('accept', { code: invite.code, expiration, admin })]);
	}

	async leave(group: string): Promise<void> {
		await this.set(ALL_GROUPS, [node('leave', {}, [node('group', { id: group })])]);
	}

	/** Addresses of people who have asked to join. */
	async joinRequests(group: string): Promise<string[]> {
		const asked = [node('membership_approval_requests')];
		const answer = await this.core.query('w:g2', 'get', asked, group);
		const list = child(answer, 'membership_approval_requests');
		return children(list, 'membership_approval_request').map(({ attrs }) => attrs.jid ?? '');
	}

	async answerJoinRequests(
		group: string,
		action: 'approve' | 'reject',
		people: string[],
	): Promise<void> {
		const participants = people.map((jid) => node('participant', { jid }));
		await this.set(group, [
			node('membership_requests_action', {}, [node(action, {}, participants)]),
		]);
	}

	/** Who gets a message to this chat: a group's members or the audience of a status, and ourselves. */
	async membersOf(
		chat: string,
		audience: string[],
	): Promise<{ users: string[]; addressing?: string }> {
		if (isStatus(chat)) return { users: [this.core.lid, ...audience] };
		const { members, addressing } = await this.info(chat);
		return { users: members.map(({ jid }) => jid), addressing };
	}

	distribution(chat: string): proto.Message.ISenderKeyDistributionMessage {
		return {
			groupId: chat,
			axolotlSenderKeyDistributionMessage: this.core.senderKeys.distribution(chat),
		};
	}

	/** The devices that have been handed our current sender key. */
	withSenderKey(chat: string): string[] {
		return [...(this.haveKey.get(chat) ?? [])];
	}

	handedOver(chat: string, devices: string[]): void {
		const known = this.haveKey.get(chat) ?? new Set();
		for (const device of devices) known.add(device);
		this.haveKey.set(chat, known);
	}

	private rotate(group: string): void {
		this.core.senderKeys.rotate(group);
		this.haveKey.delete(group);
	}

	private async set(to: string, content: BinaryNode[]): Promise<BinaryNode> {
		return await this.core.query('w:g2', 'set', content, to);
	}

	private read(answer: BinaryNode): GroupInfo {
		const group = child(answer, 'group');
		if (!group?.attrs.id) throw new Error('The server did not describe the group');
		const id = group.attrs.id;
		const members = children(group, 'participant').map(({ attrs }): GroupMember => {
			this.core.directory.learn(attrs.jid, attrs.phone_number);
			this.core.directory.learn(attrs.jid, attrs.lid);
			return {
				jid: attrs.jid ?? '',
				phone: attrs.phone_number,
				admin: attrs.type === 'admin' || attrs.type === 'superadmin' ? attrs.type : undefined,
			};
		});
		return {
			jid: isGroup(id) ? id : `${id}@g.us`,
			subject: group.attrs.subject ?? '',
			description: bytes(child(group, 'description', 'body'))?.toString(),
			addressing:
				group.attrs.addressing_mode === 'lid' || members.some(({ jid }) => isLid(jid))
					? 'lid'
					: 'pn',
			members,
			node: group,
		};
	}
}
