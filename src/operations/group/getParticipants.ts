import { asked } from '../asked';
import { asText, readCollection, filtersCollection } from '../fields';
import { limitFields, readLimit } from '../listing';
import { defineOperation } from '../types';
import { GROUP_REFUSALS, groupField, readGroup, resolveGroup } from './field';
import { refreshOption } from './options';
import { people } from './shape';

type Params = { group: string; role: string; limit: number; refresh: boolean };

export const getParticipants = defineOperation<Params>({
	resource: 'group',
	operation: 'getParticipants',
	name: 'Get Participants',
	description:
		'Get the people in a group: their names, their numbers where WhatsApp tells them, and who is an admin',
	action: 'Get the participants of a group',
	needs: 'socket',
	writes: false,
	fields: [
		groupField(),
		...limitFields(100),
		filtersCollection([
			{
				displayName: 'Role',
				name: 'role',
				type: 'options',
				default: 'all',
				options: [
					{ name: 'Admins', value: 'admins' },
					{ name: 'All', value: 'all' },
					{ name: 'Members Who Are No Admins', value: 'members' },
				],
			},
		]),
		refreshOption,
	],
	read: (context, item) => ({
		group: readGroup(context, item),
		role: asText(readCollection(context, item, 'filters').role) || 'all',
		limit: readLimit(context, item),
		refresh: readCollection(context, item, 'options').refresh === true,
	}),
	async perform(owner, { group, role, limit, refresh }) {
		const id = await resolveGroup(owner, group);
		const { participants } = await asked(owner.groups.get(id, refresh), GROUP_REFUSALS);
		const wanted = participants
			.filter(({ admin }) => role === 'all' || (role === 'admins') === Boolean(admin))
			.slice(0, limit);
		return await people(owner, wanted);
	},
	sample: [
		{
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
			role: 'admin',
			isAdmin: true,
			isMe: false,
		},
	],
});
