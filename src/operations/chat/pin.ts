import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { defineOperation, type AnyOperation } from '../types';
import { resolveListed } from './place';

type Params = { chat: string };

const setPinned = (
	pinned: boolean,
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
				syncAction: { pinAction: { pinned } },
				index: ['pin_v1', chat],
				type: 'regular_low',
				apiVersion: 5,
			});
			return { chat, pinned };
		},
		sample: { chat: '200000000000101@lid', pinned },
	});

export const pin = setPinned(true, {
	operation: 'pin',
	name: 'Pin',
	action: 'Pin a chat',
	description: 'Keep a chat at the top of the list; the phone shows three pinned chats at most',
});

export const unpin = setPinned(false, {
	operation: 'unpin',
	name: 'Unpin',
	action: 'Unpin a chat',
	description: 'Let a pinned chat take its place in the list again',
});
