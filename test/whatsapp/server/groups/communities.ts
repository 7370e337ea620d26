/**
 * Communities: a group that is the parent of others, with an announcement group that all members are
 * in. The real service describes them as `<group>` with `<parent/>`; Baileys' own community metadata
 * looks for a `<community>` that does not exist there (belief), its groupMetadata works.
 */
import type { BinaryNode } from '../../contract';
import type { Account, Device } from '../accounts';
import { IqError, type IqAnswer, type IqRequest } from '../iq';
import { bytesOf, child, children, el } from '../nodes';
import type { Service } from '../service';
import type { Group } from './group';

/** Makes a freshly created group a community, or the part of one, as the query says. */
export function applyCommunity(service: Service, group: Group, ask: BinaryNode): void {
	const description = child(ask, 'description');
	if (description) {
		const text = bytesOf(child(description, 'body'))?.toString() ?? '';
		const { id = service.nextId() } = description.attrs;
		if (text) group.description = { id, text, by: group.creator, at: service.seconds() };
	}
	const parent = child(ask, 'linked_parent')?.attrs['jid'];
	if (parent) join(group, service.groups.memberOf(parent, group.creator));
	if (!child(ask, 'parent')) return;
	group.isCommunity = true;
	const announcements = service.groups.add(group.creator, group.subject.text);
	announcements.announcement = true;
	announcements.isDefault = true;
	announcements.parent = group;
	if (child(ask, 'create_general_chat')) {
		service.groups.add(group.creator, 'General').parent = group;
	}
}

/** A group becomes part of a community: its members are in the community from then on. */
function join(group: Group, community: Group): void {
	if (!community.isCommunity) throw new IqError(406, 'not-acceptable');
	group.parent = community;
	for (const account of group.members) {
		if (!community.roles.has(account)) community.roles.set(account, 'member');
	}
}

export function link(request: IqRequest): IqAnswer {
	const { ask, node, device, service } = request;
	const community = service.groups.adminOf(node.attrs['to'], device.account);
	const links = children(ask, 'link').map((wanted) => {
		const groups = children(wanted, 'group').map(({ attrs: { jid } }) => {
			const group = service.groups.find(jid);
			if (!group?.roles.has(device.account)) return el('group', { jid, error: 404 });
			if (!group.isAdmin(device.account)) return el('group', { jid, error: 403 });
			if (group.parent || group.isCommunity) return el('group', { jid, error: 409 });
			join(group, community);
			tell(service, device, 'link', community, group);
			return el('group', { jid });
		});
		return el('link', wanted.attrs, groups);
	});
	return [el('links', {}, links)];
}

export function unlink({ ask, node, device, service }: IqRequest): IqAnswer {
	const community = service.groups.adminOf(node.attrs['to'], device.account);
	const { unlink_type } = ask.attrs;
	const groups = children(ask, 'group').map(({ attrs: { jid } }) => {
		const group = service.groups.find(jid);
		if (group?.parent !== community) return el('group', { jid, error: 404 });
		tell(service, device, 'unlink', community, group);
		group.parent = undefined;
		return el('group', { jid });
	});
	return [el('unlink', { unlink_type }, groups)];
}

/** Each side hears of the other: the community of a part, the part of its parent (whatsmeow). */
function tell(
	service: Service,
	actor: Device,
	tag: 'link' | 'unlink',
	community: Group,
	group: Group,
): void {
	const about = (type: string) =>
		tag === 'link' ? { link_type: type } : { unlink_type: type, unlink_reason: 'unlink_group' };
	service.groups.notify(community, actor, el(tag, about('sub_group'), [group.summary()]));
	service.groups.notify(group, actor, el(tag, about('parent_group'), [community.summary()]));
}

export function subGroups({ node, device, service }: IqRequest): IqAnswer {
	const community = service.groups.memberOf(node.attrs['to'], device.account);
	const groups = service.groups.partsOf(community).map((group) => group.summary());
	return [el('sub_groups', {}, groups)];
}

/** Everybody in any group of the community. */
export function allParticipants({ node, device, service }: IqRequest): IqAnswer {
	const community = service.groups.memberOf(node.attrs['to'], device.account);
	const everyone = new Set<Account>(community.members);
	for (const group of service.groups.partsOf(community)) {
		for (const account of group.members) everyone.add(account);
	}
	const participants = [...everyone].map((account) => community.participant(account));
	return [el('linked_groups_participants', {}, participants)];
}
