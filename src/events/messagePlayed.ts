import { receiptsOf } from './receipt';
import { ANNA, inChat } from './samples';
import type { EventDefinition } from './types';

export const messagePlayed: EventDefinition = {
	name: 'message.played',
	label: 'Receipt: Played',
	description: 'Somebody played a voice message of this number',
	onDemand: true,
	...receiptsOf('message.played', 'played'),
	sample: inChat('message.played', { from: ANNA }),
};
