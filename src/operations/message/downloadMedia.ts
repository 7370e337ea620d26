import type { WAMessage } from '@whiskeysockets/baileys';
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { loadBaileys } from '../../baileys';
import { LinkedError } from '../../errors';
import { fileOf, openFile, type DownloadOptions, type OpenedFile } from '../../media/download';
import { proxyAgent } from '../../session/proxy';
import { chatField, checkChat } from '../chat';
import { asNumber, asText, badField, readCollection, readText, optionsCollection } from '../fields';
import { defineOperation, type NodeSide } from '../types';
import { byId, fromItem, quotedBy, type Source } from './downloadSource';
import { messageIdField, readMessageId } from './target';

type Params = Source & {
	which: 'message' | 'quoted';
	field: string;
	fileName?: string;
	maxBytes?: number;
	askPhone: boolean;
};

const MEGA = 1024 * 1024;

const fields: INodeProperties[] = [
	{
		displayName: 'Message',
		name: 'from',
		type: 'options',
		options: [
			{
				name: 'Incoming Item',
				value: 'item',
				description: 'The message that the incoming item is about, e.g. an event of the trigger',
			},
			{ name: 'Message ID', value: 'id', description: 'Any message that was seen lately' },
		],
		default: 'item',
	},
	{ ...messageIdField, displayOptions: { show: { from: ['id'] } } },
	{
		displayName: 'File',
		name: 'which',
		type: 'options',
		options: [
			{ name: 'Of the Message', value: 'message' },
			{ name: 'Of the Message It Answers', value: 'quoted' },
		],
		default: 'message',
	},
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The name of the output binary field to put the file in',
	},
	optionsCollection([
		{
			displayName: 'Ask the Phone',
			name: 'askPhone',
			type: 'boolean',
			default: true,
			description:
				'Whether to ask the phone to upload the file again when WhatsApp does not have it any more',
		},
		chatField({
			required: false,
			description: 'The chat that the message is in. Only needed where two have the same ID.',
		}),
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. invoice.pdf',
			description: 'What to call the file instead of what its sender called it',
		},
		{
			displayName: 'Largest File (MB)',
			name: 'maxMegabytes',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 100,
			description: 'Larger files are an error. 0 means no limit.',
		},
	]),
];

export const downloadMedia = defineOperation<Params>({
	resource: 'message',
	operation: 'downloadMedia',
	name: 'Download Media',
	description:
		'Download the picture, video, sound, document or sticker of a message, or of the one it answers',
	action: 'Download the media of a message',
	needs: 'history',
	writes: false,
	fields,
	read(context, item) {
		const options = readCollection(context, item, 'options');
		const locator = options.chat as { value?: unknown } | string | undefined;
		const chat = asText(typeof locator === 'object' ? locator.value : locator).trim();
		const source =
			readText(context, item, 'from') === 'id'
				? { messageId: readMessageId(context, item) }
				: fromItem(context.getInputData()[item]?.json ?? {});
		const field = readText(context, item, 'binaryPropertyName').trim();
		if (!field) throw badField('Put Output File in Field', 'it is empty.');
		const megabytes = asNumber(options.maxMegabytes ?? 0, 'Largest File');
		if (megabytes < 0) throw badField('Largest File', 'it must be 0 or more.');
		return {
			...source,
			...(chat ? { chat: checkChat(chat) } : {}),
			which: readText(context, item, 'which') === 'quoted' ? 'quoted' : 'message',
			field,
			fileName: asText(options.fileName).trim() || undefined,
			maxBytes: megabytes > 0 ? megabytes * MEGA : undefined,
			askPhone: options.askPhone !== false,
		};
	},
	async perform() {
		await Promise.resolve();
		throw new LinkedError('unexpected', { detail: 'Files are downloaded where the node runs.' });
	},
	async inNode(node, params) {
		const own = await byId(node, params);
		const message = params.which === 'quoted' ? await quotedBy(node, params, own) : own;
		if (!message) {
			if (params.viewOnce) throw new LinkedError('view-once');
			throw new LinkedError('not-found', {
				detail: 'No message with this ID was seen here, or it is not kept any more.',
				data: { messageId: params.messageId },
			});
		}
		return [await download(node, params, message)];
	},
	sample: {
		messageId: '3EB0B2C3D4E5F6071829',
		chat: '200000000000101@lid',
		kind: 'file',
		fileName: 'invoice.pdf',
		mimeType: 'application/pdf',
		size: 48213,
		seconds: null,
		caption: 'as promised',
		askedPhone: false,
	},
});

async function download(
	node: NodeSide,
	params: Params,
	message: WAMessage,
): Promise<INodeExecutionData> {
	const { context, settings, signal } = node;
	const { id, remoteJid } = message.key;
	const info = fileOf(message.message)?.info;
	if (!info) throw new LinkedError(message.key.isViewOnce ? 'view-once' : 'no-media');
	const agent = settings.proxy ? await proxyAgent(settings.proxy) : undefined;
	const options: DownloadOptions = {
		agent,
		signal,
		maxBytes: params.maxBytes,
		received: (done, of) => node.progress({ doing: 'Downloading', done, of, unit: 'bytes' }),
	};
	const { file, askedPhone } = await open(node, params, message, options);
	const binary = await context.helpers.prepareBinaryData(
		file.stream,
		params.fileName ?? file.fileName,
		file.mimeType,
	);
	const json: IDataObject = {
		messageId: id ?? null,
		chat: remoteJid ?? null,
		kind: info.kind,
		fileName: binary.fileName ?? null,
		mimeType: file.mimeType,
		size: binary.bytes ?? info.size,
		seconds: info.seconds,
		caption: info.caption,
		askedPhone,
	};
	return { json, binary: { [params.field]: binary }, pairedItem: { item: node.item } };
}

/**
 * Begins the download. A file that WhatsApp has no more may have been asked for before; otherwise the
 * phone is asked now, once.
 */
async function open(
	node: NodeSide,
	{ askPhone }: Params,
	message: WAMessage,
	options: DownloadOptions,
): Promise<{ file: OpenedFile; askedPhone: boolean }> {
	const found = fileOf(message.message);
	if (!found) throw new LinkedError('no-media');
	const id = message.key.id ?? '';
	let file = found;
	let askedPhone = false;
	for (;;) {
		try {
			return { file: await openFile(file, id, options), askedPhone };
		} catch (error) {
			const gone = error instanceof LinkedError && error.code === 'media-unavailable';
			if (!gone || !askPhone || askedPhone || !found.mediaKey?.length) throw error;
		}
		const { proto } = await loadBaileys();
		const { directPath, asked } = await node.ask('media.reupload', {
			message: Buffer.from(proto.WebMessageInfo.encode(message).finish()).toString('base64'),
			goneFrom: file.directPath ?? undefined,
		});
		file = { ...found, url: null, directPath: String(directPath) };
		askedPhone = asked !== false;
	}
}
