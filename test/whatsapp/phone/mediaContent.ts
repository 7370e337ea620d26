/** Messages that carry a file, as phones make them. */
import { randomBytes } from 'node:crypto';

import type { MediaKind, Uploaded } from './media';
import type { proto } from './proto';

export interface MediaOptions {
	caption?: string;
	/** Made up for the kind if absent. */
	mimetype?: string;
	/** For documents. */
	fileName?: string;
	/** For audio: a voice message; `seconds` long. */
	voice?: boolean;
	seconds?: number;
	/** For video: shown as a GIF. */
	gif?: boolean;
	width?: number;
	height?: number;
	/** JPEG that is shown before the download. */
	thumbnail?: Buffer;
	/** May be opened once. */
	viewOnce?: boolean;
}

const MIMETYPE: Record<MediaKind, string> = {
	image: 'image/jpeg',
	video: 'video/mp4',
	audio: 'audio/ogg; codecs=opus',
	document: 'application/pdf',
	sticker: 'image/webp',
};

export function mediaMessage(
	kind: MediaKind,
	file: Uploaded,
	options: MediaOptions = {},
): proto.IMessage {
	const { caption, thumbnail: jpegThumbnail, viewOnce, width, height, seconds } = options;
	const common = { ...file, mimetype: options.mimetype ?? MIMETYPE[kind] };
	const content = ((): proto.IMessage => {
		switch (kind) {
			case 'image':
				return { imageMessage: { ...common, caption, jpegThumbnail, viewOnce, width, height } };
			case 'video': {
				const gifPlayback = options.gif;
				const shown = { caption, jpegThumbnail, viewOnce, width, height, seconds, gifPlayback };
				return { videoMessage: { ...common, ...shown } };
			}
			case 'audio':
				return { audioMessage: { ...common, ptt: options.voice ?? false, seconds, viewOnce } };
			case 'document':
				return {
					documentMessage: {
						...common,
						caption,
						fileName: options.fileName,
						title: options.fileName,
						jpegThumbnail,
					},
				};
			case 'sticker':
				return { stickerMessage: { ...common, width, height } };
		}
	})();
	const secret = { messageContextInfo: { messageSecret: randomBytes(32) } };
	return viewOnce
		? { viewOnceMessage: { message: { ...content, ...secret } } }
		: { ...content, ...secret };
}
