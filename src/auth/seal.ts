/**
 * Encryption at rest. A stored session is worth as much as the credential, so it is sealed with a key
 * derived from n8n's own encryption key and the credential's id: AES-256-GCM, the key by HKDF-SHA256.
 *
 * Sealed: version (1 byte), key check (4), nonce (12), ciphertext, tag (16). Account and name of the
 * value are authenticated, so that values cannot be swapped between keys or accounts. The key check
 * comes from the same HKDF and tells a wrong encryption key from a value that was tampered with.
 * Nonces are random; at 50 writes a second it takes years until 2^32 values, NIST's bound for that.
 */
import {
	createCipheriv,
	createDecipheriv,
	createSecretKey,
	hkdfSync,
	randomFillSync,
} from 'node:crypto';
import { LinkedError } from '../errors';

const VERSION = 1;
const CHECK_SIZE = 4;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const HEAD_SIZE = 1 + CHECK_SIZE + NONCE_SIZE;
const SALT = 'n8n-nodes-whatsapp-linked storage v1';

export interface Sealer {
	/** Encrypts the value of the given name. */
	seal(name: string, bytes: Uint8Array): Uint8Array;
	/**
	 * The value sealed under this name.
	 * @throws LinkedError `wrong-key` or `damaged-data`
	 */
	open(name: string, sealed: Uint8Array): Uint8Array;
	/** Another key of the same account for another purpose, 32 bytes. */
	keyFor(purpose: string): Uint8Array;
}

/** Random bytes are fetched for many nonces at once: asking for twelve costs as much as sealing. */
class Nonces {
	private readonly pool = Buffer.alloc(NONCE_SIZE * 256);
	private at = this.pool.length;

	/** To be used before the next one is asked for. */
	next(): Buffer {
		if (this.at === this.pool.length) {
			randomFillSync(this.pool);
			this.at = 0;
		}
		return this.pool.subarray(this.at, (this.at += NONCE_SIZE));
	}
}

const nonces = new Nonces();
const TAG = { authTagLength: TAG_SIZE };

/**
 * @param secret n8n's encryption key; never logged or stored
 * @param account the credential's id
 */
export function createSealer(secret: string, account: string): Sealer {
	if (secret === '') throw new LinkedError('wrong-key', { detail: 'The encryption key is empty.' });
	const derived = Buffer.from(hkdfSync('sha256', secret, SALT, account, 32 + CHECK_SIZE));
	// As a key object: given as bytes, it would be made one for each value, at three times the cost.
	const key = createSecretKey(derived.subarray(0, 32));
	const check = derived.subarray(32);
	// Once a value has opened, the key is right, and a check that differs is damage.
	let proven = false;

	const head = Buffer.concat([Buffer.of(VERSION), check, Buffer.alloc(NONCE_SIZE)]);
	const prefix = `${account.length}:${account}:`;
	const context = (name: string) => Buffer.from(prefix + name);

	return {
		keyFor: (purpose) => Buffer.from(hkdfSync('sha256', key, SALT, purpose, 32)),

		seal(name, bytes) {
			const sealed = Buffer.allocUnsafe(HEAD_SIZE + bytes.length + TAG_SIZE);
			head.copy(sealed);
			const nonce = nonces.next();
			nonce.copy(sealed, HEAD_SIZE - NONCE_SIZE);
			const cipher = createCipheriv('aes-256-gcm', key, nonce);
			cipher.setAAD(context(name));
			// GCM gives as many bytes as it gets, and nothing at the end but the tag.
			cipher.update(bytes).copy(sealed, HEAD_SIZE);
			cipher.final();
			cipher.getAuthTag().copy(sealed, HEAD_SIZE + bytes.length);
			return sealed;
		},

		open(name, sealed) {
			const data = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
			if (data.length < HEAD_SIZE + TAG_SIZE || data[0] !== VERSION) {
				throw new LinkedError('damaged-data');
			}
			if (!data.subarray(1, 1 + CHECK_SIZE).equals(check)) {
				throw new LinkedError(proven ? 'damaged-data' : 'wrong-key');
			}
			const decipher = createDecipheriv(
				'aes-256-gcm',
				key,
				data.subarray(1 + CHECK_SIZE, HEAD_SIZE),
				TAG,
			);
			decipher.setAAD(context(name));
			decipher.setAuthTag(data.subarray(-TAG_SIZE));
			try {
				const plain = decipher.update(data.subarray(HEAD_SIZE, -TAG_SIZE));
				decipher.final();
				proven = true;
				return plain;
			} catch {
				// The cause says nothing that is of use, and might quote what it was given.
				throw new LinkedError('damaged-data');
			}
		},
	};
}
