/** Values to bytes, see tree.ts. */
import { Key, NAME_INDEX, Tag } from './treeFormat';

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
