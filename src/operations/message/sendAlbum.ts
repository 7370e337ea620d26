import type { proto } from '@whiskeysockets/baileys';
import { prepareMedia, type MediaRef } from '../../media/prepare';
import type { MediaSource } from '../../media/source';
import { chatField, checkChat, isChannel, readChat, resolveChat } from '../chat';
import { badField, captionField, readText } from '../fields';
import { defineOperation } from '../types';
import { deliverTo } from './deliver';
import { filesFields, readSources } from './mediaInput';
import { mediaMessage } from './mediaMessage';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	sources: MediaSource[];
	caption?: string;
	options: SendOptions;
	media?: MediaRef[];
};

/** What the apps allow to be picked at once (WhatsApp's help: 100; older versions 30). */
const MOST = 30;
/** MessageAssociation.AssociationType */
const MEDIA_ALBUM = 1;

export const sendAlbum = defineOperation<Params>({
	resource: 'message',
	operation: 'sendAlbum',
	name: 'Send Album',
	description: 'Send several images and videos as one album',
	action: 'Send an album',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: (params) => timeoutWith(params) + 60_000,
	fields: [chatField(), ...filesFields, captionField, optionsField()],
	read(context, item) {
		const sources = readSources(context, item);
		if (sources.length < 2 || sources.length > MOST) {
			throw badField(
				'Files',
				`an album has 2 to ${MOST} images and videos; there ${sources.length === 1 ? 'is 1' : `are ${sources.length}`}.`,
			);
		}
		return {
			chat: checkChat(readChat(context, item)),
			sources,
			caption: readText(context, item, 'caption') || undefined,
			options: readOptions(context, item),
		};
	},
	async prepare(node, params) {
		const media: MediaRef[] = [];
		const plain = isChannel(params.chat);
		for (const source of params.sources) {
			media.push(await prepareMedia(node, { source, kind: 'visual', plain }));
		}
		return { ...params, media };
	},
	async perform(owner, { chat, media = [], caption, options }) {
		const to = await resolveChat(owner, chat);
		const images = media.filter(({ kind }) => kind === 'image').length;
		const album: proto.IMessage = {
			albumMessage: { expectedImageCount: images, expectedVideoCount: media.length - images },
		};
		const { timer, typing, ...first } = options;
		const sent = await deliverTo(owner, to, { message: album, options: { timer, typing } });
		const parentMessageKey = { remoteJid: to, fromMe: true, id: sent.messageId };
		const messageIds: string[] = [];
		for (const [index, each] of media.entries()) {
			const message = mediaMessage(each, index === 0 ? { caption } : {});
			message.messageContextInfo = {
				messageAssociation: { associationType: MEDIA_ALBUM, parentMessageKey },
			};
			const { messageId } = await deliverTo(owner, to, {
				message,
				options: index === 0 ? { ...first, timer } : { timer },
				part: index + 1,
				mediaHandle: each.handle,
			});
			messageIds.push(messageId);
		}
		return { ...sent, messageIds };
	},
	sample: { ...SENT, messageIds: ['3EB0B2C3D4E5F6071829', '3EB0C3D4E5F607182930'] },
});
