/** Post Text and Post Media. */
import { prepareMedia, type MediaKind, type MediaRef } from '../../media/prepare';
import type { MediaSource } from '../../media/source';
import { checkText } from '../../wa/format';
import { firstLink, linkPreview, type LinkPreview } from '../../media/preview';
import { captionField, must, readText } from '../fields';
import { deliverTo } from '../message/deliver';
import { mediaFields, readSource } from '../message/mediaInput';
import { mediaMessage } from '../message/mediaMessage';
import { SENT } from '../message/sample';
import { textMessage } from '../message/sendText';
import { defineOperation } from '../types';
import { channelField, readChannel, resolveChannel } from './field';
import { CHANNEL_ID } from './shape';

const POSTED = { ...SENT, chat: CHANNEL_ID, serverId: '117' };

type TextParams = { channel: string; text: string; linkPreview: boolean; preview?: LinkPreview };

export const postText = defineOperation<TextParams>({
	resource: 'channel',
	operation: 'postText',
	name: 'Post Text',
	description: 'Post a text in a channel of this number',
	action: 'Post a text in a channel',
	needs: 'socket',
	writes: true,
	fields: [
		channelField,
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
			description: 'WhatsApp formatting works: *bold*, _italic_, ~strikethrough~, `code`',
		},
		{
			displayName: 'Link Preview',
			name: 'linkPreview',
			type: 'boolean',
			default: true,
			description: 'Whether to show title and picture of the first link in the text',
		},
	],
	read: (context, item) => ({
		channel: readChannel(context, item),
		text: must(checkText(readText(context, item, 'text'))),
		linkPreview: context.getNodeParameter('linkPreview', item, true) === true,
	}),
	async prepare({ settings, signal }, params) {
		const link = params.linkPreview ? firstLink(params.text) : undefined;
		if (!link) return params;
		return { ...params, preview: await linkPreview(link, { proxy: settings.proxy, signal }) };
	},
	async perform(owner, { channel, text, preview }) {
		const to = await resolveChannel(owner, channel);
		return { ...(await deliverTo(owner, to, { message: textMessage(text, preview) })) };
	},
	sample: POSTED,
});

const KINDS = [
	{ name: 'Audio', value: 'audio' },
	{ name: 'File', value: 'file' },
	{ name: 'GIF', value: 'gif' },
	{ name: 'Image or Video', value: 'visual' },
	{ name: 'Sticker', value: 'sticker' },
	{ name: 'Voice Note', value: 'voice' },
] as const satisfies Array<{ name: string; value: MediaKind }>;

type MediaParams = {
	channel: string;
	source: MediaSource;
	kind: MediaKind;
	caption: string;
	media?: MediaRef;
};

export const postMedia = defineOperation<MediaParams>({
	resource: 'channel',
	operation: 'postMedia',
	name: 'Post Media',
	description: 'Post a picture, a video or another file in a channel of this number',
	action: 'Post media in a channel',
	needs: 'socket',
	writes: true,
	fields: [
		channelField,
		{
			displayName: 'Post As',
			name: 'kind',
			type: 'options',
			options: [...KINDS],
			default: 'visual',
		},
		...mediaFields(),
		{ ...captionField, displayOptions: { show: { kind: ['file', 'gif', 'visual'] } } },
	],
	read(context, item) {
		const given = readText(context, item, 'kind');
		return {
			channel: readChannel(context, item),
			source: readSource(context, item),
			kind: KINDS.find(({ value }) => value === given)?.value ?? 'visual',
			caption: readText(context, item, 'caption'),
		};
	},
	async prepare(node, params) {
		const { source, kind } = params;
		return { ...params, media: await prepareMedia(node, { source, kind, plain: true }) };
	},
	async perform(owner, { channel, media, caption }) {
		if (!media) throw new Error('The file was not uploaded');
		const to = await resolveChannel(owner, channel);
		const message = mediaMessage(media, { caption });
		return { ...(await deliverTo(owner, to, { message, mediaHandle: media.handle })) };
	},
	sample: POSTED,
});
