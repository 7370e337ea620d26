/**
 * Curve25519 keys, agreement and XEdDSA signatures, written here and not taken from libsignal, so
 * that a phone really checks what a client signs (Baileys rc14 ignores the result of most checks) and
 * so that a mistake in the product's own signatures cannot hide behind the same code in the stand-in.
 *
 * Signing follows https://signal.org/docs/specifications/xeddsa/; checking also takes the older form
 * of libsignal and curve25519-js, which keep the sign of the Edwards point in the signature's last
 * bit.
 */
import {
	createHash,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	verify,
} from 'node:crypto';

/** Both halves are 32 bytes; a public key on the wire often has {@link KEY_TYPE} before it. */
export interface KeyPair {
	public: Buffer;
	private: Buffer;
}

/** The byte that Signal puts before a Curve25519 public key. */
export const KEY_TYPE = 5;

const X25519_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const ED25519_PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n;

type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

const mod = (value: bigint, by = P): bigint => {
	const rest = value % by;
	return rest < 0n ? rest + by : rest;
};

function power(base: bigint, exponent: bigint): bigint {
	let result = 1n;
	for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) {
		if (e & 1n) result = mod(result * b);
	}
	return result;
}

const inverse = (value: bigint): bigint => power(value, P - 2n);

/** Adds two points in extended coordinates; the formula holds for doubling as well. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
	const a = mod((y1 - x1) * (y2 - x2));
	const b = mod((y1 + x1) * (y2 + x2));
	const c = mod(2n * D * mod(t1 * t2));
	const d = mod(2n * z1 * z2);
	const [e, f, g, h] = [b - a, d - c, d + c, b + a];
	return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

let doublings: Point[] | undefined;

function multiplyBase(scalar: bigint): Point {
	if (!doublings) {
		doublings = [[BASE_X, BASE_Y, 1n, mod(BASE_X * BASE_Y)]];
		while (doublings.length < 256) {
			const last = doublings[doublings.length - 1]!;
			doublings.push(add(last, last));
		}
	}
	let sum: Point = [0n, 1n, 1n, 0n];
	for (let bit = 0, rest = scalar; rest > 0n; bit++, rest >>= 1n) {
		if (rest & 1n) sum = add(sum, doublings[bit]!);
	}
	return sum;
}

const fromLittleEndian = (bytes: Uint8Array): bigint =>
	BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const toLittleEndian = (value: bigint): Buffer =>
	Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

function encodePoint([x, y, z]: Point): { bytes: Buffer; sign: number } {
	const scale = inverse(z);
	const sign = Number(mod(x * scale) & 1n);
	return { bytes: toLittleEndian(mod(y * scale) | (BigInt(sign) << 255n)), sign };
}

const sha512 = (...parts: Uint8Array[]): bigint => {
	const hash = createHash('sha512');
	for (const part of parts) hash.update(part);
	return mod(fromLittleEndian(hash.digest()), ORDER);
};

/** The first block of XEdDSA's hash1: 2^256 - 2, little endian. */
const HASH1_PREFIX = Buffer.concat([Buffer.from([0xfe]), Buffer.alloc(31, 0xff)]);

export function generateKeyPair(): KeyPair {
	const pair = generateKeyPairSync('x25519', {
		publicKeyEncoding: { format: 'der', type: 'spki' },
		privateKeyEncoding: { format: 'der', type: 'pkcs8' },
	});
	return {
		public: Buffer.from(pair.publicKey.subarray(X25519_PUBLIC.length)),
		private: Buffer.from(pair.privateKey.subarray(X25519_PRIVATE.length)),
	};
}

/** The 33-byte form of a public key. */
export function withType(publicKey: Uint8Array): Buffer {
	return publicKey.length === 33
		? Buffer.from(publicKey)
		: Buffer.concat([Buffer.from([KEY_TYPE]), publicKey]);
}

/** The 32-byte form of a public key; throws when it is neither. */
export function withoutType(publicKey: Uint8Array): Buffer {
	if (publicKey.length === 32) return Buffer.from(publicKey);
	if (publicKey.length === 33 && publicKey[0] === KEY_TYPE) {
		return Buffer.from(publicKey.subarray(1));
	}
	throw new Error(`Not a Curve25519 public key: ${publicKey.length} bytes`);
}

/** X25519: the 32 shared bytes. */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
	return diffieHellman({
		privateKey: createPrivateKey({
			key: Buffer.concat([X25519_PRIVATE, privateKey]),
			format: 'der',
			type: 'pkcs8',
		}),
		publicKey: createPublicKey({
			key: Buffer.concat([X25519_PUBLIC, withoutType(publicKey)]),
			format: 'der',
			type: 'spki',
		}),
	});
}

/** XEdDSA signature (64 bytes) with an X25519 private key. */
export function sign(privateKey: Uint8Array, message: Uint8Array): Buffer {
	const clamped = Buffer.from(privateKey);
	clamped[0]! &= 248;
	clamped[31]! = (clamped[31]! & 127) | 64;
	const k = mod(fromLittleEndian(clamped), ORDER);
	const { bytes, sign: negative } = encodePoint(multiplyBase(k));
	const scalar = negative ? ORDER - k : k;
	const publicPoint = Buffer.from(bytes);
	publicPoint[31]! &= 127;
	const r = sha512(HASH1_PREFIX, toLittleEndian(scalar), message, randomBytes(64));
	const commitment = encodePoint(multiplyBase(r)).bytes;
	const h = sha512(commitment, publicPoint, message);
	return Buffer.concat([commitment, toLittleEndian(mod(r + h * scalar, ORDER))]);
}

/** Edwards forms that were needed lately: a sender signs each of its messages with the same key. */
const edwards = new Map<string, KeyObject>();
const EDWARDS_KEPT = 1_000;

/** The Ed25519 key of a Curve25519 one; undefined when there is none. */
function edwardsKey(publicKey: Uint8Array, signBit: number): KeyObject | undefined {
	const bytes = withoutType(publicKey);
	const name = `${bytes.toString('base64')} ${signBit}`;
	const known = edwards.get(name);
	if (known) return known;
	const u = fromLittleEndian(bytes) & (2n ** 255n - 1n);
	if (u >= P || u === P - 1n) return undefined;
	const y = mod((u - 1n) * inverse(u + 1n));
	const key = createPublicKey({
		key: Buffer.concat([ED25519_PUBLIC, toLittleEndian(y | (BigInt(signBit) << 255n))]),
		format: 'der',
		type: 'spki',
	});
	edwards.set(name, key);
	for (const oldest of edwards.keys()) {
		if (edwards.size <= EDWARDS_KEPT) break;
		edwards.delete(oldest);
	}
	return key;
}

/** Whether `signature` over `message` was made with the private half of `publicKey`. */
export function isSignedBy(
	publicKey: Uint8Array,
	message: Uint8Array,
	signature: Uint8Array,
): boolean {
	if (signature.length !== 64) return false;
	const key = edwardsKey(publicKey, signature[63]! >> 7);
	if (!key) return false;
	const plain = Buffer.from(signature);
	plain[63]! &= 127;
	return verify(null, message, key, plain);
}
