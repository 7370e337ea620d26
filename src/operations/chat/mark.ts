import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { defineOperation, type AnyOperation } from '../types';
import { rangeOf, resolveListed } from './place';

type Params = { chat: string };

const setRead = (
	read: boolean,
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<Params>({
		resource: 'chat',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [chatField({ description: 'The person or group' })],
		read: (context, item) => ({ chat: checkChat(readChat(context, item)) }),
		async perform(owner, params) {
			const chat = await resolveListed(owner, params.chat);
			await changeAppState(owner, {
				syncAction: { markChatAsReadAction: { read, messageRange: await rangeOf(owner, chat) } },
				index: ['markChatAsRead', chat],
				type: 'regular_low',
				apiVersion: 3,
			});
			return { chat, read };
		},
		sample: { chat: '200000000000101@lid', read },
	});

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
