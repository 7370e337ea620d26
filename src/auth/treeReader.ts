/** Bytes to values, see tree.ts. */
import { LinkedError } from '../errors';
import { Key, NAMES, Tag } from './treeFormat';

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
