import type { GroupMetadata } from '@whiskeysockets/baileys';
import { asked } from '../asked';
import { asText, readCollection, filtersCollection } from '../fields';
import { limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { refreshOption } from './options';
import { describeGroup, GROUP_SAMPLE, kindOf, ownRole } from './shape';

type Params = {
	search: string;
	kind: string;
	adminOnly: boolean;
	limit: number;
	simplify: boolean;
	refresh: boolean;
};

export const getMany = defineOperation<Params>({
	resource: 'group',
	operation: 'getMany',
	name: 'Get Many',
	description: 'Get the groups that this number is in, those with recent messages first',
	action: 'Get many groups',
	needs: 'socket',
	writes: false,
	fields: [
		...limitFields(),
		simplifyField,
		filtersCollection([
			{
				displayName: 'Kind',
				name: 'kind',
				type: 'options',
				default: 'all',
				options: [
					{ name: 'All', value: 'all' },
					{ name: 'Announcements of Communities', value: 'announcements' },
					{ name: 'Communities', value: 'community' },
					{ name: 'Groups', value: 'group' },
				],
			},
			{
				displayName: 'Only Where Admin',
				name: 'adminOnly',
				type: 'boolean',
				default: false,
				description: 'Whether to return only groups that this number is an admin of',
			},
			{
				displayName: 'Search',
				name: 'search',
				type: 'string',
				default: '',
				placeholder: 'e.g. Choir',
				description: 'Part of the name or description',
			},
		]),
		refreshOption,
	],
	read(context, item) {
		const { search, kind, adminOnly } = readCollection(context, item, 'filters');
		return {
			search: asText(search).trim(),
			kind: asText(kind) || 'all',
			adminOnly: adminOnly === true,
			limit: readLimit(context, item),
			simplify: readSimplify(context, item),
			refresh: readCollection(context, item, 'options').refresh === true,
		};
	},
	async perform(owner, { search, kind, adminOnly, limit, simplify, refresh }) {
		const wanted = search.toLocaleLowerCase();
		const all = await asked(owner.groups.all(refresh));
		const found = recentFirst(owner, all)
			.filter((group) => kind === 'all' || kindOf(group) === kind)
			.filter((group) => textOf(group).includes(wanted))
			.filter((group) => !adminOnly || (ownRole(owner, group) ?? 'member') !== 'member')
			.slice(0, limit);
		const groups: JsonObject[] = [];
		for (const group of found) groups.push(await describeGroup(owner, group, simplify));
		return groups;
	},
	sample: [GROUP_SAMPLE],
});

const textOf = ({ subject, desc }: GroupMetadata) => `${subject} ${desc ?? ''}`.toLocaleLowerCase();

/** Those with recent messages first, the others by name. */
export function recentFirst(owner: Owner, groups: readonly GroupMetadata[]): GroupMetadata[] {
	const lastAt = (group: GroupMetadata) => owner.directory.find(group.id)?.lastAt ?? 0;
	return [...groups].sort(
		(a, b) => lastAt(b) - lastAt(a) || (a.subject ?? '').localeCompare(b.subject ?? ''),
	);
}
