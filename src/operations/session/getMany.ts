import { limitFields, readLimit } from '../listing';
import { defineOperation, type JsonObject } from '../types';

type Params = { limit: number };

export const getMany = defineOperation<Params>({
	resource: 'session',
	operation: 'getMany',
	name: 'Get Many',
	description:
		'List the numbers that this n8n has linked with this kind of credential: state and process of each. Whose number it is is told for the own credential only.',
	action: 'Get many linked numbers',
	needs: 'session',
	writes: false,
	fields: limitFields(),
	read: (context, item) => ({ limit: readLimit(context, item) }),
	async perform(owner, { limit }) {
		const { number, name } = await owner.status();
		const all = await owner.numbers();
		return all.slice(0, limit).map((each): JsonObject => ({
			own: each.own,
			number: each.own ? number : null,
			name: each.own ? name : null,
			credential: each.own ? owner.settings.credentialName : null,
			state: each.state,
			since: each.since,
			owner: each.owner,
			storage: each.storage,
		}));
	},
	sample: [
		{
			own: true,
			number: '+15550100101',
			name: 'Anna',
			credential: 'WhatsApp of the shop',
			state: 'open',
			since: '2026-11-23T09:30:00.000Z',
			owner: 'n8n-main:4711:0a1b2c3d',
			storage: 'redis',
		},
		{
			own: false,
			number: null,
			name: null,
			credential: null,
			state: 'stopped',
			since: '2026-11-22T18:00:00.000Z',
			owner: 'n8n-main:4711:0a1b2c3d',
			storage: 'redis',
		},
	],
});
