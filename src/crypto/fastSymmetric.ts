/**
 * libsignal's symmetric functions, with HMACs of one-shot hashes (hmac.ts) and the keys of ciphers as
 * KeyObjects. To find out that a Buffer is no KeyObject, Node 24 throws and catches two errors: an HMAC
 * with a Buffer as key takes 32 µs, with a KeyObject made of it 4 µs, a cipher 30 and 7 µs (measured with
 * 24.21). A text has a dozen of them. Results and errors are libsignal's (src/crypto.js of 6.0.0).
 */
import { createCipheriv, createDecipheriv, createSecretKey, timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from './hmac';

/** libsignal's crypto.js, as far as it is replaced. */
export interface LibsignalCrypto {
	encrypt(key: Buffer, data: Buffer, iv: Buffer): Buffer;
	decrypt(key: Buffer, data: Buffer, iv: Buffer): Buffer;
	calculateMAC(key: Buffer, data: Buffer): Buffer;
	/** One to three 32-byte keys, three unless told. */
	deriveSecrets(input: Buffer, salt: Buffer, info: Buffer, chunks?: number): Buffer[];
	/** @throws Error `Bad MAC`, which Baileys knows */
	verifyMAC(data: Buffer, key: Buffer, mac: Buffer, length: number): void;
}

const EMPTY = Buffer.alloc(0);

function assertBuffers(...values: unknown[]): void {
	for (const value of values) {
		if (value instanceof Buffer) continue;
		const name = (value as { constructor: { name: string } }).constructor.name;
		throw TypeError(`Expected Buffer instead of: ${name}`);
	}
}

function calculateMAC(key: Buffer, data: Buffer): Buffer {
	assertBuffers(key, data);
	return hmacSha256(key, data);
}

/** HKDF (RFC 5869) as libsignal has it: a salt of 32 bytes, at most three blocks. */
function deriveSecrets(input: Buffer, salt: Buffer, info: Buffer, chunks = 3): Buffer[] {
	assertBuffers(input, salt, info);
	if (salt.byteLength !== 32) throw new Error('Got salt of incorrect length');
	if (!(chunks >= 1 && chunks <= 3)) throw new Error('Got number of chunks out of range');
	const key = hmacSha256(salt, input);
	const secrets: Buffer[] = [];
	for (let at = 1; at <= chunks; at++) {
		secrets.push(hmacSha256(key, Buffer.concat([secrets.at(-1) ?? EMPTY, info, Buffer.of(at)])));
	}
	return secrets;
}

export const fastSymmetric: LibsignalCrypto = {
	encrypt(key, data, iv) {
		assertBuffers(key, data, iv);
		const cipher = createCipheriv('aes-256-cbc', createSecretKey(key), iv);
		return Buffer.concat([cipher.update(data), cipher.final()]);
	},
	decrypt(key, data, iv) {
		assertBuffers(key, data, iv);
		const decipher = createDecipheriv('aes-256-cbc', createSecretKey(key), iv);
		return Buffer.concat([decipher.update(data), decipher.final()]);
	},
	calculateMAC,
	deriveSecrets,
	verifyMAC(data, key, mac, length) {
		const expected = calculateMAC(key, data).subarray(0, length);
		if (mac.length !== length || expected.length !== length) throw new Error('Bad MAC length');
		if (!timingSafeEqual(mac, expected)) throw new Error('Bad MAC');
	},
};
