/**
 * The server's side of Noise_XX_25519_AESGCM_SHA256 as WhatsApp uses it, see
 * https://noiseprotocol.org/noise.html and Baileys' Utils/noise-handler.js for the client's side.
 */
import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createSecretKey,
	hkdfSync,
	type KeyObject,
} from 'node:crypto';
import { agree, generateKeyPair, sign, type KeyPair } from './keys';
import type { Wa } from './wa';

/** Exactly 32 bytes, so it is the first hash as it stands. */
const MODE = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const HEADER = Buffer.from([0x57, 0x41, 6, 3]);
const TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/** What proves to clients that this is the server: a root key and a chain signed by it. */
export interface Identity {
	readonly root: Buffer;
	readonly staticKey: KeyPair;
	/** `CertChain` bytes. */
	readonly chain: Buffer;
}

/**
 * What is wrong with a forged chain: `root` the intermediate is signed by somebody else's root, `leaf`
 * the leaf by somebody else's intermediate, `key` the leaf belongs to another static key, `serial` the
 * intermediate names another issuer, `missing` there is no leaf.
 */
export type Forgery = 'root' | 'leaf' | 'key' | 'serial' | 'missing';

/**
 * Root signs intermediate (issuer serial 0, what clients compare), intermediate signs leaf, and the
 * leaf's key is the Noise static key. The real chain has validity times too; they are set wide.
 */
export async function makeIdentity(wa: Wa, forgery?: Forgery): Promise<Identity> {
	const { CertChain } = wa.proto;
	const root = generateKeyPair();
	const intermediate = generateKeyPair();
	const staticKey = generateKeyPair();
	const now = Math.floor(Date.now() / 1000);
	const validity = { notBefore: now - 86_400, notAfter: now + 10 * 365 * 86_400 };
	const signed = async (by: KeyPair, details: object) => {
		const bytes = CertChain.NoiseCertificate.Details.encode(
			CertChain.NoiseCertificate.Details.fromObject({ ...details, ...validity }),
		).finish();
		return { details: bytes, signature: await sign(by.privateKey, bytes) };
	};
	const chain = CertChain.encode({
		intermediate: await signed(forgery === 'root' ? generateKeyPair() : root, {
			serial: 1,
			issuerSerial: forgery === 'serial' ? 7 : 0,
			key: intermediate.publicKey,
		}),
		leaf:
			forgery === 'missing'
				? undefined
				: await signed(forgery === 'leaf' ? generateKeyPair() : intermediate, {
						serial: 2,
						issuerSerial: 1,
						key: forgery === 'key' ? generateKeyPair().publicKey : staticKey.publicKey,
					}),
	}).finish();
	return { root: root.publicKey, staticKey, chain: Buffer.from(chain) };
}

export interface Finish {
	/** The client's Noise static key: what logs a device in. */
	readonly clientStatic: Buffer;
	/** `ClientPayload` bytes. */
	readonly payload: Buffer;
}

export class NoiseServer {
	private hash: Buffer = MODE;
	private salt: Buffer = MODE;
	private key: Buffer = MODE;
	private counter = 0;
	private ephemeral = generateKeyPair();
	private transport?: { read: KeyObject; write: KeyObject; received: number; sent: number };

	constructor(
		private readonly wa: Wa,
		private readonly identity: Identity,
	) {}

	get established(): boolean {
		return this.transport !== undefined;
	}

	/** Takes `HandshakeMessage` bytes with a clientHello; returns those of the serverHello. */
	hello(bytes: Buffer): Buffer {
		const { clientHello } = this.wa.proto.HandshakeMessage.decode(bytes);
		const theirs = clientHello?.ephemeral;
		if (theirs?.length !== 32) throw new Error('client hello without ephemeral key');
		this.authenticate(HEADER);
		this.authenticate(theirs);
		this.authenticate(this.ephemeral.publicKey);
		this.mix(agree(this.ephemeral.privateKey, theirs));
		const encryptedStatic = this.encryptHandshake(this.identity.staticKey.publicKey);
		this.mix(agree(this.identity.staticKey.privateKey, theirs));
		const serverHello = {
			ephemeral: this.ephemeral.publicKey,
			static: encryptedStatic,
			payload: this.encryptHandshake(this.identity.chain),
		};
		return Buffer.from(this.wa.proto.HandshakeMessage.encode({ serverHello }).finish());
	}

	/** Takes the clientFinish; from then on frames are `encrypt`ed and `decrypt`ed. */
	finish(bytes: Buffer): Finish {
		const { clientFinish } = this.wa.proto.HandshakeMessage.decode(bytes);
		if (!clientFinish?.static || !clientFinish.payload) throw new Error('incomplete client finish');
		const clientStatic = this.decryptHandshake(Buffer.from(clientFinish.static));
		this.mix(agree(this.ephemeral.privateKey, clientStatic));
		const payload = this.decryptHandshake(Buffer.from(clientFinish.payload));
		const [read, write] = this.derive(NOTHING);
		this.transport = {
			read: createSecretKey(read),
			write: createSecretKey(write),
			received: 0,
			sent: 0,
		};
		return { clientStatic, payload };
	}

	encrypt(plain: Uint8Array): Buffer {
		if (!this.transport) throw new Error('handshake is not done');
		return seal(this.transport.write, this.transport.sent++, NOTHING, plain);
	}

	decrypt(sealed: Buffer): Buffer {
		if (!this.transport) throw new Error('handshake is not done');
		return open(this.transport.read, this.transport.received++, NOTHING, sealed);
	}

	private encryptHandshake(plain: Uint8Array): Buffer {
		const sealed = seal(this.key, this.counter++, this.hash, plain);
		this.authenticate(sealed);
		return sealed;
	}

	private decryptHandshake(sealed: Buffer): Buffer {
		const plain = open(this.key, this.counter++, this.hash, sealed);
		this.authenticate(sealed);
		return plain;
	}

	private authenticate(data: Uint8Array): void {
		this.hash = createHash('sha256').update(this.hash).update(data).digest();
	}

	private mix(secret: Uint8Array): void {
		const [salt, key] = this.derive(secret);
		this.salt = salt;
		this.key = key;
		this.counter = 0;
	}

	private derive(secret: Uint8Array): [Buffer, Buffer] {
		const bytes = Buffer.from(hkdfSync('sha256', secret, this.salt, '', 64));
		return [bytes.subarray(0, 32), bytes.subarray(32)];
	}
}

function iv(counter: number): Buffer {
	const bytes = Buffer.alloc(12);
	bytes.writeUInt32BE(counter, 8);
	return bytes;
}

function seal(key: Buffer | KeyObject, counter: number, aad: Buffer, plain: Uint8Array): Buffer {
	const cipher = createCipheriv('aes-256-gcm', key, iv(counter)).setAAD(aad);
	return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer | KeyObject, counter: number, aad: Buffer, sealed: Buffer): Buffer {
	if (sealed.length < TAG_BYTES) throw new Error('frame shorter than its tag');
	const decipher = createDecipheriv('aes-256-gcm', key, iv(counter)).setAAD(aad);
	decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
	return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}
