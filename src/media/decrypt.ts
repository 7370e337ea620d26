/**
 * The other way round of encrypt.ts: checks and decrypts a file while it passes. What is wrong with
 * it shows at its end only, so whoever takes the pieces must throw them away when it fails.
 */
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { LinkedError } from '../errors';
import type { MediaTransport } from '../wa/media';
import { MAC_LENGTH, mediaKeys } from './encrypt';

export interface Hashes {
	/** Of the decrypted file; not checked where the message names none. */
	fileSha256?: Uint8Array | null;
	/** Of the encrypted file. */
	fileEncSha256?: Uint8Array | null;
}

/** @throws LinkedError `media-damaged` at the end, when it is not the file that was sent */
export async function* decrypted(
	source: AsyncIterable<Buffer>,
	mediaKey: Uint8Array,
	type: MediaTransport,
	{ fileSha256, fileEncSha256 }: Hashes,
): AsyncGenerator<Buffer> {
	const { iv, cipher, mac } = mediaKeys(mediaKey, type);
	const aes = createDecipheriv('aes-256-cbc', cipher, iv);
	const hmac = createHmac('sha256', mac).update(iv);
	const secret = createHash('sha256');
	const plain = createHash('sha256');
	// The last bytes are the HMAC; which are the last ones is known at the end.
	let tail = Buffer.alloc(0);
	for await (const chunk of source) {
		secret.update(chunk);
		// Not put together with what was held back: that would be a copy of the whole file.
		const passing = Math.max(0, tail.length + chunk.length - MAC_LENGTH);
		const held = tail.subarray(0, passing);
		const body = chunk.subarray(0, passing - held.length);
		tail = Buffer.concat([tail.subarray(held.length), chunk.subarray(body.length)]);
		for (const ciphertext of [held, body]) {
			hmac.update(ciphertext);
			const part = aes.update(ciphertext);
			plain.update(part);
			if (part.length > 0) yield part;
		}
	}
	const found = hmac.digest().subarray(0, MAC_LENGTH);
	if (tail.length !== MAC_LENGTH || !timingSafeEqual(tail, found)) throw damaged('authentication');
	compare(secret.digest(), fileEncSha256, 'encrypted');
	let last: Buffer;
	try {
		last = aes.final();
	} catch (cause) {
		throw new LinkedError('media-damaged', { data: { check: 'padding' }, cause });
	}
	compare(plain.update(last).digest(), fileSha256, 'content');
	if (last.length > 0) yield last;
}

/** For what is not encrypted: files of channels. */
export async function* checked(
	source: AsyncIterable<Buffer>,
	{ fileSha256 }: Hashes,
): AsyncGenerator<Buffer> {
	const hash = createHash('sha256');
	for await (const chunk of source) {
		hash.update(chunk);
		yield chunk;
	}
	compare(hash.digest(), fileSha256, 'content');
}

const damaged = (check: string) => new LinkedError('media-damaged', { data: { check } });

function compare(hash: Buffer, expected: Uint8Array | null | undefined, check: string): void {
	if (!expected?.length) return;
	if (expected.length !== hash.length || !timingSafeEqual(hash, expected)) throw damaged(check);
}
