/**
 * XEdDSA, the signatures of the Signal protocol: Ed25519 signatures made and checked with X25519
 * keys (https://signal.org/docs/specifications/xeddsa/), in the variant of Signal's curve25519
 * library, which WhatsApp and curve25519-js share: the public key's sign travels in the unused top
 * bit of the signature.
 *
 * The multiplications that cost the time run in OpenSSL, through Node's Ed25519: checking as a whole,
 * of signing the one of the nonce (`quickCommitment`). Measured on two cores under Node 24:
 * curve25519-js takes about 7 ms for either, this 0.1 ms to check and 0.05 ms to sign.
 */
import type { KeyObject } from 'node:crypto';
import {
	createHash,
	createPublicKey,
	generateKeyPairSync,
	randomBytes,
	sign as signEd25519,
	verify as verifyEd25519,
} from 'node:crypto';
import { createRequire } from 'node:module';

type Ed25519 = (typeof import('@noble/curves/ed25519.js'))['ed25519'];

/** Order of the base point, L in the specification. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN_BIT = 0x80;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** hash_1 of the specification: 2^256 - 2, little-endian, in front of what is hashed. */
const HASH_1 = Buffer.concat([Buffer.of(0xfe), Buffer.alloc(31, 0xff)]);
/** Keys kept converted, the least recently used go first: about 1 KB each with its OpenSSL object. */
const CACHED_KEYS = 1_000;

// Loaded on the first signature: it takes 40 ms, and it is ESM, which import would hoist to the start.
const load = createRequire(__filename);
let ed25519: Ed25519 | undefined;

