/** The message that names an uploaded file, as Baileys' prepareWAMessageMedia makes it. */
import type { proto } from '@whiskeysockets/baileys';
import type { MediaRef } from '../../media/prepare';

export interface Shown {
	caption?: string;
	viewOnce?: boolean;
}

const bytes = (base64: string | undefined): Buffer | undefined =>
	base64 === undefined ? undefined : Buffer.from(base64, 'base64');

export function mediaMessage(media: MediaRef, { caption, viewOnce }: Shown = {}): proto.IMessage {
	const { mimetype, seconds, width, height } = media;
	const file = {
		url: media.url,
		directPath: media.directPath,
		mediaKey: bytes(media.mediaKey),
		fileSha256: bytes(media.fileSha256),
		fileEncSha256: bytes(media.fileEncSha256),
		fileLength: media.fileLength,
		mediaKeyTimestamp: media.mediaKey ? Math.floor(Date.now() / 1_000) : undefined,
		mimetype,
	};
	const jpegThumbnail = bytes(media.thumbnail);
	const seen = { width, height, jpegThumbnail, caption: caption || undefined, viewOnce };
	switch (media.kind) {
		case 'image':
			return once({ imageMessage: { ...file, ...seen } }, viewOnce);
		case 'video':
			return once({ videoMessage: { ...file, ...seen, seconds } }, viewOnce);
		case 'gif':
			return { videoMessage: { ...file, ...seen, seconds, gifPlayback: true } };
		case 'ptv':
			return { ptvMessage: { ...file, width, height, jpegThumbnail, seconds } };
		case 'audio':
			return { audioMessage: { ...file, seconds, ptt: false } };
		case 'voice': {
			const waveform = bytes(media.waveform);
			return once({ audioMessage: { ...file, seconds, ptt: true, waveform, viewOnce } }, viewOnce);
		}
		case 'file':
			return {
				documentMessage: {
					...file,
					fileName: media.fileName,
					title: media.fileName,
					caption: caption || undefined,
				},
			};
		case 'sticker':
			return { stickerMessage: { ...file, width, height, isAnimated: media.animated ?? false } };
	}
}

/** Phones wrap what may be opened once; voice notes in a wrapper of their own. */
function once(message: proto.IMessage, viewOnce: boolean | undefined): proto.IMessage {
	if (!viewOnce) return message;
	return message.audioMessage
		? { viewOnceMessageV2Extension: { message } }
		: { viewOnceMessage: { message } };
}
