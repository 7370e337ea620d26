import { receiptsOf } from './receipt';
import { ANNA, inChat } from './samples';
import type { EventDefinition } from './types';

export const messageRead: EventDefinition = {
	name: 'message.read',
	label: 'Receipt: Read',
	description: 'Somebody read a message of this number',
	onDemand: true,
	...receiptsOf('message.read', 'read'),
	sample: inChat('message.read', { from: ANNA }),
};
