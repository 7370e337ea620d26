/** What is done to the blocks of one chat between fetching and storing them, and what is kept of it. */
import type { Position } from '../historyRole';
import { endOf, type Block } from './historyBlocks';

/** How much of a block's content tells that it is the same: version, key check and nonce of the seal. */
const HEAD = 17;
/** So many chats' newest blocks are remembered. */
const REMEMBERED = 16;

export interface Fetched extends Block {
	/** How it was. */
	before: { head: Buffer; first: Position; size: number; last: Position };
	changed: boolean;
}

/** What was fetched of a chat, and what becomes of it. */
export interface Work {
	version: string;
	/** The highest number of a block. */
	last: number;
	/** The number of the newest block; undefined when there is none. */
	newest?: number;
	blocks: Map<number, Fetched>;
	/** The block of each message, when it was fetched and now. */
	placesBefore: ReadonlyMap<string, number>;
	places: Map<string, number>;
	/** It is from memory: messages that are new to it must not be in other blocks. */
	remembered: boolean;
}

/** The newest block of a chat as it was stored last. */
interface Newest {
	version: string;
	last: number;
	block: Block;
	head: Buffer;
}

/** The beginning of a block's content, by which it is known again. */
export const headOf = (content: Uint8Array): Buffer => Buffer.from(content.subarray(0, HEAD));

/**
 * Newest blocks by number of the chat: a message, and what comes of it, changes little else. Whether
 * somebody else has changed one meanwhile is found out when it is stored.
 */
export class NewestBlocks {
	private readonly known = new Map<number, Newest>();

	/** Work on the newest block of this chat, if it is remembered. */
	workOn(number: number): { work: Work; block: Fetched } | undefined {
		const newest = this.known.get(number);
		if (!newest) return undefined;
		const { version, last, head } = newest;
		const block = fetchedOf(newest.block, head);
		const placesBefore = new Map(block.messages.map(({ id }) => [id, block.id]));
		const blocks = new Map([[block.id, block]]);
		const places = new Map(placesBefore);
		const work = {
			version,
			last,
			newest: block.id,
			blocks,
			placesBefore,
			places,
			remembered: true,
		};
		return { work, block };
	}

	forget(number: number): void {
		this.known.delete(number);
	}

	forgetAll(): void {
		this.known.clear();
	}

	/**
	 * Remembers which block is the newest now, if that is known.
	 * @param version as it is now
	 * @param puts blocks that were stored, with their heads
	 */
	remember(
		number: number,
		version: string,
		{ last, newest, blocks }: Work,
		puts: ReadonlyArray<{ block: Block; head: Buffer }>,
	): void {
		// Without it, or when nothing is left in it, another one is the newest, which was not fetched.
		if (newest !== undefined && !blocks.get(newest)?.messages.length) return;
		const stored = new Set(puts.map(({ block }) => block.id));
		const others = [...blocks.values()]
			.filter(({ id, messages }) => !stored.has(id) && messages.length > 0)
			.map((block) => ({ block, head: block.before.head }));
		const [found] = [...puts, ...others].sort((a, b) => b.block.first - a.block.first);
		if (!found) return;
		const { id, first, messages } = found.block;
		this.known.set(number, { version, last, block: { id, first, messages }, head: found.head });
		for (const oldest of this.known.keys()) {
			if (this.known.size <= REMEMBERED) break;
			this.known.delete(oldest);
		}
	}
}

export function fetchedOf({ id, first, messages }: Block, head: Buffer): Fetched {
	const last = messages.at(-1)?.position ?? -1;
	const before = { head, first, size: messages.length, last };
	return { id, first, messages: [...messages], before, changed: false };
}

/** The block that takes messages of a second; a new one in a chat without any. */
export function blockFor(work: Work, second: number): Fetched {
	const end = endOf(second);
	const all = [...work.blocks.values()].sort((a, b) => a.first - b.first);
	const found = all.findLast(({ first }) => first <= end) ?? all[0];
	if (found) return found;
	const before = { head: Buffer.alloc(0), first: -1, size: 0, last: -1 };
	const made = { id: ++work.last, first: Infinity, messages: [], before, changed: true };
	work.blocks.set(made.id, made);
	return made;
}

/** The messages that are in another block than before, or in none. */
export function moved(
	before: ReadonlyMap<string, number>,
	after: ReadonlyMap<string, number>,
): Array<[id: string, block: number | undefined]> {
	const found: Array<[string, number | undefined]> = [];
	for (const [id, block] of after) if (before.get(id) !== block) found.push([id, block]);
	for (const id of before.keys()) if (!after.has(id)) found.push([id, undefined]);
	return found;
}
