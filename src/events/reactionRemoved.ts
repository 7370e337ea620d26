import { reactionEvent } from './reaction';
import { inChat, ME } from './samples';
import type { EventDefinition } from './types';

export const reactionRemoved: EventDefinition = {
	name: 'reaction.removed',
	label: 'Reaction: Removed',
	description: 'Somebody took a reaction back',
	fromMessage: (input, context) =>
		reactionEvent('reaction.removed', input, context, { added: false }),
	sample: inChat('reaction.removed', {
		offline: false,
		reaction: null,
		encrypted: false,
		author: ME,
		authorIsMe: true,
	}),
};
