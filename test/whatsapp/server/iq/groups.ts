/** xmlns `w:g2`: by the first child of the query. */
import { IqError, UnknownQuery, type IqAnswer, type IqHandler, type IqRequest } from '../iq';
import * as communities from '../groups/communities';
import * as invites from '../groups/invites';
import * as members from '../groups/members';
import * as settings from '../groups/settings';
import { el } from '../nodes';

const ASKS: Readonly<Record<string, (request: IqRequest) => IqAnswer>> = {
	query: ({ node, device, service }) => [
		service.groups.memberOf(node.attrs['to'], device.account).describe(),
	],
	participating: ({ device, service }) => [
		el(
			'groups',
			{},
			service.groups.of(device.account).map((group) => group.describe()),
		),
	],
	create: members.create,
	add: members.add,
	remove: members.remove,
	leave: members.leave,
	promote: members.changeRole('admin'),
	demote: members.changeRole('member'),
	subject: settings.subject,
	description: settings.description,
	announcement: settings.announcement,
	not_announcement: settings.announcement,
	locked: settings.locked,
	unlocked: settings.locked,
	member_add_mode: settings.memberAddMode,
	membership_approval_mode: settings.approvalMode,
	ephemeral: settings.ephemeral,
	not_ephemeral: settings.ephemeral,
	invite: invites.invite,
	accept: invites.accept,
	revoke: invites.revoke,
	links: communities.link,
	unlink: communities.unlink,
	sub_groups: communities.subGroups,
	linked_groups_participants: communities.allParticipants,
	membership_approval_requests: invites.listRequests,
	membership_requests_action: invites.answerRequests,
};

const FOR_READING = new Set([
	'query',
	'participating',
	'membership_approval_requests',
	'sub_groups',
	'linked_groups_participants',
]);

export const groups: IqHandler = (request) => {
	const { ask, type } = request;
	const handler = ASKS[ask.tag];
	if (!handler) throw new UnknownQuery();
	if (ask.tag !== 'invite' && FOR_READING.has(ask.tag) !== (type === 'get')) {
		throw new IqError(400, 'bad-request');
	}
	return handler(request);
};
