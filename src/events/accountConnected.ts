import { noticeEvent } from './notice';
import { ofAccount } from './samples';
import type { EventDefinition } from './types';

export const accountConnected: EventDefinition = {
	name: 'account.connected',
	label: 'Account: Connected',
	description: 'The connection to WhatsApp is there (again)',
	on: {
		async 'linked.account'(change, context) {
			if (change.kind !== 'connected') return [];
			const { at, number } = change;
			const event = await noticeEvent('account.connected', context, { id: String(at), at });
			return [{ event: { ...event, number } }];
		},
	},
	sample: ofAccount('account.connected', { number: '+15550100100' }),
};
