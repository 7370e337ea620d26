/**
 * How app state is encrypted and how tampering shows: keys, MACs and the LT hash, as in Baileys'
 * chat-utils.js and whatsapp-rust-bridge, written anew so that a client's patches are really checked.
 */
import { hkdfSync } from 'node:crypto';

import { hmacSha256, hmacSha512 } from '../signal/kdf';

export const HASH_LENGTH = 128;
const LT_INFO = 'WhatsApp Patch Integrity';

export interface MutationKeys {
	index: Buffer;
	encryption: Buffer;
	valueMac: Buffer;
	snapshotMac: Buffer;
	patchMac: Buffer;
}

const expand = (key: Uint8Array, length: number, info: string): Buffer =>
	Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, length));

export function mutationKeys(keyData: Uint8Array): MutationKeys {
	const keys = expand(keyData, 160, 'WhatsApp Mutation Keys');
	const part = (n: number) => keys.subarray(n * 32, (n + 1) * 32);
	return {
		index: part(0),
		encryption: part(1),
		valueMac: part(2),
		snapshotMac: part(3),
		patchMac: part(4),
	};
}

/** Adds or takes away the value MACs of a collection: a sum that does not depend on their order. */
export function changeHash(hash: Buffer, remove: Buffer[], add: Buffer[]): Buffer {
	const result = Buffer.from(hash);
	const apply = (mac: Buffer, sign: 1 | -1) => {
		const words = expand(mac, HASH_LENGTH, LT_INFO);
		for (let at = 0; at < HASH_LENGTH; at += 2) {
			const sum = result.readUInt16LE(at) + sign * words.readUInt16LE(at);
			result.writeUInt16LE(sum & 0xffff, at);
		}
	};
	for (const mac of remove) apply(mac, -1);
	for (const mac of add) apply(mac, 1);
	return result;
}

function int64(value: number): Buffer {
	const buffer = Buffer.alloc(8);
	buffer.writeBigUInt64BE(BigInt(value));
	return buffer;
}

/** @param set true for SET, false for REMOVE */
export function valueMac(key: Buffer, set: boolean, keyId: Uint8Array, secret: Buffer): Buffer {
	const head = Buffer.concat([Buffer.from([set ? 1 : 2]), keyId]);
	return hmacSha512(key, head, secret, int64(head.length)).subarray(0, 32);
}

export const snapshotMac = (
	key: Buffer,
	hash: Buffer,
	version: number,
	collection: string,
): Buffer => hmacSha256(key, hash, int64(version), Buffer.from(collection));

export const patchMac = (
	key: Buffer,
	snapshot: Uint8Array,
	values: Uint8Array[],
	version: number,
	collection: string,
): Buffer => hmacSha256(key, snapshot, ...values, int64(version), Buffer.from(collection));
