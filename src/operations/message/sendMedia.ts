/** Send Image, Video, GIF, Video Note, Audio, Voice Note, File and Sticker: one shape, eight kinds. */
import type { INodeProperties } from 'n8n-workflow';
import { prepareMedia, type MediaRef } from '../../media/prepare';
import type { MediaSource } from '../../media/source';
import { chatField, checkChat, isChannel, readChat } from '../chat';
import { asText, badField, captionField, readCollection, readText } from '../fields';
import { defineOperation, type AnyOperation } from '../types';
import { deliver } from './deliver';
import { mediaFields, readSource } from './mediaInput';
import { mediaMessage } from './mediaMessage';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	source: MediaSource;
	caption?: string;
	viewOnce?: boolean;
	fileName?: string;
	options: SendOptions;
	/** What became of the source. */
	media?: MediaRef;
};

interface Kind {
	kind: MediaRef['kind'];
	operation: string;
	name: string;
	action: string;
	description: string;
	caption?: boolean;
	viewOnce?: boolean;
	fileName?: boolean;
}

const VIEW_ONCE: INodeProperties = {
	displayName: 'View Once',
	name: 'viewOnce',
	type: 'boolean',
	default: false,
	description: 'Whether it can be opened only once',
};

const FILE_NAME: INodeProperties = {
	displayName: 'File Name',
	name: 'fileName',
	type: 'string',
	default: '',
	placeholder: 'e.g. invoice.pdf',
	description: 'The name that is shown, instead of the name of the input file',
};

const sendKind = (of: Kind): AnyOperation =>
	defineOperation<Params>({
		resource: 'message',
		operation: of.operation,
		name: of.name,
		description: of.description,
		action: of.action,
		needs: 'socket',
		writes: true,
		sends: true,
		timeoutMs: timeoutWith,
		fields: [
			chatField(),
			...mediaFields(),
			...(of.caption ? [captionField] : []),
			optionsField([...(of.viewOnce ? [VIEW_ONCE] : []), ...(of.fileName ? [FILE_NAME] : [])]),
		],
		read(context, item) {
			const { viewOnce, fileName } = readCollection(context, item, 'options');
			const chat = checkChat(readChat(context, item));
			if (viewOnce === true && isChannel(chat)) {
				throw badField('View Once', 'what is in a channel stays there.');
			}
			return {
				chat,
				source: readSource(context, item),
				caption: of.caption ? readText(context, item, 'caption') || undefined : undefined,
				viewOnce: of.viewOnce && viewOnce === true ? true : undefined,
				fileName: of.fileName ? asText(fileName).trim() || undefined : undefined,
				options: readOptions(context, item),
			};
		},
		async prepare(node, params) {
			const { source, fileName } = params;
			const plain = isChannel(params.chat);
			const request = { source, kind: of.kind, fileName, plain };
			return { ...params, media: await prepareMedia(node, request) };
		},
		async perform(owner, { chat, media, caption, viewOnce, options }) {
			if (!media) throw new Error('The file was not uploaded');
			const message = mediaMessage(media, { caption, viewOnce });
			const recording = of.kind === 'voice';
			const { handle: mediaHandle } = media;
			return await deliver(owner, { chat, message, options, recording, mediaHandle });
		},
		sample: SENT,
	});

export const sendImage = sendKind({
	kind: 'image',
	operation: 'sendImage',
	name: 'Send Image',
	action: 'Send an image',
	description: 'Send a picture. JPEG and PNG go untouched, other kinds are converted.',
	caption: true,
	viewOnce: true,
});

export const sendVideo = sendKind({
	kind: 'video',
	operation: 'sendVideo',
	name: 'Send Video',
	action: 'Send a video',
	description: 'Send a video (MP4)',
	caption: true,
	viewOnce: true,
});

export const sendGif = sendKind({
	kind: 'gif',
	operation: 'sendGif',
	name: 'Send GIF',
	action: 'Send a GIF',
	description:
		'Send a short MP4 video that plays by itself; a GIF picture needs ffmpeg on the host',
	caption: true,
});

export const sendVideoNote = sendKind({
	kind: 'ptv',
	operation: 'sendVideoNote',
	name: 'Send Video Note',
	action: 'Send a video note',
	description: 'Send a round video message (square MP4, up to a minute)',
});

export const sendAudio = sendKind({
	kind: 'audio',
	operation: 'sendAudio',
	name: 'Send Audio',
	action: 'Send an audio file',
	description: 'Send sound as an audio file, like music',
});

export const sendVoice = sendKind({
	kind: 'voice',
	operation: 'sendVoice',
	name: 'Send Voice Note',
	action: 'Send a voice note',
	description:
		'Send sound as a voice note that plays on every phone; it is converted to mono OGG/Opus where needed',
	viewOnce: true,
});

export const sendFile = sendKind({
	kind: 'file',
	operation: 'sendFile',
	name: 'Send File',
	action: 'Send a file',
	description: 'Send a file of any kind as a document, untouched',
	caption: true,
	fileName: true,
});

export const sendSticker = sendKind({
	kind: 'sticker',
	operation: 'sendSticker',
	name: 'Send Sticker',
	action: 'Send a sticker',
	description: 'Send a picture as a sticker; it is converted to WebP, animations stay animated',
});
