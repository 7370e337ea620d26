/**
 * A compact binary encoding for plain values: what JSON can say plus bytes, undefined, bigint, Date
 * and NaN. Bytes stay bytes, and so do strings that are canonical base64 (libsignal's session records
 * are full of them) and object keys of that kind. Nothing is dropped: what cannot be encoded throws.
 */
import { LinkedError } from '../errors';

/** Tags of values. Stored data depends on them: only ever add. */
const Tag = {
	null: 0,
	undefined: 1,
	false: 2,
	true: 3,
	uint: 4,
	negative: 5,
	float: 6,
	text: 7,
	/** A string that is the base64 of the bytes that follow. */
	base64: 8,
	buffer: 9,
	uint8Array: 10,
	array: 11,
	object: 12,
	bigint: 13,
	date: 14,
} as const;

/** How an object's key is written; numbers from KEYS on are places in NAMES. */
const Key = { text: 0, base64: 1, index: 2, names: 3 } as const;

/** Keys that occur often, written as one byte. Stored data depends on the order: only ever append. */
const NAMES = [
	// libsignal's session record
	...['_sessions', 'version', 'registrationId', 'currentRatchet', 'ephemeralKeyPair', 'pubKey'],
	...['privKey', 'lastRemoteEphemeralKey', 'previousCounter', 'rootKey', 'indexInfo', 'baseKey'],
	...['baseKeyType', 'closed', 'used', 'created', 'remoteIdentityKey', '_chains', 'chainKey'],
	...['counter', 'key', 'chainType', 'messageKeys', 'pendingPreKey', 'signedKeyId', 'preKeyId'],
	// sender keys
	...['senderKeyId', 'senderChainKey', 'iteration', 'seed', 'senderSigningKey'],
	...['senderMessageKeys', 'public', 'private'],
	// app state, privacy tokens
	...['hash', 'indexValueMap', 'valueMac', 'keyData', 'fingerprint', 'rawId', 'currentIndex'],
	...['deviceIndexes', 'timestamp', 'token', 'senderTimestamp', 'low', 'high', 'unsigned'],
	// credentials
	...['noiseKey', 'pairingEphemeralKeyPair', 'signedIdentityKey', 'signedPreKey', 'keyPair'],
	...['signature', 'keyId', 'advSecretKey', 'processedHistoryMessages', 'nextPreKeyId'],
	...['firstUnuploadedPreKeyId', 'accountSyncCounter', 'accountSettings', 'unarchiveChats'],
	...['registered', 'pairingCode', 'lastPropHash', 'routingInfo', 'additionalData', 'me', 'id'],
	...['lid', 'name', 'account', 'details', 'accountSignatureKey', 'accountSignature'],
	...['deviceSignature', 'signalIdentities', 'identifier', 'identifierKey', 'deviceId'],
	...['platform', 'myAppStateKeyId', 'lastAccountSyncTimestamp', 'remoteJid', 'fromMe'],
	...['participant', 'messageTimestamp'],
];
const NAME_INDEX = new Map(NAMES.map((name, index) => [name, index]));

const MAX_DEPTH = 60;

/** The bytes behind a string, if it is exactly their base64; short strings gain nothing. */
function base64Bytes(text: string): Buffer | undefined {
	if (text.length < 12 || text.length % 4 !== 0) return undefined;
	const bytes = Buffer.from(text, 'base64');
	// Cheap test first: the wrong length shows almost every other string.
	if (Math.ceil(bytes.length / 3) * 4 !== text.length) return undefined;
	return bytes.toString('base64') === text ? bytes : undefined;
}

class Writer {
	private buffer = Buffer.allocUnsafe(2048);
	private length = 0;

	byte(value: number): void {
		if (this.length === this.buffer.length) this.grow(1);
		this.buffer[this.length++] = value;
	}

	/** Seven bits a byte, lowest first. */
	uint(value: number): void {
		let rest = value;
		while (rest > 127) {
			this.byte((rest % 128) | 128);
			rest = Math.floor(rest / 128);
		}
		this.byte(rest);
	}

	float(value: number): void {
		this.grow(8);
		this.length = this.buffer.writeDoubleLE(value, this.length);
	}

	bytes(value: Uint8Array): void {
		this.uint(value.length);
		this.grow(value.length);
		this.buffer.set(value, this.length);
		this.length += value.length;
	}

	text(value: string): void {
		const size = Buffer.byteLength(value);
		this.uint(size);
		this.grow(size);
		this.length += this.buffer.write(value, this.length, size);
	}

	result(): Buffer {
		return Buffer.from(this.buffer.subarray(0, this.length));
	}

	private grow(by: number): void {
		if (this.length + by <= this.buffer.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + by));
		this.buffer.copy(larger, 0, 0, this.length);
		this.buffer = larger;
	}
}

function writeNumber(out: Writer, value: number): void {
	if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
		out.byte(value < 0 ? Tag.negative : Tag.uint);
		out.uint(Math.abs(value));
	} else {
		out.byte(Tag.float);
		out.float(value);
	}
}

