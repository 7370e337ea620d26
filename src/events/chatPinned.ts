import { onChatUpdate } from './chatUpdate';
import { onPhone } from './samples';
import type { EventDefinition } from './types';

export const chatPinned: EventDefinition = {
	name: 'chat.pinned',
	label: 'Chat: Pinned or Unpinned',
	description: 'A chat was pinned to the top of the list, or taken down',
	byOwner: true,
	...onChatUpdate('chat.pinned', (update) =>
		'pinned' in update ? { pinned: Boolean(update.pinned) } : undefined,
	),
	sample: onPhone('chat.pinned', { pinned: true }),
};
