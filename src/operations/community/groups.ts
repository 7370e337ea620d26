/** The groups of a community: Get Groups, Get Announcement Group, Link Group, Unlink Group. */
import { LinkedError } from '../../errors';
import { childOf, childrenOf } from '../../wa/nodes';
import type { Meaning } from '../asked';
import { groupField, readGroup, resolveGroup } from '../group/field';
import { groupQuery, node } from '../group/query';
import { GROUP_ID } from '../group/sample';
import { iso } from '../group/shape';
import { defineOperation, type AnyOperation, type JsonObject, type Owner } from '../types';
import { COMMUNITY_ID, communityField } from './field';

const NO_COMMUNITY: Readonly<Record<number, Meaning>> = {
	400: { code: 'bad-recipient', detail: 'This group is not a community.' },
	406: { code: 'bad-recipient', detail: 'This group is not a community.' },
};

async function groupsOf(owner: Owner, community: string): Promise<JsonObject[]> {
	const answer = await groupQuery(owner, community, 'get', [node('sub_groups')], NO_COMMUNITY);
	const mine = new Set((await owner.groups.all().catch(() => [])).map(({ id }) => id));
	return childrenOf(childOf(answer, 'sub_groups'), 'group').map((group) => {
		const { id = '', jid, subject, creation, size } = group.attrs;
		const address = jid ?? (id.includes('@') ? id : `${id}@g.us`);
		return {
			id: address,
			name: subject ?? null,
			size: size === undefined ? null : Number(size),
			created: iso(creation),
			isAnnouncementGroup: childOf(group, 'default_sub_group') !== undefined,
			isMember: mine.has(address),
			community,
		};
	});
}

/** Where what is written reaches all members of the community. @throws LinkedError `not-found` */
export async function announcementGroupOf(owner: Owner, community: string): Promise<string> {
	const found = (await groupsOf(owner, community)).find((group) => group.isAnnouncementGroup);
	if (!found) throw new LinkedError('not-found', { detail: 'It has no announcement group.' });
	return String(found.id);
}

const GROUP_OF_COMMUNITY = {
	id: GROUP_ID,
	name: 'Choir',
	size: 12,
	created: '2025-01-05T18:00:00.000Z',
	isAnnouncementGroup: false,
	isMember: true,
	community: COMMUNITY_ID,
};

export const getGroups = defineOperation<{ community: string }>({
	resource: 'community',
	operation: 'getGroups',
	name: 'Get Groups',
	description: 'Get the groups of a community, its announcement group too',
	action: 'Get the groups of a community',
	needs: 'socket',
	writes: false,
	fields: [communityField()],
	read: (context, item) => ({ community: readGroup(context, item, 'community') }),
	perform: async (owner, { community }) => await groupsOf(owner, community),
	sample: [GROUP_OF_COMMUNITY],
});

export const getAnnouncementGroup = defineOperation<{ community: string }>({
	resource: 'community',
	operation: 'getAnnouncementGroup',
	name: 'Get Announcement Group',
	description:
		'Get the group whose messages all members of a community see. Only admins write there; use its ID as Chat to send an announcement.',
	action: 'Get the announcement group of a community',
	needs: 'socket',
	writes: false,
	fields: [communityField()],
	read: (context, item) => ({ community: readGroup(context, item, 'community') }),
	async perform(owner, { community }) {
		const id = await announcementGroupOf(owner, community);
		return (await groupsOf(owner, community)).find((group) => group.id === id) ?? { id };
	},
	sample: {
		...GROUP_OF_COMMUNITY,
		id: '120363000000000010@g.us',
		name: 'Village',
		isAnnouncementGroup: true,
	},
});

type LinkParams = { community: string; group: string };

/** What the server says of the one group that was named. */
const REFUSALS: Readonly<
	Record<number, { code: 'not-admin' | 'not-found' | 'not-allowed'; detail?: string }>
> = {
	401: { code: 'not-admin' },
	403: { code: 'not-admin' },
	404: { code: 'not-found', detail: 'The group is not there, or not part of this community.' },
	409: { code: 'not-allowed', detail: 'The group is part of a community already.' },
};

function assertTaken(error: string | undefined): void {
	if (!error || error === '200') return;
	const known = REFUSALS[Number(error)] ?? { code: 'not-allowed' };
	throw new LinkedError(known.code, { detail: known.detail, data: { status: Number(error) } });
}

const change = (
	linked: boolean,
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<LinkParams>({
		resource: 'community',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [communityField(), groupField()],
		read: (context, item) => ({
			community: readGroup(context, item, 'community'),
			group: readGroup(context, item),
		}),
		async perform(owner, { community, group: given }) {
			const jid = await resolveGroup(owner, given);
			const named = [node('group', { jid })];
			const ask = linked
				? node('links', {}, [node('link', { link_type: 'sub_group' }, named)])
				: node('unlink', { unlink_type: 'sub_group' }, named);
			const answer = await groupQuery(owner, community, 'set', [ask], NO_COMMUNITY);
			const place = linked ? childOf(answer, 'links', 'link') : childOf(answer, 'unlink');
			assertTaken(childOf(place, 'group')?.attrs.error);
			const linkedParent = linked ? community : undefined;
			owner.groups.changed({ 'groups.update': [{ id: jid, linkedParent }] });
			return { community, group: jid, linked };
		},
		sample: { community: COMMUNITY_ID, group: GROUP_ID, linked },
	});

export const linkGroup = change(true, {
	operation: 'linkGroup',
	name: 'Link Group',
	description: 'Make a group part of a community; its members join the community',
	action: 'Link a group to a community',
});

export const unlinkGroup = change(false, {
	operation: 'unlinkGroup',
	name: 'Unlink Group',
	description: 'Take a group out of a community; the group stays as it is',
	action: 'Unlink a group from a community',
});
