import { defineQuery } from '../reading';
import type { Json } from '../types';
import { callOf, isoTime } from './shown';
import { readStored, storedFields, storedMessage, type StoredParams } from './stored';

export const getReactions = defineQuery<StoredParams>({
	resource: 'message',
	operation: 'getReactions',
	name: 'Get Reactions',
	description: 'Get the present reactions to a message, an item for each person',
	action: 'Get the reactions to a message',
	fields: storedFields,
	read: readStored,
	async answer(reader, which) {
		const { id, chat, reactions } = await storedMessage(reader, which);
		return reactions.map(({ emoji, from, fromMe, at }) => ({
			messageId: id,
			chat,
			emoji,
			from: fromMe ? 'Me' : callOf(from),
			fromMe,
			person: from as unknown as Json,
			timestamp: isoTime(at),
		}));
	},
	sample: [
		{
			messageId: '3EB0A1B2C3D4E5F60718',
			chat: '200000000000101@lid',
			emoji: '👍',
			from: 'Anna',
			fromMe: false,
			person: {
				id: '200000000000101@lid',
				lid: '200000000000101@lid',
				phone: '+15550100101',
				name: 'Anna',
				username: null,
			},
			timestamp: '2026-11-23T09:31:12.000Z',
		},
	],
});
