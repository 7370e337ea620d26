import { statusWithout } from '../../status';
import { defineOperation } from '../types';
import { STATUS } from './sample';

export const getStatus = defineOperation({
	resource: 'session',
	operation: 'getStatus',
	name: 'Get Status',
	description:
		'Tell whether the number is connected and what is wrong if it is not, which workflows listen and how far behind they are. Always answers, also when the storage or the owner cannot be reached.',
	action: 'Get the status of the number',
	needs: 'session',
	writes: false,
	timeoutMs: 20_000,
	fields: [],
	read: () => ({}),
	perform: async (owner) => await owner.status(),
	unreachable: statusWithout,
	sample: STATUS,
});
