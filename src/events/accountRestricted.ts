import { endedSample, onEnded } from './account';
import type { EventDefinition } from './types';

export const accountRestricted: EventDefinition = {
	name: 'account.restricted',
	label: 'Account: Restricted',
	description:
		'WhatsApp restricts this number (it may not begin new chats for a while, has used up its messages to new chats, or is refused), or lifts that again',
	...onEnded('account.restricted', 'restricted'),
	sample: {
		...endedSample(
			'account.restricted',
			'new-chats',
			'This number may not begin new chats for now; existing chats go on.',
		),
		nextTry: '2026-11-24T09:30:00.000Z',
	},
};
