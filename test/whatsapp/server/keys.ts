/**
 * Curve25519 for the server: X25519 agreement and XEdDSA signatures. Written on Node's crypto and
 * noble's arithmetic, not on the client's libsignal: `Curve.verify` of Baileys rc14 accepts any
 * signature, and the code under test replaces libsignal's functions in this very process.
 */
import {
	createHash,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	randomBytes,
	verify as verifyEd25519,
} from 'node:crypto';

export interface KeyPair {
	/** 32 bytes, without Signal's type byte 05. */
	readonly publicKey: Buffer;
	readonly privateKey: Buffer;
}

const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** The prime of the field, 2^255 - 19. */
const P = 2n ** 255n - 19n;

export function generateKeyPair(): KeyPair {
	const pair = generateKeyPairSync('x25519');
	const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
	const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
	return { publicKey: spki.subarray(-32), privateKey: pkcs8.subarray(-32) };
}

/** X25519; throws when the other key is not 32 bytes or a point of small order. */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
	return diffieHellman({
		privateKey: createPrivateKey({
			key: Buffer.concat([X25519_PKCS8, privateKey]),
			format: 'der',
			type: 'pkcs8',
		}),
		publicKey: createPublicKey({
			key: Buffer.concat([X25519_SPKI, publicKey]),
			format: 'der',
			type: 'spki',
		}),
	});
}

/**
 * Signs as https://signal.org/docs/specifications/xeddsa/ says; the private key is the X25519 one.
 */
export async function sign(privateKey: Uint8Array, message: Uint8Array): Promise<Buffer> {
	const { ed25519 } = await import('@noble/curves/ed25519.js');
	const Point = ed25519.Point;
	const order = Point.Fn.ORDER;
	const scalar = littleEndian(clamp(privateKey)) % order;
	const edwards = Point.BASE.multiply(scalar).toBytes();
	const odd = (edwards[31] ?? 0) & 0x80;
	const a = odd ? order - scalar : scalar;
	edwards[31] = (edwards[31] ?? 0) & 0x7f;
	const prefix = Buffer.alloc(32, 0xff);
	prefix[0] = 0xfe;
	const r = hashToScalar(order, prefix, toBytes(a), message, randomBytes(64));
	const R = Point.BASE.multiply(r).toBytes();
	const h = hashToScalar(order, R, edwards, message);
	return Buffer.concat([R, toBytes((r + h * a) % order)]);
}

/** Whether this is a signature of the message by the X25519 key; never throws. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
	try {
		const key = publicKey.length === 33 ? publicKey.subarray(1) : publicKey;
		if (key.length !== 32 || signature.length !== 64) return false;
		// Montgomery u to Edwards y = (u - 1) / (u + 1); Signal's older signatures keep the sign of x
		// in the last bit of the signature, XEdDSA's have 0 there.
		const u = littleEndian(key) % 2n ** 255n;
		const y = toBytes(mod((u - 1n) * inverse(u + 1n)));
		const s = Buffer.from(signature);
		y[31] = (y[31] ?? 0) | ((s[63] ?? 0) & 0x80);
		s[63] = (s[63] ?? 0) & 0x7f;
		const ed = createPublicKey({
			key: Buffer.concat([ED25519_SPKI, y]),
			format: 'der',
			type: 'spki',
		});
		return verifyEd25519(null, message, ed, s);
	} catch {
		return false;
	}
}

function clamp(key: Uint8Array): Buffer {
	const bytes = Buffer.from(key);
	bytes[0] = (bytes[0] ?? 0) & 248;
	bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
	return bytes;
}

function hashToScalar(order: bigint, ...parts: Uint8Array[]): bigint {
	const hash = createHash('sha512');
	for (const part of parts) hash.update(part);
	return littleEndian(hash.digest()) % order;
}

const littleEndian = (bytes: Uint8Array): bigint =>
	BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const toBytes = (value: bigint): Buffer =>
	Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

const mod = (value: bigint): bigint => ((value % P) + P) % P;

function inverse(value: bigint): bigint {
	let result = 1n;
	let base = mod(value);
	for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
		if (exponent & 1n) result = (result * base) % P;
		base = (base * base) % P;
	}
	return result;
}
