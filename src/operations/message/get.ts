import { readSimplify, simplifyField } from '../listing';
import { defineQuery } from '../reading';
import { Shown, SIMPLE_SAMPLE } from './shown';
import { readStored, storedFields, storedMessage, type StoredParams } from './stored';

export const get = defineQuery<StoredParams & { simplify: boolean }>({
	resource: 'message',
	operation: 'get',
	name: 'Get',
	description: 'Get one message from the history by its ID',
	action: 'Get a message',
	fields: [...storedFields, simplifyField],
	read: (context, item) => ({
		...readStored(context, item),
		simplify: readSimplify(context, item),
	}),
	async answer(reader, { simplify, ...which }) {
		const message = await storedMessage(reader, which);
		return await new Shown(reader.history, simplify).message(message);
	},
	sample: SIMPLE_SAMPLE,
});
