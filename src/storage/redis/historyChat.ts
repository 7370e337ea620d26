/** The messages of chats, block by block; see historyBlocks.ts. */
import { createHash } from 'node:crypto';
import { LinkedError } from '../../errors';
import { positionOf, SLOTS, type Change, type Kept, type Sealing } from '../historyRole';
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
	type Message,
} from './historyBlocks';
import { FETCH, STORE } from './historyScripts';
import {
	blockFor,
	fetchedOf,
	headOf,
	moved,
	NewestBlocks,
	type Fetched,
	type Work,
} from './historyWork';
import { asBuffer, tokenOf } from './keys';
import type { Names } from './names';

/** Buckets of the index by id: with two million messages each still fits into one small allocation. */
const BUCKETS = 16_384;
/** Others may change a chat at the same time, but not for ever. */
const TRIES = 50;

export interface Chat {
	chat: string;
	number: number;
}

const blockName = (number: number, block: number) => `history:${number}:${block}`;

/** An id in the index: half of its hash, which names it and its bucket. */
export function place(id: string): { field: Buffer; bucket: number } {
	const hash = createHash('sha1').update(id).digest();
	return { field: hash.subarray(0, 8), bucket: hash.readUInt16LE(8) % BUCKETS };
}

export class HistoryChats {
	private readonly newest = new NewestBlocks();

	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly sealing: Sealing,
	) {}

	/** Applies changes to one chat; undefined when the number is not the chat's any more. */
	async change(chat: Chat, changes: readonly Change[], fence?: Fence): Promise<true | undefined> {
		if (await this.changeNewest(chat, changes, fence)) return true;
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

	/** Applies changes to the newest block as it is remembered; false when it takes more than that. */
	private async changeNewest(
		chat: Chat,
		changes: readonly Change[],
		fence?: Fence,
	): Promise<boolean> {
		const remembered = this.newest.workOn(chat.number);
		if (!remembered) return false;
		const { work, block } = remembered;
		const seconds = new Set<number>();
		for (const { id, step } of changes) {
			if (work.places.has(id)) continue;
			const second = step(undefined)?.second;
			if (second === undefined || endOf(second) < block.first) return false;
			seconds.add(second);
		}
		if (this.apply(chat, work, changes, seconds).length > 0 || !block.changed) return false;
		return await this.store(chat, work, fence);
	}

	/** Removes these messages, which stand in the oldest blocks. */
	async remove(chat: Chat, ids: readonly string[]): Promise<void> {
		await this.change(
			chat,
			ids.map((id) => ({ chat: chat.chat, id, step: () => null })),
		);
	}

	/** Everything was removed. */
	cleared(): void {
		this.newest.forgetAll();
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
		const [version, last, newest] = [String(found[0]), Number(found[1]), String(found[2])];
		const size = Number(found[3]);
		const blocks = new Map<number, Fetched>();
		const inBlock = new Map<string, number>();
		for (let at = 4; at < 4 + size * 3; at += 3) {
			const [id, first, content] = [Number(found[at]), Number(found[at + 1]), found[at + 2]];
			if (!content || content.length === 0) continue;
			const messages = this.open(number, id, content);
			blocks.set(id, fetchedOf({ id, first, messages }, headOf(content)));
			for (const message of messages) inBlock.set(message.id, id);
		}
		return {
			...{ version, last, newest: newest === '' ? undefined : Number(newest), blocks },
			...{ placesBefore: inBlock, places: new Map(inBlock), remembered: false },
		};
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
		const all = moved(work.placesBefore, work.places);
		const fresh = work.remembered ? all.filter(([id]) => !work.placesBefore.has(id)) : [];
		const ids = [...fresh, ...all.filter((each) => !fresh.includes(each))];
		const contents = puts.map(({ id, messages }) =>
			asBuffer(this.sealing.seal(blockName(number, id), encode(messages))),
		);
		// Whatever comes of it: what is remembered may not be so any more.
		this.newest.forget(number);
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
				...[String(fresh.length), ...fresh.map(([id]) => place(id).field)],
				String(puts.length),
				...puts.flatMap(({ id, first, messages }, index) => [
					String(id),
					String(first),
					contents[index] ?? Buffer.alloc(0),
					String(messages.length),
				]),
				...[String(gone.length), ...gone.map(({ id }) => String(id)), String(ids.length)],
				...ids.flatMap(([id, block]) => [
					place(id).field,
					block === undefined ? '' : String(block),
				]),
			],
		);
		if (Number(stored) !== 1) return false;
		this.newest.remember(
			number,
			String(Number(work.version) + (moves ? 1 : 0)),
			work,
			puts.map((block, index) => ({ block, head: headOf(contents[index] ?? Buffer.alloc(0)) })),
		);
		return true;
	}
}
