/** The messages of chats, block by block; see historyBlocks.ts. */
import { createHash } from 'node:crypto';
import { LinkedError } from '../../errors';
import {
	positionOf,
	SLOTS,
	type Change,
	type Kept,
	type Position,
	type Sealing,
} from '../historyRole';
import type { Fence } from '../roles';
import type { Connection } from './connection';
import {
	decode,
	encode,
	endOf,
	insert,
	remove,
	replace,
	split,
	type Block,
	type Message,
} from './historyBlocks';
import { FETCH, STORE } from './historyScripts';
import { asBuffer, tokenOf } from './keys';
import type { Names } from './names';

/** Buckets of the index by id: with two million messages each still fits into one small allocation. */
const BUCKETS = 16_384;
/** How much of a block's content tells that it is the same: version, key check and nonce of the seal. */
const HEAD = 17;
/** Others may change a chat at the same time, but not for ever. */
const TRIES = 50;

export interface Chat {
	chat: string;
	number: number;
}

interface Fetched extends Block {
	/** How it was. */
	before: { head: Buffer; first: Position; size: number; last: Position };
	changed: boolean;
}

/** What was fetched of a chat, and what becomes of it. */
interface Work {
	version: string;
	/** The highest number of a block. */
	last: number;
	blocks: Map<number, Fetched>;
	/** The block of each message, when it was fetched and now. */
	placesBefore: ReadonlyMap<string, number>;
	places: Map<string, number>;
}

const blockName = (number: number, block: number) => `history:${number}:${block}`;

/** An id in the index: half of its hash, which names it and its bucket. */
export function place(id: string): { field: Buffer; bucket: number } {
	const hash = createHash('sha1').update(id).digest();
	return { field: hash.subarray(0, 8), bucket: hash.readUInt16LE(8) % BUCKETS };
}

