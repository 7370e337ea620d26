import { num } from '../wa/read';
import { onChatUpdate } from './chatUpdate';
import { onPhone } from './samples';
import type { EventDefinition } from './types';

export const chatMarked: EventDefinition = {
	name: 'chat.marked',
	label: 'Chat: Marked as Read or Unread',
	description: 'A chat was marked as read or unread on the phone or another linked device',
	byOwner: true,
	...onChatUpdate('chat.marked', (update) =>
		'unreadCount' in update ? { unread: num(update.unreadCount) === -1 } : undefined,
	),
	sample: onPhone('chat.marked', { unread: true }),
};
