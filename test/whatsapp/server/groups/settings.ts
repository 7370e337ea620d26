/** What a group is called and how it is set up. */
import type { BinaryNode } from '../../contract';
import { IqError, type IqAnswer, type IqRequest } from '../iq';
import { bytesOf, child, el, textOf } from '../nodes';
import type { Group } from './group';
import { checkSubject } from './members';

/** Members may change what the group looks like unless it is locked. */
function editable({ service, node, device }: IqRequest): Group {
	const group = service.groups.memberOf(node.attrs['to'], device.account);
	if (group.locked && !group.isAdmin(device.account)) throw new IqError(403, 'forbidden');
	return group;
}

export function subject(request: IqRequest): IqAnswer {
	const { ask, device, service } = request;
	const group = editable(request);
	const text = checkSubject(textOf(ask) ?? '');
	group.subject = { text, by: device.account, at: service.seconds() };
	const { at } = group.subject;
	service.groups.notify(
		group,
		device,
		el('subject', {
			subject: text,
			s_t: at,
			s_o: group.addressOf(device.account),
			s_o_pn: device.account.shownPn,
		}),
	);
	return [];
}

/** The text replaces the one named by `prev`; whoever did not know the newest gets a conflict. */
export function description(request: IqRequest): IqAnswer {
	const { ask, device, service } = request;
	const group = editable(request);
	const { id = service.nextId(), prev } = ask.attrs;
	if (prev !== group.description?.id) throw new IqError(409, 'conflict');
	const text = bytesOf(child(ask, 'body'))?.toString();
	const removed = ask.attrs['delete'] === 'true';
	if (!removed && (text === undefined || text.length > 2048)) {
		throw new IqError(406, 'not-acceptable');
	}
	group.description = removed
		? undefined
		: { id, text: text ?? '', by: device.account, at: service.seconds() };
	const change = group.descriptionNode() ?? el('description', { id, delete: 'true' });
	service.groups.notify(group, device, change);
	return [];
}

/** A setting of the admins: changed, and told to everybody in the words of the query. */
const adminSetting =
	(apply: (group: Group, ask: BinaryNode) => void) =>
	({ ask, device, service, node }: IqRequest): IqAnswer => {
		const group = service.groups.adminOf(node.attrs['to'], device.account);
		apply(group, ask);
		service.groups.notify(group, device, ask);
		return [];
	};

export const announcement = adminSetting((group, { tag }) => {
	group.announcement = tag === 'announcement';
});

export const locked = adminSetting((group, { tag }) => {
	group.locked = tag === 'locked';
});

export const memberAddMode = adminSetting((group, ask) => {
	const mode = textOf(ask);
	if (mode !== 'all_member_add' && mode !== 'admin_add') throw new IqError(400, 'bad-request');
	group.everyoneAdds = mode === 'all_member_add';
});

export const approvalMode = adminSetting((group, ask) => {
	group.approval =
		(child(ask, 'group_join') ?? child(ask, 'community_join'))?.attrs['state'] === 'on';
});

export function ephemeral(request: IqRequest): IqAnswer {
	const { ask, device, service } = request;
	const group = editable(request);
	group.ephemeral = ask.tag === 'ephemeral' ? Number(ask.attrs['expiration']) || 0 : 0;
	service.groups.notify(group, device, ask);
	return [];
}
