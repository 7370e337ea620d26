import { defineOperation } from '../types';
import { STATUS } from './sample';

export const reconnect = defineOperation({
	resource: 'session',
	operation: 'reconnect',
	name: 'Reconnect',
	description: 'Close the connection and open it again, without linking anew',
	action: 'Reconnect the number',
	needs: 'session',
	writes: false,
	fields: [],
	read: () => ({}),
	async perform(owner) {
		await owner.session.reconnect();
		await owner.session.waitFor(
			({ name }) => name === 'open' || name === 'stopped' || name === 'unlinked',
			20_000,
			owner.signal,
		);
		return await owner.status();
	},
	sample: STATUS,
});
