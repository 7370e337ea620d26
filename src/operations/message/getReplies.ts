import { readSimplify, simplifyField } from '../listing';
import { defineQuery } from '../reading';
import type { JsonObject } from '../types';
import { Shown, SIMPLE_SAMPLE } from './shown';
import { readStored, storedFields, storedMessage, type StoredParams } from './stored';

export const getReplies = defineQuery<StoredParams & { simplify: boolean }>({
	resource: 'message',
	operation: 'getReplies',
	name: 'Get Replies',
	description: 'Get the messages that quote a message, oldest first',
	action: 'Get the replies to a message',
	fields: [...storedFields, simplifyField],
	read: (context, item) => ({
		...readStored(context, item),
		simplify: readSimplify(context, item),
	}),
	async answer(reader, { simplify, ...which }) {
		const { id, chat } = await storedMessage(reader, which);
		const shown = new Shown(reader.history, simplify);
		const found: JsonObject[] = [];
		for (const reply of await reader.history.replies(id, chat)) {
			found.push(await shown.message(reply));
		}
		return found;
	},
	sample: [
		{
			...SIMPLE_SAMPLE,
			messageId: '3EB0A1B2C3D4E5F60799',
			text: 'Here it is',
			from: 'Me',
			fromMe: true,
			replyTo: '3EB0A1B2C3D4E5F60718',
			reactions: null,
		},
	],
});
