import type { proto } from '@whiskeysockets/baileys';
import { previewHosts } from '../../host';
import { linkPreview, firstLink, type LinkPreview } from '../../media/preview';
import { checkText } from '../../wa/format';
import { chatField, checkChat, readChat } from '../chat';
import { must, readCollection, readText } from '../fields';
import { defineOperation } from '../types';
import { deliver } from './deliver';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	text: string;
	options: SendOptions;
	/** Whether to look for a link; what was found takes its place. */
	linkPreview: boolean;
	preview?: LinkPreview;
};

export const sendText = defineOperation<Params>({
	resource: 'message',
	operation: 'sendText',
	name: 'Send Text',
	description: 'Send a text message to a person, a group or a channel',
	action: 'Send a text message',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
			placeholder: 'e.g. Hello, *this* is _formatted_',
			description: 'WhatsApp formatting works: *bold*, _italic_, ~strikethrough~, `code`',
		},
		optionsField([
			{
				displayName: 'Link Preview',
				name: 'linkPreview',
				type: 'boolean',
				default: true,
				description:
					'Whether to show title and picture of the first link in the text. Private addresses are never fetched.',
			},
		]),
	],
	read(context, item) {
		return {
			chat: checkChat(readChat(context, item)),
			text: must(checkText(readText(context, item, 'text'))),
			options: readOptions(context, item),
			linkPreview: readCollection(context, item, 'options').linkPreview !== false,
		};
	},
	async prepare({ settings, signal, dryRun }, params) {
		const link = params.linkPreview && !dryRun ? firstLink(params.text) : undefined;
		if (!link) return params;
		const options = { proxy: settings.proxy, signal, trusted: previewHosts() };
		return { ...params, preview: await linkPreview(link, options) };
	},
	async perform(owner, { chat, text, preview, options }) {
		return await deliver(owner, { chat, message: textMessage(text, preview), options });
	},
	sample: SENT,
});

/** A text, with the preview of its link as phones show it. */
export function textMessage(text: string, preview?: LinkPreview): proto.IMessage {
	if (!preview) return { extendedTextMessage: { text } };
	return {
		extendedTextMessage: {
			text,
			matchedText: preview.matchedText,
			title: preview.title,
			description: preview.description,
			jpegThumbnail: preview.thumbnail ? Buffer.from(preview.thumbnail, 'base64') : undefined,
			previewType: 0,
		},
	};
}
