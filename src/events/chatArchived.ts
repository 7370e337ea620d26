import { onChatUpdate } from './chatUpdate';
import { onPhone } from './samples';
import type { EventDefinition } from './types';

export const chatArchived: EventDefinition = {
	name: 'chat.archived',
	label: 'Chat: Archived or Unarchived',
	description: 'A chat was archived on the phone or another linked device, or taken out again',
	byOwner: true,
	...onChatUpdate('chat.archived', ({ archived }) =>
		typeof archived === 'boolean' ? { archived } : undefined,
	),
	sample: onPhone('chat.archived', { archived: true }),
};
