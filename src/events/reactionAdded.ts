import { reactionEvent } from './reaction';
import { inChat, ME } from './samples';
import type { EventDefinition } from './types';

export const reactionAdded: EventDefinition = {
	name: 'reaction.added',
	label: 'Reaction: Added',
	description: 'Somebody reacted to a message with an emoji',
	fromMessage: (input, context) => reactionEvent('reaction.added', input, context, { added: true }),
	sample: inChat('reaction.added', {
		offline: false,
		reaction: '👍',
		encrypted: false,
		author: ME,
		authorIsMe: true,
	}),
};