function writeKey(out: Writer, key: string): void {
	const known = NAME_INDEX.get(key);
	if (known !== undefined) return out.uint(Key.names + known);
	if (/^(0|[1-9]\d{0,14})$/.test(key)) {
		out.uint(Key.index);
		return out.uint(Number(key));
	}
	const bytes = base64Bytes(key);
	if (bytes) {
		out.uint(Key.base64);
		return out.bytes(bytes);
	}
	out.uint(Key.text);
	out.text(key);
}

function writeObject(out: Writer, value: object, depth: number): void {
	if (Buffer.isBuffer(value)) {
		out.byte(Tag.buffer);
		out.bytes(value);
	} else if (value instanceof Uint8Array) {
		out.byte(Tag.uint8Array);
		out.bytes(value);
	} else if (Array.isArray(value)) {
		out.byte(Tag.array);
		out.uint(value.length);
		for (const item of value) write(out, item, depth + 1);
	} else if (value instanceof Date) {
		out.byte(Tag.date);
		out.float(value.getTime());
	} else if (ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set) {
		throw new TypeError(`A ${value.constructor.name} cannot be stored.`);
	} else {
		const entries = Object.entries(value).filter(([, item]) => typeof item !== 'function');
		out.byte(Tag.object);
		out.uint(entries.length);
		for (const [key, item] of entries) {
			writeKey(out, key);
			write(out, item, depth + 1);
		}
	}
}

function write(out: Writer, value: unknown, depth: number): void {
	if (depth > MAX_DEPTH) throw new TypeError('The value is nested too deeply to be stored.');
	switch (typeof value) {
		case 'undefined':
			return out.byte(Tag.undefined);
		case 'boolean':
			return out.byte(value ? Tag.true : Tag.false);
		case 'number':
			return writeNumber(out, value);
		case 'bigint':
			out.byte(Tag.bigint);
			return out.text(String(value));
		case 'string': {
			const bytes = base64Bytes(value);
			out.byte(bytes ? Tag.base64 : Tag.text);
			return bytes ? out.bytes(bytes) : out.text(value);
		}
		case 'object':
			return value === null ? out.byte(Tag.null) : writeObject(out, value, depth);
		default:
			throw new TypeError(`A ${typeof value} cannot be stored.`);
	}
}

/** Encodes a plain value. @throws TypeError for what cannot be stored (functions, maps, cycles). */
export function encodeTree(value: unknown): Buffer {
	const out = new Writer();
	write(out, value, 0);
	return out.result();
}

class Reader {
	private at = 0;

	constructor(private readonly buffer: Buffer) {}

	get finished(): boolean {
		return this.at === this.buffer.length;
	}

	byte(): number {
		const value = this.buffer[this.at++];
		if (value === undefined) throw damaged();
		return value;
	}

	uint(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = this.byte();
			value += (byte & 127) * factor;
			if (byte < 128) break;
		}
		if (!Number.isSafeInteger(value)) throw damaged();
		return value;
	}

	float(): number {
		return this.take(8).readDoubleLE();
	}

	take(size: number): Buffer {
		const end = this.at + size;
		if (end > this.buffer.length) throw damaged();
		const part = this.buffer.subarray(this.at, end);
		this.at = end;
		return part;
	}

	bytes(): Buffer {
		return this.take(this.uint());
	}

	text(): string {
		return this.bytes().toString();
	}
}

const damaged = () => new LinkedError('damaged-data');

function readKey(input: Reader): string {
	const kind = input.uint();
	if (kind === Key.text) return input.text();
	if (kind === Key.base64) return input.bytes().toString('base64');
	if (kind === Key.index) return String(input.uint());
	const name = NAMES[kind - Key.names];
	if (name === undefined) throw damaged();
	return name;
}

function readObject(input: Reader): Record<string, unknown> {
	const value: Record<string, unknown> = {};
	for (let left = input.uint(); left > 0; left--) {
		const key = readKey(input);
		const item = read(input);
		// Assigning to __proto__ would not make a property.
		if (key !== '__proto__') value[key] = item;
		else Object.defineProperty(value, key, { value: item, enumerable: true, writable: true });
	}
	return value;
}

function readArray(input: Reader): unknown[] {
	const value: unknown[] = [];
	for (let left = input.uint(); left > 0; left--) value.push(read(input));
	return value;
}

function read(input: Reader): unknown {
	const tag = input.byte();
	switch (tag) {
		case Tag.null:
			return null;
		case Tag.undefined:
			return undefined;
		case Tag.false:
			return false;
		case Tag.true:
			return true;
		case Tag.uint:
			return input.uint();
		case Tag.negative:
			return -input.uint();
		case Tag.float:
			return input.float();
		case Tag.text:
			return input.text();
		case Tag.base64:
			return input.bytes().toString('base64');
		case Tag.buffer:
			return Buffer.from(input.bytes());
		case Tag.uint8Array:
			return new Uint8Array(input.bytes());
		case Tag.array:
			return readArray(input);
		case Tag.object:
			return readObject(input);
		case Tag.bigint:
			return BigInt(input.text());
		case Tag.date:
			return new Date(input.float());
		default:
			throw damaged();
	}
}

/** The value that was encoded. @throws LinkedError `damaged-data` */
export function decodeTree(bytes: Uint8Array): unknown {
	const input = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
	const value = read(input);
	if (!input.finished) throw damaged();
	return value;
}
