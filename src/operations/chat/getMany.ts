import { defineOperation, type JsonObject } from '../types';

type Params = { search: string; kind: string; limit: number };

/** More chats than any phone has shown us (facts: histories of 2 000 chats are common). */
const ALL = 100_000;

export const getMany = defineOperation<Params>({
	resource: 'chat',
	operation: 'getMany',
	name: 'Get Many',
	description: 'Get the chats, contacts and groups that this number knows, the most recent first',
	action: 'Get many chats',
	needs: 'session',
	writes: false,
	fields: [
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: false,
			description: 'Whether to return all results or only up to a given limit',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { returnAll: [false] } },
		},
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				{
					displayName: 'Kind',
					name: 'kind',
					type: 'options',
					default: 'all',
					options: [
						{ name: 'All', value: 'all' },
						{ name: 'Channels', value: 'channel' },
						{ name: 'Groups', value: 'group' },
						{ name: 'People', value: 'person' },
					],
				},
				{
					displayName: 'Search',
					name: 'search',
					type: 'string',
					default: '',
					placeholder: 'e.g. Anna',
					description: 'Part of a name or a phone number',
				},
			],
		},
	],
	read(context, item) {
		const filters = context.getNodeParameter('filters', item, {}) as Partial<Params>;
		const all = context.getNodeParameter('returnAll', item, false) === true;
		const limit = Number(context.getNodeParameter('limit', item, 50));
		return {
			search: typeof filters.search === 'string' ? filters.search : '',
			kind: typeof filters.kind === 'string' ? filters.kind : 'all',
			limit: all || !Number.isFinite(limit) ? ALL : Math.max(1, Math.floor(limit)),
		};
	},
	perform(owner, { search, kind, limit }) {
		const found = owner.directory
			.search(search, ALL)
			.filter((entry) => kind === 'all' || entry.kind === kind)
			.slice(0, limit)
			.map((entry): JsonObject => ({
				id: entry.id,
				kind: entry.kind,
				name: entry.name ?? entry.pushName ?? null,
				phone: entry.phone ?? null,
				isContact: entry.saved ?? false,
				archived: entry.archived ?? false,
				lastMessageAt: entry.lastAt ? new Date(entry.lastAt).toISOString() : null,
			}));
		return Promise.resolve(found);
	},
	sample: [
		{
			id: '200000000000101@lid',
			kind: 'person',
			name: 'Anna',
			phone: '+15550100101',
			isContact: true,
			archived: false,
			lastMessageAt: '2026-11-23T09:30:00.000Z',
		},
	],
});