function curve(): Ed25519 {
	ed25519 ??= (load('@noble/curves/ed25519.js') as { ed25519: Ed25519 }).ed25519;
	return ed25519;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
	return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function toLittleEndian(value: bigint): Buffer {
	return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** A map that forgets what was not asked for the longest. */
class RecentlyUsed<Value> {
	private readonly entries = new Map<string, Value>();

	get(key: string, make: () => Value): Value {
		const value = this.entries.get(key) ?? make();
		this.entries.delete(key);
		this.entries.set(key, value);
		if (this.entries.size > CACHED_KEYS) {
			const [oldest] = this.entries.keys();
			if (oldest !== undefined) this.entries.delete(oldest);
		}
		return value;
	}
}

/** An X25519 public key as Ed25519 key, for one of the two signs. */
interface EdwardsKey {
	readonly bytes: Buffer;
	readonly key: KeyObject;
}

const publicKeys = new RecentlyUsed<EdwardsKey>();

/**
 * y = (u - 1) / (u + 1). As in the reference code u is taken modulo 2^255 and may be unreduced, and
 * u = -1 gives y = 0.
 */
function edwardsKey(montgomery: Uint8Array, sign: number): EdwardsKey {
	const name = Buffer.from(montgomery.buffer, montgomery.byteOffset, montgomery.byteLength);
	return publicKeys.get(`${sign ? '-' : '+'}${name.toString('latin1')}`, () => {
		const { Fp } = curve().Point;
		const u = Fp.create(fromLittleEndian(montgomery) & (2n ** 255n - 1n));
		const denominator = Fp.create(u + 1n);
		const y = denominator === 0n ? 0n : Fp.mul(Fp.sub(u, 1n), Fp.inv(denominator));
		const bytes = toLittleEndian(y);
		bytes.writeUInt8(bytes.readUInt8(31) | sign, 31);
		const spki = Buffer.concat([ED25519_SPKI_PREFIX, bytes]);
		return { bytes, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
	});
}

/** y of the points of order 1, 2, 4 and 8 (x may have either sign), as hex. */
const SMALL_ORDER = new Set([
	'0100000000000000000000000000000000000000000000000000000000000000',
	'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
	'0000000000000000000000000000000000000000000000000000000000000000',
	'26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
	'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function isSmallOrder(point: Buffer): boolean {
	const y = Buffer.from(point);
	y.writeUInt8(y.readUInt8(31) & ~SIGN_BIT, 31);
	return SMALL_ORDER.has(y.toString('hex'));
}

/**
 * Whether the signature is right. It decides exactly as curve25519-js does: keys need not be
 * reduced or of large order, and S may be larger than the order of the base point.
 *
 * @param publicKey the X25519 public key, 32 bytes
 * @param signature 64 bytes
 */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
	const plain = Buffer.from(signature);
	const last = plain.readUInt8(63);
	plain.writeUInt8(last & ~SIGN_BIT, 63);
	// OpenSSL refuses S >= L, curve25519-js multiplies by it. The base point has order L, so S mod L
	// gives the same point. Honest signatures have S < 2^252 but for one in 2^126.
	if ((last & 0x70) !== 0) {
		toLittleEndian(fromLittleEndian(plain.subarray(32)) % ORDER).copy(plain, 32);
	}
	const { bytes, key } = edwardsKey(publicKey, last & SIGN_BIT);
	// Newer releases of Node 24 refuse these points (nodejs/node#64026), older ones do not.
	if (isSmallOrder(bytes) || isSmallOrder(plain.subarray(0, 32))) {
		return verifyByFormula(bytes, message, plain);
	}
	return verifyEd25519(null, message, key, plain);
}

/** R = S * B - h * A, for the points about which Node has an opinion of its own. */
function verifyByFormula(publicKey: Buffer, message: Uint8Array, signature: Buffer): boolean {
	const { Point } = curve();
	const commitment = signature.subarray(0, 32);
	const challenge = hashToScalar(commitment, publicKey, message);
	const response = fromLittleEndian(signature.subarray(32));
	const expected = Point.BASE.multiplyUnsafe(response).subtract(
		Point.fromBytes(publicKey, true).multiplyUnsafe(challenge),
	);
	return commitment.equals(expected.toBytes());
}

function hashToScalar(...parts: Uint8Array[]): bigint {
	const hash = createHash('sha512');
	for (const part of parts) hash.update(part);
	return fromLittleEndian(hash.digest()) % ORDER;
}

function multiplyBase(scalar: bigint): Buffer {
	const { Point } = curve();
	return Buffer.from((scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar)).toBytes());
}

/** A nonce and its multiple of the base point. */
interface Commitment {
	nonce: bigint;
	point: Buffer;
}

/** As the specification has it. */
export function specifiedCommitment(hashed: Uint8Array): Commitment {
	const nonce = hashToScalar(hashed);
	return { nonce, point: multiplyBase(nonce) };
}

/** An Ed25519 key of this process, and what Ed25519 hashes in front of a message for its nonce. */
interface Multiplier {
	key: KeyObject;
	prefix: Buffer;
}

let multiplier: Multiplier | undefined;

function newMultiplier(): Multiplier {
	const { privateKey: key } = generateKeyPairSync('ed25519');
	const { d = '' } = key.export({ format: 'jwk' });
	const prefix = createHash('sha512').update(Buffer.from(d, 'base64url')).digest().subarray(32);
	return { key, prefix };
}

/**
 * The same with 32 more secret bytes in front of what is hashed. Node cannot multiply the base point by a
 * given scalar, but an Ed25519 signature (RFC 8032) begins with such a multiple, of a nonce that is a hash
 * of its key's prefix and the message: who made the key knows the nonce. Only this beginning is used of
 * that signature. 35 µs, with @noble/curves 250.
 */
export function quickCommitment(hashed: Uint8Array): Commitment {
	const { key, prefix } = (multiplier ??= newMultiplier());
	const point = signEd25519(null, hashed, key).subarray(0, 32);
	return { nonce: hashToScalar(prefix, hashed), point };
}

// Half of a signature is the public key of the private one, the same at every message to a group.
// Kept under a digest, so that no private key stays in memory for it.
const ownPublicKeys = new RecentlyUsed<Buffer>();

/**
 * Signs with an X25519 private key.
 *
 * @param privateKey 32 bytes
 * @param random 64 fresh random bytes, as the specification asks; given only by tests
 * @param commit how the nonce is made; given only by tests
 * @returns 64 bytes
 */
export function sign(
	privateKey: Uint8Array,
	message: Uint8Array,
	random: Uint8Array = randomBytes(64),
	commit: (hashed: Uint8Array) => Commitment = quickCommitment,
): Buffer {
	const secret = Buffer.from(privateKey);
	secret.writeUInt8(secret.readUInt8(0) & 0xf8, 0);
	secret.writeUInt8((secret.readUInt8(31) & 0x7f) | 0x40, 31);
	const scalar = fromLittleEndian(secret);
	const digest = createHash('sha256').update(secret).digest('base64');
	const publicKey = ownPublicKeys.get(digest, () => multiplyBase(scalar % ORDER));

	const hashed = Buffer.concat([HASH_1, secret, message, random]);
	const { nonce, point } = commit(hashed);
	const challenge = hashToScalar(point, publicKey, message);
	const response = toLittleEndian((nonce + challenge * scalar) % ORDER);
	response.writeUInt8(response.readUInt8(31) | (publicKey.readUInt8(31) & SIGN_BIT), 31);
	secret.fill(0);
	hashed.fill(0);
	return Buffer.concat([point, response]);
}
