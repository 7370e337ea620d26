/**
 * libsignal's symmetric functions, with keys as KeyObjects. To find out that a Buffer is no KeyObject,
 * Node 24 throws and catches two errors: an HMAC with a Buffer as key takes 32 µs, with a KeyObject
 * made of it 4 µs, a cipher 30 and 7 µs (measured with 24.21). A text has a dozen of them. Results
 * and errors are libsignal's (src/crypto.js of 6.0.0).
 */
import {
	createCipheriv,
	createDecipheriv,
	createHmac,
	createSecretKey,
	hkdfSync,
	timingSafeEqual,
} from 'node:crypto';

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

/** Bytes of a SHA-256. */
const BLOCK = 32;

function assertBuffers(...values: unknown[]): void {
	for (const value of values) {
		if (value instanceof Buffer) continue;
		const name = (value as { constructor: { name: string } }).constructor.name;
		throw TypeError(`Expected Buffer instead of: ${name}`);
	}
}

function calculateMAC(key: Buffer, data: Buffer): Buffer {
	assertBuffers(key, data);
	return createHmac('sha256', createSecretKey(key)).update(data).digest();
}

/** HKDF (RFC 5869) as libsignal has it: a salt of 32 bytes, at most three blocks; here in one call. */
function deriveSecrets(input: Buffer, salt: Buffer, info: Buffer, chunks = 3): Buffer[] {
	assertBuffers(input, salt, info);
	if (salt.byteLength !== 32) throw new Error('Got salt of incorrect length');
	if (!(chunks >= 1 && chunks <= 3)) throw new Error('Got number of chunks out of range');
	const all = Buffer.from(hkdfSync('sha256', createSecretKey(input), salt, info, chunks * BLOCK));
	return Array.from({ length: chunks }, (_, at) => all.subarray(at * BLOCK, (at + 1) * BLOCK));
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
