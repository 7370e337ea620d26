import type { IExecuteFunctions } from 'n8n-workflow';
import type { Edge, History, KnownMessage, MessageQuery } from '../../history/types';
import { LinkedError } from '../../errors';
import { chatField, checkChat, readChat } from '../chat';
import { asDate, asText, badField, readCollection, optionsCollection } from '../fields';
import { limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { filtered, filterFields, readFilters, type FilterParams } from '../message/filters';
import { Shown, SIMPLE_SAMPLE } from '../message/shown';
import { knownChat } from '../place';
import { defineQuery } from '../reading';
import type { JsonObject } from '../types';

type Range = 'newest' | 'before' | 'after' | 'around';

type Params = {
	chat: string;
	range: Range;
	edge?: { id: string } | { at: number };
	limit: number;
	simplify: boolean;
	newestFirst: boolean;
	filters: FilterParams;
};

export const getMessages = defineQuery<Params>({
	resource: 'chat',
	operation: 'getMessages',
	name: 'Get Messages',
	description:
		'Get messages of a chat from the history that n8n keeps: the newest, or those before, after or around a message or a time',
	action: 'Get messages of a chat',
	fields: [
		chatField(),
		{
			displayName: 'Messages',
			name: 'range',
			type: 'options',
			default: 'newest',
			options: [
				{ name: 'After a Message or Time', value: 'after' },
				{ name: 'Around a Message or Time', value: 'around' },
				{ name: 'Before a Message or Time', value: 'before' },
				{ name: 'Newest', value: 'newest' },
			],
		},
		{
			displayName: 'Message ID or Time',
			name: 'edge',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. {{ $json.messageId }} or 2026-11-23T09:30',
			displayOptions: { show: { range: ['after', 'around', 'before'] } },
		},
		...limitFields(),
		simplifyField,
		filterFields(),
		optionsCollection([
			{
				displayName: 'Order',
				name: 'order',
				type: 'options',
				default: 'oldest',
				options: [
					{ name: 'Newest First', value: 'newest' },
					{ name: 'Oldest First, as in the Chat', value: 'oldest' },
				],
			},
		]),
	],
	read(context, item) {
		const range = asText(context.getNodeParameter('range', item, 'newest')) as Range;
		return {
			chat: checkChat(readChat(context, item)),
			range,
			edge: range === 'newest' ? undefined : readEdge(context, item),
			limit: readLimit(context, item),
			simplify: readSimplify(context, item),
			newestFirst: readCollection(context, item, 'options').order === 'newest',
			filters: readFilters(context, item),
		};
	},
	async answer(reader, { range, edge, limit, simplify, newestFirst, ...params }) {
		const { history } = reader;
		const chat = await knownChat(reader, params.chat);
		const query = { chat: chat.id, ...(await filtered(reader, params.filters)) };
		const shown = new Shown(history, simplify);
		const found: JsonObject[] = [];
		for (const message of await inRange(history, query, range, edge, limit)) {
			found.push(await shown.message(message));
		}
		return newestFirst ? found.reverse() : found;
	},
	sample: [SIMPLE_SAMPLE],
});

/** Oldest first. */
async function inRange(
	history: History,
	query: MessageQuery,
	range: Range,
	edge: Edge | undefined,
	limit: number,
): Promise<KnownMessage[]> {
	const newest = async (more: MessageQuery) =>
		(await collect(history.messages({ ...query, ...more, order: 'newest' }))).reverse();
	const oldest = async (more: MessageQuery) =>
		await collect(history.messages({ ...query, ...more, order: 'oldest' }));
	switch (range) {
		case 'newest':
			return await newest({ limit });
		case 'before':
			return await newest({ before: edge, limit });
		case 'after':
			return await oldest({ after: edge, limit });
		case 'around': {
			const itself = edge && 'id' in edge ? await history.message(edge.id, query.chat) : undefined;
			if (edge && 'id' in edge && !itself) throw new LinkedError('not-found');
			const rest = limit - (itself ? 1 : 0);
			const before = await newest({ before: edge, limit: Math.ceil(rest / 2) });
			const after = await oldest({ after: edge, limit: Math.floor(rest / 2) });
			return [...before, ...(itself ? [itself] : []), ...after];
		}
	}
}

async function collect(messages: AsyncIterable<KnownMessage>): Promise<KnownMessage[]> {
	const found: KnownMessage[] = [];
	for await (const message of messages) found.push(message);
	return found;
}

/** A time as n8n gives it, or the ID of a message, which no time looks like. */
function readEdge(context: IExecuteFunctions, item: number): { id: string } | { at: number } {
	const value: unknown = context.getNodeParameter('edge', item, '');
	const text = asText(value).trim();
	if (text === '') throw badField('Message ID or Time', 'it is empty.');
	const isTime = typeof value !== 'string' || /^\d{4}-\d\d|^\d{12,13}$|[\s:/,]/.test(text);
	if (isTime) {
		const at = /^\d+$/.test(text) ? Number(text) : value;
		return { at: asDate(at, 'Message ID or Time').getTime() };
	}
	if (!/^[\w.-]{4,64}$/.test(text)) {
		throw badField('Message ID or Time', 'it is neither the ID of a message nor a time.');
	}
	return { id: text };
}
