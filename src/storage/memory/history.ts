import { LinkedError } from '../../errors';
import { copy } from '../bytes';
import {
	FLAG,
	positionOf,
	SLOTS,
	type Change,
	type Draft,
	type Entry,
	type HistoryStore,
	type IndexQuery,
	type Kept,
	type PageQuery,
	type Phrase,
	type Position,
} from '../historyRole';
import type { LocalLease } from '../localLease';
import type { Fence } from '../roles';

interface Message extends Kept {
	words: string;
}

/** Nothing is sealed: it lives and dies with the process. */
export class MemoryHistory implements HistoryStore {
	readonly indexed = true;
	private readonly messages = new Map<string, Map<string, Message>>();
	/** The next position of each second that has any, by its first position. */
	private readonly next = new Map<Position, Position>();
	private readonly entries = new Map<string, Entry>();

	constructor(private readonly lease: LocalLease) {}

	async change(changes: readonly Change[], fence?: Fence): Promise<void> {
		this.lease.check(fence);
		for (const { chat, id, step } of changes) {
			const before = this.messages.get(chat)?.get(id);
			const next = step(before && outside(before));
			if (next === undefined) continue;
			if (next === null) this.remove(before);
			else this.put(chat, id, before, next);
		}
	}

	async page({ chat, before = Infinity, after = -1, order, limit }: PageQuery): Promise<Kept[]> {
		const all = chat === undefined ? this.everything() : this.sorted(chat);
		const found = all.filter(
			({ position, flags }) => position < before && position > after && !(flags & FLAG.hidden),
		);
		return (order === 'newest' ? found.reverse() : found).slice(0, Math.max(0, limit)).map(outside);
	}

	async get(id: string): Promise<Kept[]> {
		return [...this.messages.values()].flatMap((chat) => {
			const found = chat.get(id);
			return found ? [outside(found)] : [];
		});
	}

	async find({ phrases, before = Infinity, after = -1, limit }: IndexQuery): Promise<Kept[]> {
		if (phrases.length === 0) throw new LinkedError('unexpected');
		return this.everything()
			.reverse()
			.filter(({ position }) => position < before && position > after)
			.filter(({ words }) => phrases.every((phrase) => has(words, phrase)))
			.slice(0, Math.max(0, limit))
			.map(outside);
	}

	async chats(): Promise<string[]> {
		return [...this.messages.keys()];
	}

	async count(chat?: string): Promise<number> {
		if (chat !== undefined) return this.messages.get(chat)?.size ?? 0;
		return [...this.messages.values()].reduce((sum, { size }) => sum + size, 0);
	}

	async trim(
		chat: string,
		{ before = 0, keep = Infinity }: { before?: Position; keep?: number },
	): Promise<number> {
		const all = this.sorted(chat);
		const beyond = all.length - Math.max(0, keep);
		const old = all.filter(({ position }, index) => position < before || index < beyond);
		for (const each of old) this.remove(each);
		return old.length;
	}

	async drop(chat: string): Promise<void> {
		for (const each of this.sorted(chat)) this.remove(each);
	}

	async setEntries(entries: readonly Entry[], fence?: Fence): Promise<void> {
		this.lease.check(fence);
		for (const entry of entries) {
			this.entries.set(entry.id, { ...entry, value: copy(entry.value) });
		}
	}

	async removeEntries(ids: readonly string[], fence?: Fence): Promise<void> {
		this.lease.check(fence);
		for (const id of ids) this.entries.delete(id);
	}

	async getEntries(ids: readonly string[]): Promise<Array<Entry | undefined>> {
		return ids.map((id) => {
			const entry = this.entries.get(id);
			return entry && { ...entry, value: copy(entry.value) };
		});
	}

	async listEntries(after: Pick<Entry, 'id' | 'at'> | undefined, limit: number): Promise<Entry[]> {
		return [...this.entries.values()]
			.sort(newestFirst)
			.filter((entry) => !after || newestFirst(after, entry) < 0)
			.slice(0, Math.max(0, limit))
			.map((entry) => ({ ...entry, value: copy(entry.value) }));
	}

	async clear(): Promise<void> {
		this.messages.clear();
		this.next.clear();
		this.entries.clear();
	}

	private everything(): Message[] {
		const all = [...this.messages.keys()].flatMap((chat) => this.sorted(chat));
		return all.sort((a, b) => a.position - b.position);
	}

	private sorted(chat: string): Message[] {
		const all = [...(this.messages.get(chat)?.values() ?? [])];
		return all.sort((a, b) => a.position - b.position);
	}

	private put(
		chat: string,
		id: string,
		before: Message | undefined,
		{ second, flags, body, words }: Draft,
	): void {
		const start = positionOf(second);
		const stays = before && (start === positionOf(before.position / SLOTS) || words === undefined);
		if (!stays) this.remove(before);
		const position = stays ? before.position : this.freePosition(start);
		let messages = this.messages.get(chat);
		if (!messages) this.messages.set(chat, (messages = new Map()));
		messages.set(id, {
			chat,
			id,
			position,
			flags,
			body: copy(body),
			words: words ?? before?.words ?? '',
		});
	}

	private remove(message: Message | undefined): void {
		if (!message) return;
		const messages = this.messages.get(message.chat);
		messages?.delete(message.id);
		if (messages?.size === 0) this.messages.delete(message.chat);
	}

	private freePosition(start: Position): Position {
		const position = this.next.get(start) ?? start;
		this.next.set(start, position + 1);
		return position;
	}
}

const outside = ({ chat, id, position, flags, body }: Kept): Kept => ({
	chat,
	id,
	position,
	flags,
	body: copy(body),
});

const newestFirst = (a: Pick<Entry, 'id' | 'at'>, b: Pick<Entry, 'id' | 'at'>): number =>
	b.at - a.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function has(words: string, { words: wanted, prefix }: Phrase): boolean {
	const text = ` ${words} `;
	return text.includes(` ${wanted.join(' ')}${prefix ? '' : ' '}`);
}
