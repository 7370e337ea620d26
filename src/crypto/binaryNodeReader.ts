/**
 * Baileys' `decodeBinaryNode`. Its own makes twenty functions for every node of a stanza, and text of
 * digits character by character (WABinary/decode.js of 7.0.0-rc14). What comes out is the same, errors
 * included.
 */
import type { Node, Tags } from './binaryNode';

/** Baileys' WABinary/constants.js, as far as it is used. */
interface Constants {
	TAGS: Tags;
	SINGLE_BYTE_TOKENS: ReadonlyArray<string | null>;
	DOUBLE_BYTE_TOKENS: ReadonlyArray<readonly string[]>;
}

export interface Decoding {
	constants: Constants;
	jidEncode(user: string, server: string, device: number): string;
	/** Baileys' own. */
	decompressingIfRequired(frame: Buffer): Promise<Buffer>;
}

/** Bit of a frame's first byte. */
const COMPRESSED = 2;
const SERVERS: ReadonlyMap<number, string> = new Map([
	[1, 'lid'],
	[128, 'hosted'],
	[129, 'hosted.lid'],
]);
const NIBBLES = '0123456789-.';
const HEX = '0123456789ABCDEF';

export function quickDecoder({ constants, jidEncode, decompressingIfRequired }: Decoding) {
	return async (frame: Buffer): Promise<Node> => {
		const isCompressed = (COMPRESSED & frame.readUInt8()) !== 0;
		const bytes = isCompressed ? await decompressingIfRequired(frame) : frame.subarray(1);
		return new Reader(bytes, constants, jidEncode).node();
	};
}

class Reader {
	private at = 0;

	constructor(
		private readonly bytes: Buffer,
		private readonly constants: Constants,
		private readonly jidEncode: Decoding['jidEncode'],
	) {}

	node(): Node {
		const size = this.listSize(this.byte());
		const tag = this.string(this.byte());
		if (!size || !tag) throw new Error('invalid node');
		const attrs: Record<string, string> = {};
		for (let left = (size - 1) >> 1; left > 0; left--) {
			const key = this.string(this.byte());
			attrs[key] = this.string(this.byte());
		}
		return { tag, attrs, content: size % 2 === 0 ? this.content() : undefined };
	}

	private content(): unknown {
		const { TAGS } = this.constants;
		const tag = this.byte();
		switch (tag) {
			case TAGS.LIST_EMPTY:
			case TAGS.LIST_8:
			case TAGS.LIST_16: {
				const items: Node[] = [];
				for (let left = this.listSize(tag); left > 0; left--) items.push(this.node());
				return items;
			}
			case TAGS.BINARY_8:
				return this.take(this.byte());
			case TAGS.BINARY_20:
				return this.take(this.int20());
			case TAGS.BINARY_32:
				return this.take(this.int32());
			default:
				return this.string(tag);
		}
	}

	private string(tag: number): string {
		const { TAGS, SINGLE_BYTE_TOKENS } = this.constants;
		if (tag >= 1 && tag < SINGLE_BYTE_TOKENS.length) return SINGLE_BYTE_TOKENS[tag] || '';
		if (tag >= TAGS.DICTIONARY_0 && tag <= TAGS.DICTIONARY_3) {
			return this.token(tag - TAGS.DICTIONARY_0, this.byte());
		}
		switch (tag) {
			case TAGS.LIST_EMPTY:
				return '';
			case TAGS.BINARY_8:
				return this.text(this.byte());
			case TAGS.BINARY_20:
				return this.text(this.int20());
			case TAGS.BINARY_32:
				return this.text(this.int32());
			case TAGS.JID_PAIR:
				return this.jidPair();
			case TAGS.FB_JID:
				return this.facebookJid();
			case TAGS.INTEROP_JID:
				return this.interopJid();
			case TAGS.AD_JID:
				return this.deviceJid();
			case TAGS.HEX_8:
				return this.packed(HEX, 'hex');
			case TAGS.NIBBLE_8:
				return this.packed(NIBBLES, 'nibble');
			default:
				throw new Error(`invalid string with tag: ${tag}`);
		}
	}

	private token(dictionary: number, index: number): string {
		const tokens = this.constants.DOUBLE_BYTE_TOKENS[dictionary];
		if (!tokens) throw new Error(`Invalid double token dict (${dictionary})`);
		const token = tokens[index];
		if (token === undefined) throw new Error(`Invalid double token (${index})`);
		return token;
	}

	private jidPair(): string {
		const user = this.string(this.byte());
		const server = this.string(this.byte());
		if (!server) throw new Error(`invalid jid pair: ${user}, ${server}`);
		return `${user}@${server}`;
	}

	private deviceJid(): string {
		const domain = this.byte();
		const device = this.byte();
		const user = this.string(this.byte());
		return this.jidEncode(user, SERVERS.get(domain) ?? 's.whatsapp.net', device);
	}

	private facebookJid(): string {
		const user = this.string(this.byte());
		const device = this.int16();
		return `${user}:${device}@${this.string(this.byte())}`;
	}

	private interopJid(): string {
		const user = this.string(this.byte());
		const device = this.int16();
		const integrator = this.int16();
		const before = this.at;
		let server = 'interop';
		try {
			server = this.string(this.byte());
		} catch {
			this.at = before;
		}
		return `${integrator}-${user}:${device}@${server}`;
	}

	/** Half a byte a character; of an odd number the last half is filling. */
	private packed(characters: string, name: string): string {
		const start = this.byte();
		const size = start & 127;
		const text = Buffer.allocUnsafe(2 * size);
		for (let n = 0; n < size; n++) {
			const byte = this.byte();
			text[2 * n] = codeOf(byte >> 4, characters, name);
			text[2 * n + 1] = codeOf(byte & 15, characters, name);
		}
		return text.toString('latin1', 0, 2 * size - (start >> 7));
	}

	private text(length: number): string {
		return this.take(length).toString('utf-8');
	}

	private take(length: number): Buffer {
		this.need(length);
		const taken = this.bytes.subarray(this.at, this.at + length);
		this.at += length;
		return taken;
	}

	private listSize(tag: number): number {
		const { TAGS } = this.constants;
		if (tag === TAGS.LIST_EMPTY) return 0;
		if (tag === TAGS.LIST_8) return this.byte();
		if (tag === TAGS.LIST_16) return this.int16();
		throw new Error(`invalid tag for list size: ${tag}`);
	}

	private int16(): number {
		this.need(2);
		return (this.next() << 8) | this.next();
	}

	private int20(): number {
		this.need(3);
		return ((this.next() & 15) << 16) + (this.next() << 8) + this.next();
	}

	/** With a sign, as Baileys has it. */
	private int32(): number {
		this.need(4);
		return (this.next() << 24) | (this.next() << 16) | (this.next() << 8) | this.next();
	}

	private byte(): number {
		this.need(1);
		return this.next();
	}

	private need(length: number): void {
		if (this.at + length > this.bytes.length) throw new Error('end of stream');
	}

	private next(): number {
		return this.bytes[this.at++] as number;
	}
}

function codeOf(value: number, characters: string, name: string): number {
	if (value < characters.length) return characters.charCodeAt(value);
	// What Baileys makes of the filling, wherever it stands.
	if (value === 15) return 0;
	throw new Error(`invalid ${name}: ${value}`);
}
