import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { defineOperation, type AnyOperation } from '../types';
import { rangeOf, resolveListed } from './place';

type Params = { chat: string };

const setArchived = (
	archived: boolean,
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
				syncAction: { archiveChatAction: { archived, messageRange: await rangeOf(owner, chat) } },
				index: ['archive', chat],
				type: 'regular_low',
				apiVersion: 3,
			});
			return { chat, archived };
		},
		sample: { chat: '200000000000101@lid', archived },
	});

export const archive = setArchived(true, {
	operation: 'archive',
	name: 'Archive',
	action: 'Archive a chat',
	description: 'Move a chat out of the list of chats; only the own devices see it',
});

export const unarchive = setArchived(false, {
	operation: 'unarchive',
	name: 'Unarchive',
	action: 'Unarchive a chat',
	description: 'Move an archived chat back into the list of chats',
});
