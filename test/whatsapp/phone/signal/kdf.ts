/** The symmetric primitives that Signal, media, pairing and app state share. */
import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createSecretKey,
	hkdfSync,
	type KeyObject,
	pbkdf2,
} from 'node:crypto';
import { promisify } from 'node:util';

const pbkdf2Async = promisify(pbkdf2);
const GCM_TAG = 16;

/** Node takes a KeyObject at once; to find out that bytes are none, it throws and catches two errors. */
const asKey = (key: Uint8Array): KeyObject => createSecretKey(key);

export const sha256 = (...parts: Uint8Array[]): Buffer => {
	const hash = createHash('sha256');
	for (const part of parts) hash.update(part);
	return hash.digest();
};

export const hmacSha256 = (key: Uint8Array, ...parts: Uint8Array[]): Buffer => {
	const mac = createHmac('sha256', asKey(key));
	for (const part of parts) mac.update(part);
	return mac.digest();
};

export const hmacSha512 = (key: Uint8Array, ...parts: Uint8Array[]): Buffer => {
	const mac = createHmac('sha512', asKey(key));
	for (const part of parts) mac.update(part);
	return mac.digest();
};

/** HKDF-SHA256; without a salt, 32 zero bytes. */
export const hkdf = (
	key: Uint8Array,
	length: number,
	info: string,
	salt: Uint8Array = Buffer.alloc(32),
): Buffer => Buffer.from(hkdfSync('sha256', asKey(key), salt, info, length));

export const cbcEncrypt = (key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer => {
	const cipher = createCipheriv('aes-256-cbc', asKey(key), iv);
	return Buffer.concat([cipher.update(plain), cipher.final()]);
};

export const cbcDecrypt = (key: Uint8Array, iv: Uint8Array, secret: Uint8Array): Buffer => {
	const decipher = createDecipheriv('aes-256-cbc', asKey(key), iv);
	return Buffer.concat([decipher.update(secret), decipher.final()]);
};

/** AES-256-GCM with the tag at the end of the result. */
export const gcmEncrypt = (
	key: Uint8Array,
	iv: Uint8Array,
	plain: Uint8Array,
	aad: Uint8Array = Buffer.alloc(0),
): Buffer => {
	const cipher = createCipheriv('aes-256-gcm', asKey(key), iv).setAAD(aad);
	return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

export const gcmDecrypt = (
	key: Uint8Array,
	iv: Uint8Array,
	secret: Uint8Array,
	aad: Uint8Array = Buffer.alloc(0),
): Buffer => {
	const decipher = createDecipheriv('aes-256-gcm', asKey(key), iv).setAAD(aad);
	decipher.setAuthTag(secret.subarray(-GCM_TAG));
	return Buffer.concat([decipher.update(secret.subarray(0, -GCM_TAG)), decipher.final()]);
};

/** AES-256-CTR, which is its own inverse. */
export const ctr = (key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Buffer => {
	const cipher = createCipheriv('aes-256-ctr', asKey(key), iv);
	return Buffer.concat([cipher.update(bytes), cipher.final()]);
};

/** The key that an eight-character linking code stands for: PBKDF2-SHA256, 131 072 rounds. */
export const codeKey = async (code: string, salt: Uint8Array): Promise<Buffer> =>
	await pbkdf2Async(code, salt, 131_072, 32, 'sha256');
