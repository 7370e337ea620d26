import { Readable } from 'node:stream';
import type { History, KnownMessage, MessageQuery } from '../../history/types';
import { contentOf } from '../../wa/content';
import { chatField, checkChat, readChat } from '../chat';
import { asText, badField, readCollection, optionsCollection } from '../fields';
import { filtered, filterFields, readFilters, type FilterParams } from '../message/filters';
import { callOf, Shown } from '../message/shown';
import { knownChat } from '../place';
import { defineOperation, type NodeSide } from '../types';

type Params = {
	chat: string;
	format: 'json' | 'text';
	timeZone: string;
	field: string;
	filters: FilterParams;
};

export const exportChat = defineOperation<Params>({
	resource: 'chat',
	operation: 'export',
	name: 'Export',
	description: 'Write the messages of a chat that n8n keeps into a file: JSON, or text to read',
	action: 'Export a chat',
	needs: 'history',
	writes: false,
	fields: [
		chatField(),
		{
			displayName: 'Format',
			name: 'format',
			type: 'options',
			default: 'text',
			options: [
				{ name: 'JSON', value: 'json', description: 'A list of messages with all their details' },
				{
					name: 'Text',
					value: 'text',
					description: 'A line for each message, as the phone’s own Export Chat writes it',
				},
			],
		},
		filterFields(),
		optionsCollection([
			{
				displayName: 'Put Output File in Field',
				name: 'field',
				type: 'string',
				default: 'data',
				description: 'The name of the output binary field to put the file in',
			},
			{
				displayName: 'Time Zone',
				name: 'timeZone',
				type: 'string',
				default: '',
				placeholder: 'e.g. Europe/Berlin',
				description: 'Of the times in a text file; that of the workflow by default',
			},
		]),
	],
	read(context, item) {
		const { field, timeZone } = readCollection(context, item, 'options');
		const zone = asText(timeZone).trim() || context.getTimezone();
		checkTimeZone(zone);
		return {
			chat: checkChat(readChat(context, item)),
			format: context.getNodeParameter('format', item, 'text') === 'json' ? 'json' : 'text',
			timeZone: zone,
			field: asText(field).trim() || 'data',
			filters: readFilters(context, item),
		};
	},
	// Only the process of the node can make a file of it.
	perform: async () => await Promise.resolve({}),
	async inNode(node, { format, timeZone, field, filters, ...params }) {
		const { context, item, history } = node;
		const chat = await knownChat(node, params.chat);
		const query = { chat: chat.id, ...(await filtered(node, filters)), order: 'oldest' } as const;
		const count = new Count(node);
		const lines =
			format === 'json' ? asJson(history, query, count) : asLines(node, query, timeZone, count);
		const name = `${fileName(chat.name ?? chat.id)}.${format === 'json' ? 'json' : 'txt'}`;
		const type = format === 'json' ? 'application/json' : 'text/plain';
		// Read while it is written, so that a long chat is never in memory as a whole.
		const data = await context.helpers.prepareBinaryData(Readable.from(lines), name, type);
		const json = { chat: chat.id, chatName: chat.name, fileName: name, messages: count.messages };
		return [{ json, binary: { [field]: data }, pairedItem: { item } }];
	},
	sample: { chat: '200000000000101@lid', chatName: 'Anna', fileName: 'Anna.txt', messages: 1240 },
});

/** @throws LinkedError `bad-parameter` */
export function checkTimeZone(zone: string): void {
	try {
		new Intl.DateTimeFormat('en', { timeZone: zone });
	} catch {
		throw badField('Time Zone', 'there is none of this name; write it like Europe/Berlin.');
	}
}

class Count {
	messages = 0;
	constructor(private readonly node: Pick<NodeSide, 'progress'>) {}

	next(): number {
		this.messages += 1;
		this.node.progress({ doing: 'Exporting', done: this.messages, unit: 'messages' });
		return this.messages;
	}
}

async function* asJson(
	history: History,
	query: MessageQuery,
	count: Count,
): AsyncGenerator<Buffer> {
	const shown = new Shown(history, false);
	yield Buffer.from('[');
	for await (const message of history.messages(query)) {
		const separator = count.next() === 1 ? '\n' : ',\n';
		yield Buffer.from(separator + JSON.stringify(await shown.message(message)));
	}
	yield Buffer.from('\n]\n');
}

async function* asLines(
	{ history }: Pick<NodeSide, 'history'>,
	query: MessageQuery,
	timeZone: string,
	count: Count,
): AsyncGenerator<Buffer> {
	const time = new Intl.DateTimeFormat('en-CA', {
		...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
		...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
		timeZone,
	});
	const me = (await history.self())?.name ?? 'Me';
	for await (const message of history.messages(query)) {
		count.next();
		const who = message.fromMe ? me : (callOf(message.from, message.author) ?? '?');
		yield Buffer.from(`[${time.format(message.at)}] ${who}: ${said(message)}\n`);
	}
}

/** In one line or several, as people see it. */
function said(message: KnownMessage): string {
	if (message.deleted) return '<deleted>';
	const { text, media, poll } = contentOf(message.message.message);
	const file = media ? `<attached: ${media.fileName ?? media.kind}>` : undefined;
	const body = poll
		? [poll.question, ...poll.options.map((option) => `- ${option}`)].join('\n')
		: text;
	const parts = [file, body].filter((part) => part != null && part !== '');
	return `${parts.join(' ') || `<${message.kind}>`}${message.editedAt === null ? '' : ' <edited>'}`;
}

/** A name that every file system takes. */
function fileName(name: string): string {
	const plain = name
		.replace(/[<>:"/\\|?*\p{Cc}]/gu, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return (
		[...plain]
			.slice(0, 80)
			.join('')
			.replace(/^\.+|\.+$/g, '') || 'chat'
	);
}
