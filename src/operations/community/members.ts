/** Who is in a community: Get Many, Get Participants, Remove Participants, Leave. */
import { childOf, childrenOf } from '../../wa/nodes';
import { asked } from '../asked';
import { readGroup } from '../group/field';
import { recentFirst } from '../group/getMany';
import { leaveAs } from '../group/leave';
import { changeMembers, describeResults } from '../group/members';
import { groupQuery, node } from '../group/query';
import { counted } from '../group/results';
import { ANNA } from '../group/sample';
import { describeGroup, GROUP_SAMPLE } from '../group/shape';
import { limitFields, readLimit } from '../listing';
import { peopleFields, readPeople } from '../people';
import { defineOperation, type JsonObject } from '../types';
import { COMMUNITY_ID, communityField } from './field';

export const getMany = defineOperation<{ limit: number }>({
	resource: 'community',
	operation: 'getMany',
	name: 'Get Many',
	description: 'Get the communities that this number is in',
	action: 'Get many communities',
	needs: 'socket',
	writes: false,
	fields: limitFields(),
	read: (context, item) => ({ limit: readLimit(context, item) }),
	async perform(owner, { limit }) {
		const all = await asked(owner.groups.all());
		const communities: JsonObject[] = [];
		for (const community of recentFirst(owner, all).filter((group) => group.isCommunity)) {
			if (communities.length === limit) break;
			const parts = all.filter(({ linkedParent }) => linkedParent === community.id);
			communities.push({
				...(await describeGroup(owner, community, true)),
				announcementGroup: parts.find((part) => part.isCommunityAnnounce)?.id ?? null,
				groups: parts.map(({ id }) => id),
			});
		}
		return communities;
	},
	sample: [
		{
			...GROUP_SAMPLE,
			id: COMMUNITY_ID,
			name: 'Village',
			kind: 'community',
			announcementGroup: '120363000000000010@g.us',
			groups: ['120363000000000010@g.us', '120363000000000001@g.us'],
		},
	],
});

export const getParticipants = defineOperation<{ community: string; limit: number }>({
	resource: 'community',
	operation: 'getParticipants',
	name: 'Get Participants',
	description: 'Get the people in any group of a community',
	action: 'Get the participants of a community',
	needs: 'socket',
	writes: false,
	fields: [communityField(), ...limitFields(100)],
	read: (context, item) => ({
		community: readGroup(context, item, 'community'),
		limit: readLimit(context, item),
	}),
	async perform(owner, { community, limit }) {
		const ask = node('linked_groups_participants');
		const answer = await groupQuery(owner, community, 'get', [ask]);
		const list = childrenOf(childOf(answer, 'linked_groups_participants'), 'participant');
		const people: JsonObject[] = [];
		for (const { attrs } of list.slice(0, limit)) {
			const person = await owner.person(attrs.jid, attrs.phone_number, attrs.lid);
			if (!person) continue;
			const username = person.username ?? attrs.username ?? null;
			people.push({ ...person, username, isAdmin: attrs.type?.includes('admin') ?? false });
		}
		return people;
	},
	sample: [{ ...ANNA, isAdmin: false }],
});

export const removeParticipants = defineOperation<{ community: string; people: string[] }>({
	resource: 'community',
	operation: 'removeParticipants',
	name: 'Remove Participants',
	description:
		'Remove people from a community and from all its groups. They see that they were removed.',
	action: 'Remove participants from a community',
	needs: 'socket',
	writes: true,
	repeatable: true,
	destructive: true,
	fields: [communityField(), ...peopleFields()],
	read: (context, item) => ({
		community: readGroup(context, item, 'community'),
		people: readPeople(context, item),
	}),
	async perform(owner, { community, people }) {
		const everywhere = { linked_groups: 'true' };
		const { results } = await changeMembers(owner, community, people, 'remove', everywhere);
		return { community, ...counted(await describeResults(owner, results)) };
	},
	sample: {
		community: COMMUNITY_ID,
		participants: [{ ...ANNA, status: 'removed', reason: null, code: 200 }],
		done: 1,
		failed: 0,
	},
});

export const leave = defineOperation<{ community: string }>({
	resource: 'community',
	operation: 'leave',
	name: 'Leave',
	description:
		'Leave a community and all its groups. This number can only come back by an invitation or by being added.',
	action: 'Leave a community',
	needs: 'socket',
	writes: true,
	destructive: true,
	fields: [communityField()],
	read: (context, item) => ({ community: readGroup(context, item, 'community') }),
	async perform(owner, { community }) {
		await leaveAs(owner, 'community', community);
		return { community, left: true };
	},
	sample: { community: COMMUNITY_ID, left: true },
});
