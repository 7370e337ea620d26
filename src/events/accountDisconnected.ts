import { endedSample, onEnded } from './account';
import type { EventDefinition } from './types';

export const accountDisconnected: EventDefinition = {
	name: 'account.disconnected',
	label: 'Account: Disconnected',
	description: 'The connection to WhatsApp was lost; it is tried again by itself',
	...onEnded('account.disconnected', 'disconnected'),
	sample: {
		...endedSample('account.disconnected', 'offline', 'WhatsApp could not be reached.'),
		nextTry: '2026-11-23T09:30:02.000Z',
	},
};
