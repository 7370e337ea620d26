import { open, readFile } from 'node:fs/promises';
import { LinkedError } from '../../errors';
import type { DateOrder } from '../../history/exported/dates';
import { readExported } from '../../history/exported/lines';
import { isZip, LONGEST_TEXT, textInZip } from '../../history/exported/zip';
import { keepsChat } from '../../history/keeping';
import type { LastMessage } from '../../history/types';
import { openSource, Workspace, type LocalFile } from '../../media/source';
import { chatField, checkChat, readChat } from '../chat';
import { asText, badField, readCollection, readText, optionsCollection } from '../fields';
import { isoTime } from '../message/shown';
import { addressOf } from '../place';
import { defineOperation, type JsonObject, type NodeSide } from '../types';
import { checkTimeZone } from './export';

type Params = {
	chat: string;
	field: string;
	timeZone: string;
	ownName?: string;
	dateOrder?: string;
};

/** A chat with all its media. */
const LARGEST_FILE = 4 * 1024 * 1024 * 1024;

export const importChat = defineOperation<Params>({
	resource: 'chat',
	operation: 'import',
	name: 'Import',
	description:
		'Take older messages into the history from the file that WhatsApp > Export Chat writes on the phone, as text or zip, in any language. What is there already is not doubled.',
	action: 'Import a chat',
	needs: 'history',
	writes: true,
	fields: [
		chatField({ description: 'The person or group whose chat it is' }),
		{
			displayName: 'Input Binary Field',
			name: 'field',
			type: 'string',
			default: 'data',
			required: true,
			description: 'The name of the input field that has the file',
		},
		optionsCollection([
			{
				displayName: 'Date Order',
				name: 'dateOrder',
				type: 'options',
				default: 'auto',
				description: 'How dates are written in the file',
				options: [
					{ name: 'Day, Month, Year', value: 'dmy' },
					{ name: 'Find Out', value: 'auto' },
					{ name: 'Month, Day, Year', value: 'mdy' },
					{ name: 'Year, Month, Day', value: 'ymd' },
				],
			},
			{
				displayName: 'Time Zone',
				name: 'timeZone',
				type: 'string',
				default: '',
				placeholder: 'e.g. Europe/Berlin',
				description: 'Of the phone that exported the chat; that of the workflow by default',
			},
			{
				displayName: 'Your Name in the File',
				name: 'ownName',
				type: 'string',
				default: '',
				description: 'Only needed when it is not the name of this number’s profile',
			},
		]),
	],
	read(context, item) {
		const { timeZone, ownName, dateOrder } = readCollection(context, item, 'options');
		const zone = asText(timeZone).trim() || context.getTimezone();
		checkTimeZone(zone);
		const order = asText(dateOrder);
		return {
			chat: checkChat(readChat(context, item)),
			field: readText(context, item, 'field').trim() || 'data',
			timeZone: zone,
			ownName: asText(ownName).trim() || undefined,
			dateOrder: ['dmy', 'mdy', 'ymd'].includes(order) ? order : undefined,
		};
	},
	// Only the process of the node has the file.
	perform: async () => await Promise.resolve({}),
	async inNode(node, { timeZone, ownName, dateOrder, ...params }) {
		const { item, history, settings } = node;
		const [chat = ''] = await history.addresses(addressOf(params.chat));
		const address = chat || addressOf(params.chat);
		if (settings.history && !keepsChat(settings.history, address, (jid) => jid)) {
			throw new LinkedError('not-allowed', {
				detail: 'The credential says that messages of this chat are not kept.',
			});
		}
		const text = await textOf(node, params.field);
		const exported = readExported(text, dateOrder as DateOrder | undefined);
		if (exported.messages.length === 0) {
			throw badField(
				'Input Binary Field',
				'there is no message in this file; is it an exported chat?',
			);
		}
		const { last, ...result } = await history.importChat(address, exported, {
			timeZone,
			ownName,
			read: (done, of) => node.progress({ doing: 'Importing', done, of, unit: 'messages' }),
		});
		if (last) await tell(node, address, last);
		const json: JsonObject = {
			chat: address,
			...result,
			notices: exported.notices,
			dateOrder: exported.order,
			from: isoTime(result.from),
			to: isoTime(result.to),
		};
		return [{ json, pairedItem: { item } }];
	},
	sample: {
		chat: '200000000000101@lid',
		imported: 5210,
		alreadyThere: 240,
		ownName: 'Me',
		notices: 3,
		dateOrder: 'dmy',
		from: '2021-03-04T10:12:00.000Z',
		to: '2026-01-08T17:02:00.000Z',
	},
});

/** @throws LinkedError `bad-media` */
async function textOf({ context, item, signal }: NodeSide, field: string): Promise<string> {
	const workspace = new Workspace();
	try {
		const source = { from: 'binary', field } as const;
		const options = { maxBytes: LARGEST_FILE, signal };
		const file = await openSource(context, item, source, workspace, options);
		return decode(isZip(file.head) ? await fromZip(file) : await plainText(file));
	} finally {
		await workspace.remove();
	}
}

async function fromZip({ path, size }: LocalFile): Promise<Buffer> {
	const handle = await open(path);
	try {
		return await textInZip(handle, size);
	} finally {
		await handle.close();
	}
}

async function plainText({ path, size }: LocalFile): Promise<Buffer> {
	if (size > LONGEST_TEXT) throw new LinkedError('bad-media', { detail: 'The text is too large.' });
	return await readFile(path);
}

function decode(bytes: Buffer): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new LinkedError('bad-media', { detail: 'This is not an exported chat.', cause });
	}
}

/** The owner has the list of chats in memory. Whether it hears of this or not, the messages are kept. */
async function tell(node: NodeSide, chat: string, last: LastMessage): Promise<void> {
	await node.ask('chat.imported', { chat, last: { ...last } }).catch(() => {});
}

/** Asked by Import on the way. */
export const chatImported = defineOperation<{ chat: string; last: LastMessage & JsonObject }>({
	resource: 'chat',
	operation: 'imported',
	name: 'Imported',
	description: 'Older messages of a chat are in the history',
	action: 'Note an import',
	needs: 'session',
	writes: false,
	fields: [],
	read: () => {
		throw new LinkedError('bad-parameter');
	},
	async perform(owner, { chat, last }) {
		owner.directory.arrived(chat, last, false);
		return await Promise.resolve({});
	},
	sample: {},
});
