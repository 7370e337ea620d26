/**
 * Files as WhatsApp's media servers hold them: AES-256-CBC, then the first ten bytes of an HMAC over
 * IV and ciphertext, keys by HKDF from a random media key (Baileys' messages-media.js). A stream: a
 * file is read twice, once for its hashes, which its address on the server is made of, and once for
 * the upload, so that nothing of it is kept in memory or on disk.
 */
import { createCipheriv, createHash, createHmac, hkdfSync, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { MediaTransport } from '../wa/media';

/** As what a file is encrypted and uploaded. */
export type MediaType = Exclude<MediaTransport, 'sticker-pack'>;

/** What the keys of each kind are derived with; the last as whatsmeow and WhatsApp Web have it. */
const KEY_INFO: Readonly<Record<MediaTransport, string>> = {
	image: 'WhatsApp Image Keys',
	video: 'WhatsApp Video Keys',
	audio: 'WhatsApp Audio Keys',
	document: 'WhatsApp Document Keys',
	sticker: 'WhatsApp Image Keys',
	'sticker-pack': 'WhatsApp Sticker Pack Keys',
};
/** Bytes of the HMAC at the end of a file. */
export const MAC_LENGTH = 10;
const CHUNK = 256 * 1024;

export interface MediaHashes {
	fileSha256: Buffer;
	fileEncSha256: Buffer;
	/** Bytes of the encrypted file. */
	encryptedLength: number;
}

export interface MediaKeys {
	iv: Buffer;
	cipher: Buffer;
	mac: Buffer;
}

export function mediaKeys(mediaKey: Uint8Array, type: MediaTransport): MediaKeys {
	const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), KEY_INFO[type], 112));
	return { iv: keys.subarray(0, 16), cipher: keys.subarray(16, 48), mac: keys.subarray(48, 80) };
}

/**
 * The encrypted file, in pieces.
 * @param plain gets the bytes before encryption
 */
export async function* encrypted(
	path: string,
	mediaKey: Buffer,
	type: MediaType,
	plain?: Hash,
): AsyncGenerator<Buffer> {
	const { iv, cipher, mac } = mediaKeys(mediaKey, type);
	const aes = createCipheriv('aes-256-cbc', cipher, iv);
	const hmac = createHmac('sha256', mac).update(iv);
	const file = await open(path);
	try {
		// One buffer for all: memory of buffers that are done with comes back only after tens of megabytes.
		const buffer = Buffer.allocUnsafe(CHUNK);
		for (;;) {
			const { bytesRead } = await file.read(buffer, 0, CHUNK);
			if (bytesRead === 0) break;
			const chunk = buffer.subarray(0, bytesRead);
			plain?.update(chunk);
			const secret = aes.update(chunk);
			hmac.update(secret);
			yield secret;
		}
	} finally {
		await file.close();
	}
	const last = aes.final();
	yield Buffer.concat([last, hmac.update(last).digest().subarray(0, MAC_LENGTH)]);
}

export async function measure(
	path: string,
	mediaKey: Buffer,
	type: MediaType,
): Promise<MediaHashes> {
	const plain = createHash('sha256');
	const secret = createHash('sha256');
	let encryptedLength = 0;
	for await (const chunk of encrypted(path, mediaKey, type, plain)) {
		secret.update(chunk);
		encryptedLength += chunk.length;
		release(chunk);
	}
	return { fileSha256: plain.digest(), fileEncSha256: secret.digest(), encryptedLength };
}

/** Gives memory back at once that nobody looks at any more. */
function release({ buffer, byteLength }: Buffer): void {
	const { transfer } = buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer };
	// Small buffers share theirs.
	if (byteLength === buffer.byteLength) transfer?.call(buffer, 0);
}
