/**
 * Baileys' `encodeBinaryNode`, into bytes. Its own collects a frame as an array of numbers, byte by byte
 * (WABinary/encode.js of 7.0.0-rc14). What comes out is the same, errors included.
 */

export interface Node {
	tag: string;
	attrs?: Record<string, unknown>;
	content?: unknown;
}

interface Token {
	dict?: number;
	index?: number;
}

/** Kinds of what follows in a frame: `TAGS` of Baileys' WABinary/constants.js, as far as they are used. */
export type Tags = Readonly<
	Record<
		| 'LIST_EMPTY'
		| 'DICTIONARY_0'
		| 'AD_JID'
		| 'LIST_8'
		| 'LIST_16'
		| 'JID_PAIR'
		| 'HEX_8'
		| 'BINARY_8'
		| 'BINARY_20'
		| 'BINARY_32'
		| 'NIBBLE_8'
		| 'PACKED_MAX'
		| 'DICTIONARY_3'
		| 'INTEROP_JID'
		| 'FB_JID',
		number
	>
>;

/** Baileys' WABinary/constants.js, as far as it is used. */
interface Constants {
	TAGS: Tags;
	TOKEN_MAP: Readonly<Record<string, Token>>;
}

interface Jid {
	server: string;
	user: string;
	domainType?: number;
	device?: number;
}

export interface Encoding {
	constants: Constants;
	jidDecode(jid: string): Jid | undefined;
	/** Baileys' own, for callers who bring dictionary or buffer of their own. */
	slow(node: Node, ...more: unknown[]): Buffer;
}

const LARGEST = 4_294_967_296;
const BINARY_20_UP_TO = 1 << 20;

export function quickEncoder({ constants, jidDecode, slow }: Encoding) {
	return (node: Node, ...more: unknown[]): Buffer => {
		if (more.length > 0) return slow(node, ...more);
		const out = new Frame(constants, jidDecode);
		out.node(node);
		return out.result();
	};
}

class Frame {
	private bytes = Buffer.allocUnsafe(1_024);
	private length = 1;

	constructor(
		private readonly constants: Constants,
		private readonly jidDecode: Encoding['jidDecode'],
	) {
		this.bytes[0] = 0;
	}

	result(): Buffer {
		return Buffer.from(this.bytes.subarray(0, this.length));
	}

	node({ tag, attrs, content }: Node): void {
		if (!tag) throw new Error('Invalid node: tag cannot be undefined');
		const given = Object.entries(attrs ?? {}).filter(
			([, value]) => value !== undefined && value !== null,
		);
		this.listStart(2 * given.length + 1 + (content === undefined ? 0 : 1));
		this.string(tag);
		for (const [key, value] of given) {
			if (typeof value !== 'string') continue;
			this.string(key);
			this.string(value);
		}
		if (typeof content === 'string') this.string(content);
		else if (content instanceof Uint8Array) this.binary(content);
		else if (Array.isArray(content)) this.children(content);
		else if (content !== undefined) {
			throw new Error(
				`invalid children for header "${tag}": ${String(content)} (${typeof content})`,
			);
		}
	}

	private children(content: readonly unknown[]): void {
		const valid = content.filter(
			(item) =>
				item && ((item as Node).tag || item instanceof Uint8Array || typeof item === 'string'),
		);
		this.listStart(valid.length);
		// Baileys counts children that are bytes or text, and cannot write them: the error is its own.
		for (const item of valid) this.node(item as Node);
	}

	private listStart(size: number): void {
		const { TAGS } = this.constants;
		if (size === 0) this.byte(TAGS.LIST_EMPTY);
		else if (size < 256) {
			this.byte(TAGS.LIST_8);
			this.byte(size);
		} else {
			this.byte(TAGS.LIST_16);
			this.byte(size >> 8);
			this.byte(size);
		}
	}

	private string(text: string | undefined | null): void {
		const { TAGS, TOKEN_MAP } = this.constants;
		if (text === undefined || text === null) return this.byte(TAGS.LIST_EMPTY);
		if (text === '') return this.text(text);
		const token = TOKEN_MAP[text];
		if (token) {
			if (typeof token.dict === 'number') this.byte(TAGS.DICTIONARY_0 + token.dict);
			return this.byte(token.index ?? 0);
		}
		const packing = text.length <= TAGS.PACKED_MAX ? packingOf(text) : undefined;
		if (packing === 'nibble') return this.packed(text, TAGS.NIBBLE_8, nibbleOf);
		if (packing === 'hex') return this.packed(text, TAGS.HEX_8, hexOf);
		const jid = this.jidDecode(text);
		if (jid) this.jid(jid);
		else this.text(text);
	}

	private jid({ domainType, device, user, server }: Jid): void {
		const { TAGS } = this.constants;
		if (device !== undefined) {
			this.byte(TAGS.AD_JID);
			this.byte(domainType || 0);
			this.byte(device || 0);
			this.string(user);
			return;
		}
		this.byte(TAGS.JID_PAIR);
		if (user.length > 0) this.string(user);
		else this.byte(TAGS.LIST_EMPTY);
		this.string(server);
	}

	private packed(text: string, tag: number, valueOf: (code: number) => number): void {
		this.byte(tag);
		const odd = text.length % 2;
		this.byte(Math.ceil(text.length / 2) | (odd ? 128 : 0));
		for (let at = 0; at + 1 < text.length; at += 2) {
			this.byte((valueOf(text.charCodeAt(at)) << 4) | valueOf(text.charCodeAt(at + 1)));
		}
		if (odd) this.byte((valueOf(text.charCodeAt(text.length - 1)) << 4) | 15);
	}

	private text(text: string): void {
		const size = Buffer.byteLength(text);
		this.size(size);
		this.room(size);
		this.length += this.bytes.write(text, this.length, size);
	}

	private binary(bytes: Uint8Array): void {
		this.size(bytes.length);
		this.room(bytes.length);
		this.bytes.set(bytes, this.length);
		this.length += bytes.length;
	}

	private size(length: number): void {
		const { TAGS } = this.constants;
		if (length >= LARGEST) throw new Error(`string too large to encode: ${length}`);
		if (length >= BINARY_20_UP_TO) {
			this.byte(TAGS.BINARY_32);
			for (const shift of [24, 16, 8, 0]) this.byte(length >> shift);
		} else if (length >= 256) {
			this.byte(TAGS.BINARY_20);
			this.byte((length >> 16) & 0x0f);
			this.byte(length >> 8);
			this.byte(length);
		} else {
			this.byte(TAGS.BINARY_8);
			this.byte(length);
		}
	}

	private byte(value: number): void {
		if (this.length === this.bytes.length) this.room(1);
		this.bytes[this.length++] = value & 0xff;
	}

	private room(size: number): void {
		if (this.length + size <= this.bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + size));
		this.bytes.copy(larger, 0, 0, this.length);
		this.bytes = larger;
	}
}

const DASH = 0x2d;
const DOT = 0x2e;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/** How a string can be written with half a byte a character, digits before hexadecimal. */
function packingOf(text: string): 'nibble' | 'hex' | undefined {
	let nibble = true;
	let hex = true;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (isDigit(code)) continue;
		nibble &&= code === DASH || code === DOT;
		hex &&= code >= 0x41 && code <= 0x46;
		if (!nibble && !hex) return undefined;
	}
	return nibble ? 'nibble' : 'hex';
}

const nibbleOf = (code: number) => (code === DASH ? 10 : code === DOT ? 11 : code - 0x30);
const hexOf = (code: number) => (isDigit(code) ? code - 0x30 : code - 0x41 + 10);
