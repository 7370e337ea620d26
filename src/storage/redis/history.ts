import { LinkedError } from '../../errors';
import {
	FLAG,
	type Change,
	type Entry,
	type HistoryStore,
	type Kept,
	type PageQuery,
	type Position,
	type Sealing,
} from '../historyRole';
import type { Fence } from '../roles';
import type { Connection } from './connection';
import { BLOCK_SIZE, type Block } from './historyBlocks';
import { HistoryChats, place } from './historyChat';
import {
	GET_ENTRIES,
	LIST_ENTRIES,
	NUMBERS,
	PAGE,
	REMOVE_ENTRIES,
	SET_ENTRIES,
	SIZES,
} from './historyScripts';
import { asBuffer, tokenOf } from './keys';
import type { Names } from './names';
import { removeAll } from './scan';

/** So many messages are changed in one step. */
const STEP = 200;
/** So many chats are changed at the same time. */
const AT_ONCE = 8;
/** So many blocks are fetched at a time at most. */
const BLOCKS = 16;

/** Where to go on in the order of blocks; see PAGE. */
interface Place {
	way: 'before' | 'at' | 'after';
	position: Position;
}

export class RedisHistory implements HistoryStore {
	readonly indexed = false;
	private readonly blocks: HistoryChats;
	/** Numbers of chats as far as they were asked for. */
	private readonly numbers = new Map<string, number>();

	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly sealing: Sealing,
	) {
		this.blocks = new HistoryChats(connection, names, sealing);
	}

	async change(changes: readonly Change[], fence?: Fence): Promise<void> {
		const byChat = new Map<string, Change[]>();
		for (const change of changes) {
			const all = byChat.get(change.chat);
			if (all) all.push(change);
			else byChat.set(change.chat, [change]);
		}
		await this.numbersOf([...byChat.keys()], true);
		const chats = [...byChat];
		const work = async () => {
			for (let next = chats.shift(); next; next = chats.shift()) {
				const [chat, all] = next;
				for (let at = 0; at < all.length; at += STEP) {
					await this.changeChat(chat, all.slice(at, at + STEP), fence);
				}
			}
		};
		await Promise.all(Array.from({ length: Math.min(AT_ONCE, chats.length) }, work));
	}

	async page({ chat, before, after, order, limit }: PageQuery): Promise<Kept[]> {
		if (chat === undefined) throw new LinkedError('unexpected');
		const number = limit > 0 ? (await this.numbersOf([chat], false)).get(chat) : undefined;
		if (number === undefined) return [];
		const newest = order === 'newest';
		const found: Kept[] = [];
		let where: Place = newest
			? { way: 'before', position: before ?? Infinity }
			: { way: 'at', position: after ?? 0 };
		let edge = newest ? (before ?? Infinity) : (after ?? -1);
		for (;;) {
			const wanted = Math.ceil(((limit - found.length) * 1.5) / BLOCK_SIZE) + (newest ? 0 : 1);
			const count = Math.min(BLOCKS, wanted);
			const blocks = await this.fetch(number, where, count);
			const messages = blocks.flatMap((block) => block.messages);
			if (newest) messages.sort((a, b) => b.position - a.position);
			for (const message of messages) {
				const { position } = message;
				if (newest ? position >= edge : position <= edge) continue;
				if (newest ? position <= (after ?? -1) : position >= (before ?? Infinity)) return found;
				edge = position;
				if (message.flags & FLAG.hidden) continue;
				found.push({ chat, ...message });
				if (found.length === limit) return found;
			}
			const last = blocks.at(-1);
			if (blocks.length < count || !last) return found;
			// Not from the last message on: a block may have none (any more) that fits.
			where = { way: newest ? 'before' : 'after', position: last.first };
		}
	}

	async get(id: string): Promise<Kept[]> {
		const { field, bucket } = place(id);
		const key = this.names.historyIds(bucket);
		// A block may be taken apart between the two questions.
		for (let tries = 0; tries < 5; tries++) {
			const value = await this.connection.command(key, ['HGET', key, field], true);
			if (value === null) return [];
			const places = String(value)
				.split(' ')
				.map((each) => each.split('.').map(Number));
			const found = await Promise.all(
				places.map(async ([number = 0, block = 0]) => await this.inBlock(number, block, id)),
			);
			if (!found.includes(undefined)) return found.filter((each) => each !== undefined);
		}
		return [];
	}

	async find(): Promise<Kept[]> {
		throw new LinkedError('unexpected', { detail: 'This storage has no index of words.' });
	}

	async chats(): Promise<string[]> {
		const { historyChats } = this.names;
		const found = await this.connection.command(historyChats, ['HKEYS', historyChats], true);
		return (found as Buffer[]).map(String);
	}

	async count(chat?: string): Promise<number> {
		const chats = chat === undefined ? await this.chats() : [chat];
		let sum = 0;
		for (const number of (await this.numbersOf(chats, false)).values()) {
			for (const { size } of await this.sizes(number)) sum += size;
		}
		return sum;
	}

	async trim(
		chat: string,
		{ before = 0, keep = Infinity }: { before?: Position; keep?: number },
	): Promise<number> {
		const number = (await this.numbersOf([chat], false)).get(chat);
		if (number === undefined) return 0;
		const sizes = await this.sizes(number);
		const total = sizes.reduce((sum, { size }) => sum + size, 0);
		const beyond = total - Math.max(0, keep);
		const [oldest] = sizes;
		if (!oldest || (beyond <= 0 && oldest.first >= before)) return 0;
		const [block] = await this.fetch(number, { way: 'at', position: 0 }, 1);
		const old = (block?.messages ?? []).filter(
			({ position }, index) => position < before || index < beyond,
		);
		if (old.length === 0) return 0;
		await this.blocks.remove(
			{ chat, number },
			old.map(({ id }) => id),
		);
		return old.length;
	}

	async drop(chat: string): Promise<void> {
		while ((await this.trim(chat, { before: Number.MAX_SAFE_INTEGER })) > 0);
	}

	async setEntries(entries: readonly Entry[], fence?: Fence): Promise<void> {
		const { lease, historyEntries, historyRecent } = this.names;
		for (let at = 0; at < entries.length; at += STEP) {
			await this.connection.script(
				SET_ENTRIES,
				[lease, historyEntries, historyRecent],
				[
					tokenOf(fence),
					...entries
						.slice(at, at + STEP)
						.flatMap(({ id, at: time, value }) => [
							id,
							String(time),
							asBuffer(this.sealing.seal(entryName(id), value)),
						]),
				],
			);
		}
	}

	async removeEntries(ids: readonly string[], fence?: Fence): Promise<void> {
		const { lease, historyEntries, historyRecent } = this.names;
		const keys = [lease, historyEntries, historyRecent];
		await this.connection.script(REMOVE_ENTRIES, keys, [tokenOf(fence), ...ids]);
	}

	async getEntries(ids: readonly string[]): Promise<Array<Entry | undefined>> {
		if (ids.length === 0) return [];
		const { historyEntries, historyRecent } = this.names;
		const keys = [historyEntries, historyRecent];
		const found = (await this.connection.script(GET_ENTRIES, keys, [...ids])) as Buffer[];
		return ids.map((id, index) => this.entry(id, found[index * 2], found[index * 2 + 1]));
	}

	async listEntries(after: Pick<Entry, 'id' | 'at'> | undefined, limit: number): Promise<Entry[]> {
		if (limit <= 0) return [];
		const { historyEntries, historyRecent } = this.names;
		const found = (await this.connection.script(
			LIST_ENTRIES,
			[historyEntries, historyRecent],
			[after?.id ?? '', after ? String(after.at) : '', String(limit)],
		)) as Buffer[];
		const entries: Entry[] = [];
		for (let at = 0; at < found.length; at += 3) {
			const entry = this.entry(String(found[at]), found[at + 1], found[at + 2]);
			if (entry) entries.push(entry);
		}
		return entries;
	}

	async clear(): Promise<void> {
		this.numbers.clear();
		this.blocks.cleared();
		const { historyChats } = this.names;
		await removeAll(this.connection, historyChats, this.names.pattern('h:'));
	}

	private entry(id: string, at: Buffer | undefined, value: Buffer | undefined): Entry | undefined {
		if (!at || !value || value.length === 0) return undefined;
		return { id, at: Number(at), value: this.sealing.open(entryName(id), value) };
	}

	private async changeChat(chat: string, changes: readonly Change[], fence?: Fence): Promise<void> {
		for (;;) {
			const number = (await this.numbersOf([chat], true)).get(chat);
			if (number === undefined) throw new LinkedError('unexpected');
			if (await this.blocks.change({ chat, number }, changes, fence)) return;
			// Its last message was removed meanwhile, and its number with it.
			this.numbers.delete(chat);
		}
	}

	private async numbersOf(chats: readonly string[], make: boolean): Promise<Map<string, number>> {
		const { historyChats, historyNames, historyCount } = this.names;
		const unknown = chats.filter((chat) => !make || !this.numbers.has(chat));
		for (let at = 0; at < unknown.length; at += STEP) {
			const part = unknown.slice(at, at + STEP);
			const found = (await this.connection.script(
				NUMBERS,
				[historyChats, historyNames, historyCount],
				[make ? '1' : '0', ...part],
			)) as Buffer[];
			for (const [index, chat] of part.entries()) {
				const number = String(found[index]);
				if (number === '') this.numbers.delete(chat);
				else this.numbers.set(chat, Number(number));
			}
		}
		return new Map(
			chats.flatMap((chat) => {
				const number = this.numbers.get(chat);
				return number === undefined ? [] : [[chat, number] as const];
			}),
		);
	}

	private async fetch(
		number: number,
		{ way, position }: Place,
		count: number,
	): Promise<Array<Omit<Block, 'id'>>> {
		const { names } = this;
		const found = (await this.connection.script(
			PAGE,
			[names.historyOrder(number), names.historyBlocks(number)],
			[way, position === Infinity ? '+inf' : String(position), String(count)],
		)) as Buffer[];
		const blocks = [];
		for (let at = 0; at < found.length; at += 3) {
			const [id, first, content] = [Number(found[at]), Number(found[at + 1]), found[at + 2]];
			const messages = content?.length ? this.blocks.open(number, id, content) : [];
			blocks.push({ first, messages });
		}
		return blocks;
	}

	private async sizes(number: number): Promise<Array<{ first: Position; size: number }>> {
		const { names } = this;
		const keys = [names.historyOrder(number), names.historyBlocks(number)];
		const found = (await this.connection.script(SIZES, keys, [])) as Buffer[];
		const sizes = [];
		for (let at = 0; at < found.length; at += 3) {
			sizes.push({ first: Number(found[at + 1]), size: Number(found[at + 2]) });
		}
		return sizes;
	}

	/** The message, if it is (still) in this block. */
	private async inBlock(number: number, block: number, id: string): Promise<Kept | undefined> {
		const { names, connection } = this;
		const key = names.historyBlocks(number);
		const [content, chat] = await Promise.all([
			connection.command(key, ['HGET', key, String(block)], true),
			connection.command(names.historyNames, ['HGET', names.historyNames, String(number)], true),
		]);
		if (content === null || chat === null) return undefined;
		const message = this.blocks
			.open(number, block, content as Buffer)
			.find((each) => each.id === id);
		return message && { chat: String(chat), ...message };
	}
}

const entryName = (id: string) => `history-entry:${id}`;