export class HistoryChats {
	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly sealing: Sealing,
	) {}

	/** Applies changes to one chat; undefined when the number is not the chat's any more. */
	async change(chat: Chat, changes: readonly Change[], fence?: Fence): Promise<true | undefined> {
		// Where messages go that are not there yet, as far as that can be told before.
		const seconds = new Set<number>();
		for (const { step } of changes) {
			const draft = step(undefined);
			if (draft) seconds.add(draft.second);
		}
		for (let tries = 0; tries < TRIES; tries++) {
			const work = await this.fetch(
				chat.number,
				changes.map(({ id }) => id),
				[...seconds],
			);
			const missing = this.apply(chat, work, changes, seconds);
			if (missing.length > 0) {
				for (const second of missing) seconds.add(second);
				continue;
			}
			if (await this.store(chat, work, fence)) return true;
			if (!(await this.isNumberOf(chat))) return undefined;
		}
		throw new LinkedError('unexpected', { detail: 'The history is being changed all the time.' });
	}

	/** Removes these messages, which stand in the oldest blocks. */
	async remove(chat: Chat, ids: readonly string[]): Promise<void> {
		await this.change(
			chat,
			ids.map((id) => ({ chat: chat.chat, id, step: () => null })),
		);
	}

	open(number: number, block: number, content: Uint8Array): Message[] {
		return decode(this.sealing.open(blockName(number, block), content));
	}

	private async isNumberOf({ chat, number }: Chat): Promise<boolean> {
		const { historyChats } = this.names;
		const found = await this.connection.command(historyChats, ['HGET', historyChats, chat]);
		return found !== null && String(found) === String(number);
	}

	private async fetch(number: number, ids: string[], seconds: number[]): Promise<Work> {
		const { names } = this;
		const places = ids.map(place);
		const found = (await this.connection.script(
			FETCH,
			[
				names.historyOrder(number),
				names.historyBlocks(number),
				...places.map(({ bucket }) => names.historyIds(bucket)),
			],
			[
				...[String(number), String(ids.length), ...places.map(({ field }) => field)],
				...seconds.map((second) => String(endOf(second))),
			],
		)) as Buffer[];
		const [version, last, size] = [String(found[0]), Number(found[1]), Number(found[2])];
		const blocks = new Map<number, Fetched>();
		const inBlock = new Map<string, number>();
		for (let at = 3; at < 3 + size * 3; at += 3) {
			const [id, first, content] = [Number(found[at]), Number(found[at + 1]), found[at + 2]];
			if (!content || content.length === 0) continue;
			const messages = this.open(number, id, content);
			const before = {
				head: content.subarray(0, HEAD),
				first,
				size: messages.length,
				last: messages.at(-1)?.position ?? -1,
			};
			blocks.set(id, { id, first, messages, before, changed: false });
			for (const message of messages) inBlock.set(message.id, id);
		}
		return { version, last, blocks, placesBefore: inBlock, places: new Map(inBlock) };
	}

	/** Changes the fetched blocks; returns the seconds whose blocks are missing, if there are any. */
	private apply(
		{ chat }: Chat,
		work: Work,
		changes: readonly Change[],
		fetched: ReadonlySet<number>,
	): number[] {
		const missing: number[] = [];
		for (const { id, step } of changes) {
			const block = work.blocks.get(work.places.get(id) ?? -1);
			const message = block?.messages.find((each) => each.id === id);
			const next = step(message && ({ chat, ...message } satisfies Kept));
			if (next === undefined) continue;
			if (block) block.changed = true;
			if (next === null) {
				if (block) remove(block, id);
				work.places.delete(id);
				continue;
			}
			const stays =
				message &&
				(next.words === undefined ||
					positionOf(next.second) === positionOf(message.position / SLOTS));
			if (block && stays) {
				replace(block, id, next);
				continue;
			}
			if (!fetched.has(next.second)) {
				missing.push(next.second);
				continue;
			}
			if (block) remove(block, id);
			const target = blockFor(work, next.second);
			insert(target, id, next);
			target.changed = true;
			work.places.set(id, target.id);
		}
		return missing;
	}

	private async store({ chat, number }: Chat, work: Work, fence?: Fence): Promise<boolean> {
		const { names } = this;
		const changed = [...work.blocks.values()].filter((block) => block.changed);
		const checks = changed.filter(({ before }) => before.size > 0);
		const gone = checks.filter(({ messages }) => messages.length === 0);
		const puts = changed
			.filter(({ messages }) => messages.length > 0)
			.flatMap((block) => split(block, block.before, () => ++work.last));
		for (const { id, messages } of puts) for (const each of messages) work.places.set(each.id, id);
		const moves =
			gone.length > 0 ||
			puts.some(({ id, first }) => work.blocks.get(id)?.before.first !== first) ||
			puts.some(({ id }) => work.blocks.get(id)?.before.size === 0);
		const ids = moved(work.placesBefore, work.places);
		const stored = await this.connection.script(
			STORE,
			[
				...[names.lease, names.historyChats, names.historyNames],
				...[names.historyOrder(number), names.historyBlocks(number)],
				...ids.map(([id]) => names.historyIds(place(id).bucket)),
			],
			[
				...[tokenOf(fence), chat, String(number), work.version],
				...[moves ? '1' : '0', String(work.last), String(checks.length)],
				...checks.flatMap(({ id, before }) => [String(id), before.head]),
				String(puts.length),
				...puts.flatMap(({ id, first, messages }) => [
					String(id),
					String(first),
					asBuffer(this.sealing.seal(blockName(number, id), encode(messages))),
					String(messages.length),
				]),
				...[String(gone.length), ...gone.map(({ id }) => String(id)), String(ids.length)],
				...ids.flatMap(([id, block]) => [
					place(id).field,
					block === undefined ? '' : String(block),
				]),
			],
		);
		return Number(stored) === 1;
	}
}

/** The block that takes messages of a second; a new one in a chat without any. */
function blockFor(work: Work, second: number): Fetched {
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
function moved(
	before: ReadonlyMap<string, number>,
	after: ReadonlyMap<string, number>,
): Array<[id: string, block: number | undefined]> {
	const found: Array<[string, number | undefined]> = [];
	for (const [id, block] of after) if (before.get(id) !== block) found.push([id, block]);
	for (const id of before.keys()) if (!after.has(id)) found.push([id, undefined]);
	return found;
}
