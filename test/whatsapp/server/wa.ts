/**
 * What the stand-in borrows from Baileys: the protobuf schema and the binary node codec (pinned by
 * recorded vectors in test/unit/standin-frames.test.ts). They are imported by file, not through the
 * package's index: that one would load libsignal's curve too early, before the code under test has
 * put its checked signatures in place.
 */
import type { BinaryNode } from '../contract';

export type Proto = typeof import('@whiskeysockets/baileys/WAProto/index.js');
type Binary = typeof import('@whiskeysockets/baileys/lib/WABinary/index.js');
type Constants = typeof import('@whiskeysockets/baileys/lib/WABinary/constants.js');

export interface Wa {
	readonly proto: Proto['proto'];
	encode(node: BinaryNode): Buffer;
	/** Decodes an inflated node, without its flag byte. Throws on anything malformed. */
	decode(bytes: Buffer): BinaryNode;
	/** A node as readable XML, for dumps. */
	toXml(node: BinaryNode): string;
}

let loading: Promise<Wa> | undefined;

export async function loadWa(): Promise<Wa> {
	loading ??= (async () => {
		const [{ proto }, binary, constants]: [Proto, Binary, Constants] = await Promise.all([
			import('@whiskeysockets/baileys/WAProto/index.js'),
			import('@whiskeysockets/baileys/lib/WABinary/index.js'),
			import('@whiskeysockets/baileys/lib/WABinary/constants.js'),
		]);
		return {
			proto,
			encode: (node) => binary.encodeBinaryNode(node),
			decode: (bytes) => {
				const position = { index: 0 };
				const node = binary.decodeDecompressedBinaryNode(bytes, constants, position);
				if (position.index !== bytes.length) throw new Error('bytes after the end of a node');
				return node;
			},
			toXml: (node) => binary.binaryNodeToString(node),
		};
	})();
	return await loading;
}
