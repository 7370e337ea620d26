import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { readCollection, optionsCollection } from '../fields';
import { defineOperation } from '../types';
import { deleteMediaOption, rangeOf, resolveListed } from './place';

type Params = { chat: string; keepStarred: boolean; deleteMedia: boolean };

export const clear = defineOperation<Params>({
	resource: 'chat',
	operation: 'clear',
	name: 'Clear',
	description:
		'Delete all messages of a chat from the own phone and devices, and keep the empty chat; others keep theirs',
	action: 'Clear a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	destructive: true,
	fields: [
		chatField({ description: 'The person or group' }),
		optionsCollection([
			deleteMediaOption,
			{
				displayName: 'Keep Starred Messages',
				name: 'keepStarred',
				type: 'boolean',
				default: true,
				description: 'Whether messages with a star stay',
			},
		]),
	],
	read(context, item) {
		const { keepStarred, deleteMedia } = readCollection(context, item, 'options');
		return {
			chat: checkChat(readChat(context, item)),
			keepStarred: keepStarred !== false,
			deleteMedia: deleteMedia === true,
		};
	},
	async perform(owner, params) {
		const chat = await resolveListed(owner, params.chat);
		const [starred, media] = [params.keepStarred ? '0' : '1', params.deleteMedia ? '1' : '0'];
		await changeAppState(owner, {
			syncAction: { clearChatAction: { messageRange: await rangeOf(owner, chat) } },
			index: ['clearChat', chat, starred, media],
			type: 'regular_high',
			apiVersion: 6,
		});
		return { chat, cleared: true };
	},
	sample: { chat: '200000000000101@lid', cleared: true },
});
