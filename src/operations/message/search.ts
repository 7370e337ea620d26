import { chatField, readChat } from '../chat';
import { badField, readText } from '../fields';
import { limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { addressOf } from '../place';
import { defineQuery } from '../reading';
import type { JsonObject } from '../types';
import { filtered, filterFields, readFilters, type FilterParams } from './filters';
import { isoTime, Shown, SIMPLE_SAMPLE } from './shown';

type Params = {
	text: string;
	chat?: string;
	limit: number;
	simplify: boolean;
	filters: FilterParams;
};

export const search = defineQuery<Params>({
	resource: 'message',
	operation: 'search',
	name: 'Search',
	description:
		'Search the texts, captions and file names of all messages that n8n keeps, the newest first',
	action: 'Search messages',
	fields: [
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. invoice "March 2026" pay*',
			description:
				'Words that all occur, in any order. "A phrase" in quotes occurs as it is; a word with * at the end is the beginning of a word. Case and accents don’t matter.',
		},
		...limitFields(),
		simplifyField,
		filterFields([
			chatField({
				required: false,
				description: 'Search in this chat only',
			}),
		]),
	],
	read(context, item) {
		const text = readText(context, item, 'text');
		if (text.trim() === '') throw badField('Text', 'it is empty.');
		const chat = readChat(context, item, 'filters.chat').trim();
		return {
			text,
			chat: chat === '' ? undefined : addressOf(chat),
			limit: readLimit(context, item),
			simplify: readSimplify(context, item),
			filters: readFilters(context, item),
		};
	},
	async answer(reader, { text, chat, limit, simplify, filters }) {
		const query = { text, chat, limit, ...(await filtered(reader, filters)) };
		const { messages, complete, lookedThrough, lookedBackTo } = await reader.history.search(query);
		const shown = new Shown(reader.history, simplify);
		const found: JsonObject[] = [];
		for (const message of messages) found.push(await shown.message(message));
		if (complete) return found;
		// Said with each result, so that nobody takes "not found" for "never written".
		const searched = {
			complete,
			messages: lookedThrough,
			backTo: isoTime(lookedBackTo),
		};
		return found.length > 0
			? found.map((each) => ({ ...each, searched }))
			: [{ messageId: null, searched }];
	},
	sample: [SIMPLE_SAMPLE],
});
