import type { proto } from '@whiskeysockets/baileys';

import { contentField, kindOfContent } from './kind';
import { count, flag, hasBytes, str } from './read';
import type { MediaInfo, MediaKind } from './types';

/** The fields that the media messages of the protocol share, each optional. */
export interface MediaNode {
	url?: string | null;
	directPath?: string | null;
	mediaKey?: Uint8Array | null;
	/** Hash of the file. */
	fileSha256?: Uint8Array | null;
	/** Hash of the encrypted file; files of channels are not encrypted and have none (belief). */
	fileEncSha256?: Uint8Array | null;
	mimetype?: string | null;
	fileLength?: unknown;
	seconds?: number | null;
	fileName?: string | null;
	title?: string | null;
	caption?: string | null;
	width?: number | null;
	height?: number | null;
	viewOnce?: boolean | null;
	isAnimated?: boolean | null;
	isLottie?: boolean | null;
	pageCount?: number | null;
}

/** Baileys' media types: the HKDF info and upload path that a file was encrypted for. */
export type MediaTransport = 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'sticker-pack';

export interface FoundMedia {
	info: MediaInfo;
	/** The protobuf node itself, for downloading. */
	node: MediaNode;
	transport: MediaTransport;
}

const TRANSPORT: Readonly<Record<MediaKind, MediaTransport>> = {
	image: 'image',
	video: 'video',
	gif: 'video',
	ptv: 'video',
	audio: 'audio',
	voice: 'audio',
	file: 'document',
	sticker: 'sticker',
	stickerPack: 'sticker-pack',
};

/**
 * The media of an unwrapped message: of a media message itself, or the header of one with buttons or
 * of a product. Null without media.
 */
export function findMedia(message: proto.IMessage): FoundMedia | null {
	switch (contentField(message)) {
		case 'imageMessage':
			return found('image', message.imageMessage);
		case 'videoMessage':
			return found(kindOfContent(message) as MediaKind, message.videoMessage);
		case 'audioMessage':
			return found(kindOfContent(message) as MediaKind, message.audioMessage);
		case 'ptvMessage':
			return found('ptv', message.ptvMessage);
		case 'documentMessage':
			return found('file', message.documentMessage);
		case 'stickerMessage':
			return found('sticker', message.stickerMessage);
		case 'stickerPackMessage':
			return found('stickerPack', message.stickerPackMessage);
		case 'buttonsMessage':
			return header(message.buttonsMessage);
		case 'templateMessage':
			return header(
				message.templateMessage?.hydratedFourRowTemplate ??
					message.templateMessage?.hydratedTemplate ??
					message.templateMessage?.fourRowTemplate ??
					message.templateMessage?.interactiveMessageTemplate?.header,
			);
		case 'interactiveMessage':
			return header(message.interactiveMessage?.header);
		case 'productMessage':
			return found(
				'image',
				message.productMessage?.product?.productImage ??
					message.productMessage?.catalog?.catalogImage,
			);
		default:
			return null;
	}
}

function header(
	of: Pick<proto.IMessage, 'imageMessage' | 'videoMessage' | 'documentMessage'> | null | undefined,
): FoundMedia | null {
	return (
		found('image', of?.imageMessage) ??
		found('video', of?.videoMessage) ??
		found('file', of?.documentMessage)
	);
}

function isDownloadable(node: MediaNode): boolean {
	if ((str(node.url) ?? str(node.directPath)) === null) return false;
	return hasBytes(node.mediaKey) || (hasBytes(node.fileSha256) && !hasBytes(node.fileEncSha256));
}

function found(kind: MediaKind, value: unknown): FoundMedia | null {
	if (typeof value !== 'object' || value === null) return null;
	const node = value as MediaNode;
	const info: MediaInfo = {
		kind,
		mimeType: str(node.mimetype),
		size: count(node.fileLength),
		seconds: count(node.seconds),
		fileName: str(node.fileName) ?? (kind === 'file' ? str(node.title) : null),
		caption: str(node.caption),
		width: count(node.width),
		height: count(node.height),
		downloadable: isDownloadable(node),
		viewOnce: flag(node.viewOnce),
	};
	if (kind === 'sticker') info.animated = flag(node.isAnimated) || flag(node.isLottie);
	if (kind === 'gif') info.animated = true;
	const pages = count(node.pageCount);
	if (kind === 'file' && pages !== null && pages > 0) info.pages = pages;
	return { info, node, transport: TRANSPORT[kind] };
}
