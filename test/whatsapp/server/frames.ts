/** Frames of the socket, and the flag byte before a node. */
import { deflateSync, inflateSync } from 'node:zlib';
import type { BinaryNode } from '../contract';
import type { Wa } from './wa';

/** No honest client comes near; keeps a malicious frame from filling the memory. */
const MAX_NODE_BYTES = 32 * 1024 * 1024;
/** `WA`, protocol 6, dictionary 3 (DICT_VERSION of Baileys). */
const WA_HEADER = Buffer.from([0x57, 0x41, 6, 3]);
const FLAG_ZLIB = 2;

/** Cuts a byte stream into frames; the stream starts with an optional routing prefix and `WA`. */
export class FrameReader {
	private buffered = Buffer.alloc(0);
	private introduced = false;
	/** What an earlier server told the client in `edge_routing`; not used, only read over. */
	routing?: Buffer;

	/** Returns the frames completed by these bytes; throws when they are not WhatsApp's. */
	push(bytes: Uint8Array): Buffer[] {
		this.buffered = Buffer.concat([this.buffered, bytes]);
		const frames: Buffer[] = [];
		if (!this.introduced && !this.readIntro()) return frames;
		for (;;) {
			if (this.buffered.length < 3) return frames;
			const end = 3 + this.buffered.readUIntBE(0, 3);
			if (this.buffered.length < end) return frames;
			frames.push(this.buffered.subarray(3, end));
			this.buffered = this.buffered.subarray(end);
		}
	}

	private readIntro(): boolean {
		let start = 0;
		if (this.buffered[0] === 0x45) {
			// `ED` 00 01, three bytes of length, routing info. Baileys writes the length's high byte
			// at offset 4 and the low ones at 5, so as big-endian over 4..6.
			if (this.buffered.length < 7) return false;
			if (this.buffered.toString('latin1', 0, 2) !== 'ED') throw new Error('unknown intro');
			start = 7 + this.buffered.readUIntBE(4, 3);
			if (start > 1024) throw new Error('routing info too long');
		}
		const available = this.buffered.subarray(start, start + WA_HEADER.length);
		if (!available.equals(WA_HEADER.subarray(0, available.length)))
			throw new Error('unknown intro');
		if (available.length < WA_HEADER.length) return false;
		if (start > 0) this.routing = Buffer.from(this.buffered.subarray(7, start));
		this.buffered = this.buffered.subarray(start + WA_HEADER.length);
		this.introduced = true;
		return true;
	}
}

export function frame(payload: Uint8Array): Buffer {
	if (payload.length >= 1 << 24) throw new Error('frame too large');
	const head = Buffer.alloc(3);
	head.writeUIntBE(payload.length, 0, 3);
	return Buffer.concat([head, payload]);
}

/** Bytes of a decrypted frame to a node. */
export function decodeNode(wa: Wa, bytes: Buffer): BinaryNode {
	const flags = bytes[0];
	if (flags === undefined) throw new Error('empty frame');
	const body = bytes.subarray(1);
	return wa.decode(
		flags & FLAG_ZLIB ? inflateSync(body, { maxOutputLength: MAX_NODE_BYTES }) : body,
	);
}

/** A node to bytes, compressed when asked. */
export function encodeNode(wa: Wa, node: BinaryNode, compress = false): Buffer {
	const plain = wa.encode(node);
	if (!compress) return plain;
	return Buffer.concat([Buffer.from([FLAG_ZLIB]), deflateSync(plain.subarray(1))]);
}
