/** The file of an event's message: streamed, decrypted and checked. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import { loadBaileys } from '../baileys';
import { LinkedError } from '../errors';
import type { MediaType } from '@whiskeysockets/baileys';
import { findMedia, type MediaNode } from '../wa/media';
import { unwrap } from '../wa/unwrap';
import type { Envelope } from './envelope';

export interface Attachment {
	/** Fails at its end when the file is not what its sender sent, or larger than allowed. */
	stream: Readable;
	fileName: string;
	mimeType: string;
}

/** Extensions where they are not the second half of the type. */
const EXTENSIONS: Readonly<Record<string, string>> = {
	'image/jpeg': 'jpg',
	'audio/mpeg': 'mp3',
	'audio/mp4': 'm4a',
	'video/quicktime': 'mov',
	'video/3gpp': '3gp',
	'text/plain': 'txt',
	'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
	'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
	'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

function extensionOf(mimeType: string): string {
	const [type = ''] = mimeType.split(';');
	const known = EXTENSIONS[type.trim()];
	if (known) return known;
	const [, second = ''] = type.trim().split('/');
	return /^[a-z0-9]{1,5}$/.test(second) ? second : 'bin';
}

type Node = MediaNode & { fileSha256?: Uint8Array | null };

/**
 * Begins the download; undefined when the event has no file.
 * @param maxBytes the stream fails with `media-over-limit` beyond it
 * @throws LinkedError `media-unavailable` when WhatsApp does not have it (any more)
 */
export async function openAttachment(
	{ event, message }: Envelope,
	maxBytes: number,
): Promise<Attachment | undefined> {
	if (!message) return undefined;
	const { proto, downloadContentFromMessage } = await loadBaileys();
	const found = findMedia(unwrap(proto.WebMessageInfo.decode(message).message).message);
	if (!found?.info.downloadable) return undefined;
	const { mediaKey, url, directPath, fileSha256 } = found.node as Node;
	let source: Readable;
	try {
		// Baileys rc14 knows no sticker packs; a key it does not know fails the download.
		const type = found.transport as MediaType;
		source = await downloadContentFromMessage({ mediaKey, url, directPath }, type);
	} catch (cause) {
		throw new LinkedError('media-unavailable', { cause });
	}
	const mimeType = found.info.mimeType ?? 'application/octet-stream';
	const name = found.info.fileName ?? `${found.info.kind}-${event.messageId ?? 'file'}`;
	const hasExtension = /\.[A-Za-z0-9]{1,8}$/.test(name);
	return {
		// An error of either side reaches whoever reads the checked stream.
		stream: pipeline(source, check(fileSha256, maxBytes), () => {}),
		fileName: hasExtension ? name : `${name}.${extensionOf(mimeType)}`,
		mimeType,
	};
}

/** Passes bytes on; fails at the end when their hash is not the announced one. */
function check(expected: Uint8Array | null | undefined, maxBytes: number): Transform {
	const hash = createHash('sha256');
	let size = 0;
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			size += chunk.length;
			hash.update(chunk);
			if (size > maxBytes) done(new LinkedError('media-over-limit'));
			else done(null, chunk);
		},
		flush(done) {
			const right = !expected?.length || timingSafeEqual(hash.digest(), Buffer.from(expected));
			done(right ? null : new LinkedError('media-damaged'));
		},
	});
}
