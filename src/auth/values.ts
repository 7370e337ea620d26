/**
 * How Signal key values are stored, before sealing: one byte that says the form, then the value.
 *
 * - bytes: identity keys and anything else that is bytes, as they are
 * - tree: sessions (objects full of base64 in libsignal 6), key pairs, app state, tokens, lists,
 *   and every type that this version does not know
 * - sender keys: Baileys gives them as JSON text that holds every byte as a decimal number; kept as a
 *   tree, a quarter of the size, and given back as equivalent JSON with base64, which Baileys' own
 *   reader turns into buffers faster than its number arrays
 */
import type { SignalDataTypeMap } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { decodeTree, encodeTree } from './tree';

/** Stored data depends on these: only ever add. */
const Form = { bytes: 1, tree: 2, senderKey: 3 } as const;

export type SignalType = keyof SignalDataTypeMap;

const form = (code: number, body: Uint8Array) => Buffer.concat([Buffer.of(code), body]);

interface JsonBuffer {
	type: 'Buffer';
	data: unknown;
}

const isJsonBuffer = (value: object): value is JsonBuffer =>
	'type' in value && value.type === 'Buffer' && 'data' in value && Object.keys(value).length === 2;

const isBytes = (data: unknown): data is number[] =>
	Array.isArray(data) &&
	data.every((item) => Number.isInteger(item) && (item as number) >= 0 && (item as number) < 256);

/** Replaces `{"type":"Buffer","data":[..]}` by buffers; undefined when it holds something like it. */
function withBuffers(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withBuffers);
	if (isJsonBuffer(value)) {
		if (isBytes(value.data)) return Buffer.from(value.data);
		if (typeof value.data === 'string') return Buffer.from(value.data, 'base64');
		throw new TypeError('not the JSON of a buffer');
	}
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBuffers(item)]));
}

/** The sender key record in JSON text as a tree, or undefined when the text is something else. */
function senderKeyTree(bytes: Uint8Array): Buffer | undefined {
	if (bytes[0] !== 0x5b) return undefined; // [
	try {
		const text = Buffer.from(bytes).toString();
		const record: unknown = JSON.parse(text);
		if (!Array.isArray(record) || !Buffer.from(text).equals(bytes)) return undefined;
		return encodeTree(withBuffers(record));
	} catch {
		return undefined;
	}
}

/** Buffers as Baileys' reader of JSON takes them, with base64. */
function withJsonBuffers(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withJsonBuffers);
	if (Buffer.isBuffer(value)) return { type: 'Buffer', data: value.toString('base64') };
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [key, withJsonBuffers(item)]),
	);
}

/** @throws TypeError for a value that cannot be stored */
export function encodeValue(type: string, value: unknown): Buffer {
	if (!(value instanceof Uint8Array)) return form(Form.tree, encodeTree(value));
	const tree = type === 'sender-key' ? senderKeyTree(value) : undefined;
	return tree ? form(Form.senderKey, tree) : form(Form.bytes, value);
}

/** @throws LinkedError `damaged-data` */
export function decodeValue(bytes: Uint8Array): unknown {
	const body = bytes.subarray(1);
	switch (bytes[0]) {
		case Form.bytes:
			return Buffer.from(body);
		case Form.tree:
			return decodeTree(body);
		case Form.senderKey:
			return Buffer.from(JSON.stringify(withJsonBuffers(decodeTree(body))));
		default:
			throw new LinkedError('damaged-data');
	}
}
