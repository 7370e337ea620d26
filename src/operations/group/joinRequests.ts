/** Get, Approve and Reject Join Requests. */
import { childOf, childrenOf } from '../../wa/nodes';
import { findPeople, peopleFields, readPeople, type Named } from '../people';
import { defineOperation, type AnyOperation, type JsonObject, type Owner } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { addressIn, describeResults, readResults } from './members';
import { groupQuery, node } from './query';
import { counted, NOT_ON_WHATSAPP } from './results';
import { ANNA, GROUP_ID } from './sample';
import { iso, json } from './shape';

/** How somebody asked, in the server's words and in ours. */
const METHODS: Readonly<Record<string, string>> = {
	invite_link: 'inviteLink',
	non_admin_add: 'addedByMember',
	linked_group_join: 'community',
};

interface Request {
	jid: string;
	/** What is given out. */
	shown: JsonObject;
}

async function requestsOf(owner: Owner, group: string): Promise<Request[]> {
	const answer = await groupQuery(owner, group, 'get', [node('membership_approval_requests')]);
	const list = childOf(answer, 'membership_approval_requests');
	const requests: Request[] = [];
	for (const { attrs } of childrenOf(list, 'membership_approval_request')) {
		const { jid, phone_number, username, request_time, request_method, requestor } = attrs;
		const person = await owner.person(jid, phone_number);
		if (!jid || !person) continue;
		requests.push({
			jid,
			shown: {
				...person,
				username: person.username ?? username ?? null,
				requestedAt: iso(request_time),
				method: METHODS[request_method ?? ''] ?? request_method ?? null,
				addedBy: requestor ? json(await owner.person(requestor)) : null,
			},
		});
	}
	return requests;
}

export const getJoinRequests = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'getJoinRequests',
	name: 'Get Join Requests',
	description: 'Get the people who have asked to join a group and wait for an admin to approve',
	action: 'Get the join requests of a group',
	needs: 'socket',
	writes: false,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	async perform(owner, { group: given }) {
		const group = await resolveGroup(owner, given);
		return (await requestsOf(owner, group)).map(({ shown }) => ({ ...shown, group }));
	},
	sample: [
		{
			...ANNA,
			requestedAt: '2026-11-23T09:30:00.000Z',
			method: 'inviteLink',
			addedBy: null,
			group: GROUP_ID,
		},
	],
});

type Params = { group: string; all: boolean; people: string[] };

const answerRequests = (
	action: 'approve' | 'reject',
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<Params>({
		resource: 'group',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [
			groupField(),
			{
				displayName: 'All Requests',
				name: 'all',
				type: 'boolean',
				default: false,
				description: `Whether to ${action} everybody who has asked, or only the people named here`,
			},
			...peopleFields('People').map((field) => ({
				...field,
				displayOptions: { show: { all: [false] } },
			})),
		],
		read(context, item) {
			const all = context.getNodeParameter('all', item, false) === true;
			return {
				group: readGroup(context, item),
				all,
				people: all ? [] : readPeople(context, item, { what: 'People' }),
			};
		},
		async perform(owner, { group: given, all, people }) {
			const group = await resolveGroup(owner, given);
			const named: Named[] = all
				? (await requestsOf(owner, group)).map(({ jid }) => ({ given: jid, jid }))
				: await findPeople(owner, people);
			const known = await owner.group(group);
			const addresses = new Map<Named, string>();
			for (const each of named) {
				if (each.jid) addresses.set(each, await addressIn(owner, known, each.jid));
			}
			const asked = [...addresses.values()].map((jid) => node('participant', { jid }));
			const results =
				asked.length === 0
					? named.map((each) => ({ named: each, outcome: NOT_ON_WHATSAPP }))
					: await readResults(
							owner,
							named,
							addresses,
							childOf(
								await groupQuery(owner, group, 'set', [
									node('membership_requests_action', {}, [node(action, {}, asked)]),
								]),
								'membership_requests_action',
								action,
							),
							action,
						);
			return { group, ...counted(await describeResults(owner, results)) };
		},
		sample: {
			group: GROUP_ID,
			participants: [
				{
					...ANNA,
					status: action === 'approve' ? 'approved' : 'rejected',
					reason: null,
					code: 200,
				},
			],
			done: 1,
			failed: 0,
		},
	});

export const approveJoinRequests = answerRequests('approve', {
	operation: 'approveJoinRequests',
	name: 'Approve Join Requests',
	action: 'Approve join requests of a group',
	description: 'Let people into a group who have asked to join',
});

export const rejectJoinRequests = answerRequests('reject', {
	operation: 'rejectJoinRequests',
	name: 'Reject Join Requests',
	action: 'Reject join requests of a group',
	description: 'Turn down people who have asked to join a group; they may ask again',
});
