/** A message's file: fetched, checked, decrypted, as a stream. */
import { Readable } from 'node:stream';
import { LinkedError } from '../errors';
import { findMedia, type MediaTransport } from '../wa/media';
import { SNIFF_BYTES, sniff } from '../wa/sniff';
import type { MediaInfo } from '../wa/types';
import { unwrap } from '../wa/unwrap';
import { counted } from './counted';
import { checked, decrypted, type Hashes } from './decrypt';
import { fetchFile, type FetchOptions } from './fetch';
import { fileNameOf } from './fileName';
import { addressOf, type Place } from './host';

export interface RemoteFile extends Place, Hashes {
	info: MediaInfo;
	transport: MediaTransport;
	mediaKey?: Uint8Array | null;
}

export interface DownloadOptions extends FetchOptions {
	/** The stream fails with `media-over-limit` beyond it. */
	maxBytes?: number;
	/** Told how much has come in, and of how much, as far as the sender says. */
	received?(bytes: number, of: number | null): void;
}

export interface OpenedFile {
	/** Fails at its end when the file is not what its sender sent, or larger than allowed. */
	stream: Readable;
	fileName: string;
	mimeType: string;
}

type Message = Parameters<typeof unwrap>[0];

/** The file that a message names, in whatever it is wrapped; undefined when it has none. */
export function fileOf(message: Message): RemoteFile | undefined {
	const found = findMedia(unwrap(message).message);
	if (!found) return undefined;
	const { info, transport, node } = found;
	return { ...(node as Omit<RemoteFile, 'info' | 'transport'>), info, transport };
}

/** A picture of a person or group: not encrypted, and without a hash. @throws LinkedError as openFile */
export async function openPicture(
	url: string,
	name: string,
	options: DownloadOptions,
): Promise<OpenedFile> {
	const { head, all } = await begin(checked(await fetchFile(addressOf({ url }), options), {}));
	const mimeType = typeOf(null, head);
	const fileName = fileNameOf({ kind: 'image', fileName: name }, mimeType, '');
	return { stream: Readable.from(all, { objectMode: false }), fileName, mimeType };
}

/**
 * Begins the download.
 * @param id of the message, for files without a name
 * @throws LinkedError `media-key-missing`, `media-over-limit`, `media-unavailable` when WhatsApp does
 * not have it any more, `media-download-failed`
 */
export async function openFile(
	file: RemoteFile,
	id: string,
	{ maxBytes = Number.POSITIVE_INFINITY, received, ...options }: DownloadOptions,
): Promise<OpenedFile> {
	const { info, mediaKey, fileEncSha256 } = file;
	// whatsmeow takes what has neither key nor hash of a ciphertext for plain: files of channels.
	if (!mediaKey?.length && fileEncSha256?.length) throw new LinkedError('media-key-missing');
	if (!file.url && !file.directPath) throw new LinkedError('media-unavailable');
	// Announced sizes are checked before, true ones while it comes in.
	if ((info.size ?? 0) > maxBytes) throw new LinkedError('media-over-limit');
	const bytes = await fetchFile(addressOf(file), options);
	const content = mediaKey?.length
		? decrypted(bytes, mediaKey, file.transport, file)
		: checked(bytes, file);
	const { head, all } = await begin(
		counted(limited(content, maxBytes), (bytes) => received?.(bytes, info.size)),
	);
	const mimeType = typeOf(info.mimeType, head);
	return {
		stream: Readable.from(all, { objectMode: false }),
		fileName: fileNameOf(info, mimeType, id),
		mimeType,
	};
}

async function* limited(content: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
	let size = 0;
	for await (const chunk of content) {
		size += chunk.length;
		if (size > maxBytes) throw new LinkedError('media-over-limit');
		yield chunk;
	}
}

/** What the sender says that it is, where that says anything; otherwise what it looks like. */
function typeOf(declared: string | null, head: Buffer): string {
	const type = declared?.trim().toLowerCase();
	if (type && /^[\w.+-]+\/[\w.+-]+/.test(type) && !type.startsWith('application/octet-stream')) {
		return type;
	}
	return sniff(head)?.mimeType ?? 'application/octet-stream';
}

/** The first bytes, without taking them out of what follows. */
async function begin(
	content: AsyncGenerator<Buffer>,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
	const first: Buffer[] = [];
	let size = 0;
	let failure: Error | undefined;
	try {
		while (size < SNIFF_BYTES) {
			const { value, done } = await content.next();
			if (done) break;
			first.push(value);
			size += value.length;
		}
	} catch (error) {
		failure = error instanceof Error ? error : new LinkedError('media-download-failed');
	}
	async function* all(): AsyncGenerator<Buffer> {
		yield* first;
		if (failure) throw failure;
		yield* content;
	}
	return { head: Buffer.concat(first), all: all() };
}
