/** Small helpers to read and write stanzas. */
import type { BinaryNode } from '../contract';

type Attrs = Record<string, string | number | undefined>;

/** Builds a node; attributes that are undefined are left out, numbers become text. */
export function el(tag: string, attrs: Attrs = {}, content?: BinaryNode['content']): BinaryNode {
	const kept: Record<string, string> = {};
	for (const [name, value] of Object.entries(attrs)) {
		if (value !== undefined) kept[name] = String(value);
	}
	return content === undefined ? { tag, attrs: kept } : { tag, attrs: kept, content };
}

export const children = (node: BinaryNode | undefined, tag?: string): BinaryNode[] => {
	const all = Array.isArray(node?.content) ? node.content : [];
	return tag === undefined ? all : all.filter((child) => child.tag === tag);
};

export const child = (node: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
	children(node, tag)[0];

/** Binary content of a child. */
export function childBytes(node: BinaryNode | undefined, tag: string): Buffer | undefined {
	return bytesOf(child(node, tag));
}

/** The codec may turn short texts into tokens, so content can come as text or as bytes. */
export function bytesOf(node: BinaryNode | undefined): Buffer | undefined {
	const content = node?.content;
	if (typeof content === 'string') return Buffer.from(content);
	return content instanceof Uint8Array ? Buffer.from(content) : undefined;
}

export const textOf = (node: BinaryNode | undefined): string | undefined =>
	bytesOf(node)?.toString('utf8');
