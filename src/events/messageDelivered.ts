import { receiptsOf } from './receipt';
import { ANNA, inChat } from './samples';
import type { EventDefinition } from './types';

export const messageDelivered: EventDefinition = {
	name: 'message.delivered',
	label: 'Receipt: Delivered',
	description: 'A message of this number reached the other side (in groups: one of the members)',
	onDemand: true,
	...receiptsOf('message.delivered', 'delivered'),
	sample: inChat('message.delivered', { from: ANNA }),
};
