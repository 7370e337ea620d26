import { rangeOf } from './place';
import { switched } from './switched';

const setRead = (read: boolean, names: Parameters<typeof switched>[1]) =>
	switched({ read }, names, async (owner, chat) => ({
		syncAction: { markChatAsReadAction: { read, messageRange: await rangeOf(owner, chat) } },
		index: ['markChatAsRead', chat],
		type: 'regular_low',
		apiVersion: 3,
	}));

export const markRead = setRead(true, {
	operation: 'markRead',
	name: 'Mark as Read',
	action: 'Mark a chat as read',
	description:
		'Take the unread mark off a chat on the own devices. Nobody else is told: for blue ticks use Message > Mark as Read.',
});

export const markUnread = setRead(false, {
	operation: 'markUnread',
	name: 'Mark as Unread',
	action: 'Mark a chat as unread',
	description: 'Put an unread mark on a chat, as a reminder; only the own devices see it',
});
