import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { readCollection, optionsCollection } from '../fields';
import { defineOperation } from '../types';
import { deleteMediaOption, rangeOf, resolveListed } from './place';

type Params = { chat: string; deleteMedia: boolean };

export const deleteChat = defineOperation<Params>({
	resource: 'chat',
	operation: 'delete',
	name: 'Delete',
	description:
		'Delete a chat with all its messages from the own phone and devices; others keep theirs. A group is not left by it.',
	action: 'Delete a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	destructive: true,
	fields: [
		chatField({ description: 'The person or group' }),
		optionsCollection([deleteMediaOption]),
	],
	read: (context, item) => ({
		chat: checkChat(readChat(context, item)),
		deleteMedia: readCollection(context, item, 'options').deleteMedia === true,
	}),
	async perform(owner, { deleteMedia, ...params }) {
		const chat = await resolveListed(owner, params.chat);
		await changeAppState(owner, {
			syncAction: { deleteChatAction: { messageRange: await rangeOf(owner, chat) } },
			index: ['deleteChat', chat, deleteMedia ? '1' : '0'],
			type: 'regular_high',
			apiVersion: 6,
		});
		return { chat, deleted: true };
	},
	sample: { chat: '200000000000101@lid', deleted: true },
});
