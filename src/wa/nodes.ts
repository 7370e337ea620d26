/** Reading WhatsApp's binary nodes. */
import type { BinaryNode } from '@whiskeysockets/baileys';

/** The children with this tag; all children without one. */
export function childrenOf(node: BinaryNode | undefined, tag?: string): BinaryNode[] {
	const content = Array.isArray(node?.content) ? node.content : [];
	return tag === undefined ? content : content.filter((child) => child.tag === tag);
}

/** The node at the end of this path of tags. */
export function childOf(node: BinaryNode | undefined, ...path: string[]): BinaryNode | undefined {
	return path.reduce<BinaryNode | undefined>(
		(at, tag) => childrenOf(at).find((child) => child.tag === tag),
		node,
	);
}

/** What a node holds as bytes; undefined when it holds children or nothing. */
export function bytesOf(node: BinaryNode | undefined): Uint8Array | undefined {
	const content = node?.content;
	if (content instanceof Uint8Array) return content;
	return typeof content === 'string' ? Buffer.from(content, 'utf8') : undefined;
}
