/** Joining: by link, by personal invitation, and with the admins' approval. */
import type { Account } from '../accounts';
import { IqError, type IqAnswer, type IqRequest } from '../iq';
import { children, el } from '../nodes';
import { type Group, newInviteCode } from './group';
import { welcome } from './members';

/** To a group: its code (get) or a new one (set). To `@g.us`: what a code leads to, or joining by it. */
export function invite(request: IqRequest): IqAnswer {
	const { ask, type, node, service, device } = request;
	if (ask.attrs['code'] !== undefined) {
		const group = service.groups.byInvite(ask.attrs['code']);
		if (!group) {
			// whatsmeow tells these two apart (ErrInviteLinkRevoked, ErrInviteLinkInvalid).
			throw service.groups.wasRevoked(ask.attrs['code'])
				? new IqError(410, 'gone')
				: new IqError(406, 'not-acceptable');
		}
		return type === 'get' ? [group.describe()] : joinByLink(request, group);
	}
	const group = service.groups.adminOf(node.attrs['to'], device.account);
	if (type === 'set') {
		group.revokedCodes.add(group.inviteCode);
		group.inviteCode = newInviteCode();
		service.groups.notify(group, device, el('invite', { code: group.inviteCode }));
	}
	return [el('invite', { code: group.inviteCode })];
}

function joinByLink(request: IqRequest, group: Group): IqAnswer {
	const { device, service } = request;
	const { account } = device;
	if (group.roles.has(account)) throw new IqError(409, 'conflict');
	if (!group.approval) {
		welcome(request, group, [account], 'invite');
		return [el('group', { jid: group.jid })];
	}
	const at = service.seconds();
	group.requests.set(account, { account, at, method: 'invite_link', by: account });
	const created = el('created_membership_requests', { request_method: 'invite_link' }, [
		group.participant(account),
	]);
	service.groups.notify(group, device, created, admins(group));
	return [el('membership_approval_request', { jid: group.jid })];
}

/** Accepts a personal invitation. */
export function accept(request: IqRequest): IqAnswer {
	const { ask, node, device, service } = request;
	const group = service.groups.find(node.attrs['to']);
	const code = ask.attrs['code'] ?? '';
	const invited = group?.invites.get(code);
	if (!group || invited?.account !== device.account) throw new IqError(404, 'item-not-found');
	if (invited.expires < service.seconds()) throw new IqError(410, 'gone');
	group.invites.delete(code);
	welcome(request, group, [device.account], 'invite');
	return [];
}

/** Takes a personal invitation back. */
export function revoke({ ask, node, device, service }: IqRequest): IqAnswer {
	const group = service.groups.adminOf(node.attrs['to'], device.account);
	for (const { attrs } of children(ask, 'participant')) {
		const account = service.accounts.find(attrs['jid']);
		for (const [code, invited] of group.invites) {
			if (invited.account === account) group.invites.delete(code);
		}
	}
	return [];
}

export function listRequests({ node, device, service }: IqRequest): IqAnswer {
	const group = service.groups.adminOf(node.attrs['to'], device.account);
	const requests = [...group.requests.values()].map(({ account, at, method, by }) =>
		el('membership_approval_request', {
			jid: group.addressOf(account),
			phone_number: account.shownPn,
			username: account.username,
			request_time: at,
			request_method: method,
			requestor: method === 'non_admin_add' ? group.addressOf(by) : undefined,
		}),
	);
	return [el('membership_approval_requests', {}, requests)];
}

/** Admins approve or reject. */
export function answerRequests(request: IqRequest): IqAnswer {
	const { ask, node, device, service } = request;
	const group = service.groups.adminOf(node.attrs['to'], device.account);
	const actions = children(ask).map((action) => {
		const results = children(action, 'participant').map(({ attrs: { jid } }) => {
			const account = service.accounts.find(jid);
			if (!account || !group.requests.has(account)) return el('participant', { jid, error: 404 });
			if (action.tag === 'approve') welcome(request, group, [account], 'linked_group_join');
			else reject(request, group, account);
			return el('participant', { jid });
		});
		return el(action.tag, {}, results);
	});
	return [el('membership_requests_action', {}, actions)];
}

function reject({ service, device }: IqRequest, group: Group, account: Account): void {
	group.requests.delete(account);
	const revoked = el('revoked_membership_requests', {}, [group.participant(account)]);
	service.groups.notify(group, device, revoked, [...admins(group), account]);
}

const admins = (group: Group): Account[] =>
	group.members.filter((account) => group.isAdmin(account));
