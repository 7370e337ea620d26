/** Reading and building binary nodes. Contents may be text or bytes, as a codec leaves them. */
import type { BinaryNode } from '../contract';

export type { BinaryNode };

export const SERVER = '@s.whatsapp.net';

export type Content = BinaryNode['content'];

/** Builds a node; attributes that are undefined are left out. */
export function node(
	tag: string,
	attrs: Record<string, string | undefined> = {},
	content?: Content,
): BinaryNode {
	const set = Object.entries(attrs).filter(
		(entry): entry is [string, string] => entry[1] !== undefined,
	);
	return { tag, attrs: Object.fromEntries(set), ...(content === undefined ? {} : { content }) };
}

export function children(parent: BinaryNode | undefined, tag?: string): BinaryNode[] {
	if (!Array.isArray(parent?.content)) return [];
	return tag ? parent.content.filter((child) => child.tag === tag) : parent.content;
}

/** The node at the end of a path of first children. */
export function child(
	parent: BinaryNode | undefined,
	...path: [string, ...string[]]
): BinaryNode | undefined {
	let at = parent;
	for (const tag of path) at = children(at, tag)[0];
	return at;
}

export function bytes(at: BinaryNode | undefined): Buffer | undefined {
	if (at?.content === undefined || Array.isArray(at.content)) return undefined;
	return Buffer.from(at.content as string | Uint8Array<ArrayBuffer>);
}

export function uint(at: BinaryNode | undefined): number | undefined {
	const content = bytes(at);
	return content?.length ? content.readUIntBE(0, content.length) : undefined;
}

export function bigEndian(value: number, length: number): Buffer {
	const buffer = Buffer.alloc(length);
	buffer.writeUIntBE(value, 0, length);
	return buffer;
}
