import { defineOperation } from '../types';

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
	sample: { state: 'open', since: '2026-11-23T09:30:00.000Z', number: '+15550100101' },
});
