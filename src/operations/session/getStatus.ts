import { defineOperation } from '../types';

export const getStatus = defineOperation({
	resource: 'session',
	operation: 'getStatus',
	name: 'Get Status',
	description: 'Tell whether the number is connected, since when, and what is wrong if it is not',
	action: 'Get the status of the number',
	needs: 'session',
	writes: false,
	fields: [],
	read: () => ({}),
	perform: async (owner) => await owner.status(),
	sample: {
		state: 'open',
		since: '2026-11-23T09:30:00.000Z',
		number: '+15550100101',
		name: 'Anna',
		reconnects: 0,
		error: null,
		owner: 'n8n-main:4711',
	},
});
