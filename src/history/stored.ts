/** The history as it is stored: the answers of types.ts, in whichever process asks. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { loadBaileys, type Baileys } from '../baileys';
import { LinkedError } from '../errors';
import {
	FLAG,
	positionOf,
	type HistoryStore,
	type Kept,
	type Phrase,
	type Position,
} from '../storage/historyRole';
import { contentOf } from '../wa/content';
import { isPerson, userJid, type Person } from '../wa/ids';
import {
	byRecency,
	chatKindOf,
	isAlias,
	isShown,
	matcher,
	nameOf,
	packEntry,
	unpackEntry,
	type DirectoryEntry,
} from './entry';
import { instantOf } from './exported/dates';
import { importChat } from './exported/import';
import type { Exported } from './exported/lines';
import { isExpired, unpack, type Item } from './item';
import { addressesIn, chatOf, knownMessage, messageOfLately } from './known';
import { knownPerson, People, type Me } from './people';
import { textsOf } from './project';
import type {
	ChatQuery,
	Edge,
	History,
	ImportResult,
	KnownChat,
	KnownMessage,
	KnownPerson,
	LastMessage,
	MessageQuery,
	PersonQuery,
	SearchQuery,
	SearchResult,
} from './types';
import { walk } from './walk';
import { hasTerms, termsOf, wordsOf, type KeyedWords } from './words';

const PAGE = 200;
const ENTRIES = 500;
/** Without an index of words, so many messages are looked through, the newest of all chats. */
const WINDOW = 50_000;

export interface StoredDeps {
	store: HistoryStore;
	words: KeyedWords;
	me(): Promise<Me>;
	/** A message of lately that is not in the history, because its chat is not kept. */
	lately(id: string): Promise<WAMessage | undefined>;
	now(): number;
}

/** A message while it is looked at. */
interface Looked {
	kept: Kept;
	item: Item;
}

export class StoredHistory implements History {
	constructor(private readonly deps: StoredDeps) {}

	async chats({ limit = Infinity, ...query }: ChatQuery = {}): Promise<KnownChat[]> {
		const fits = matcher(query.search ?? '');
		const found: DirectoryEntry[] = [];
		const silent: DirectoryEntry[] = [];
		for await (const entry of this.entries()) {
			// They come by their time: what has none comes last, by name.
			const list = entry.lastAt > 0 ? found : silent;
			if (list === silent && (query.withMessages || found.length >= limit)) break;
			if (isShown(entry) && isWanted(entry, query) && fits(entry)) list.push(entry);
			if (found.length >= limit) break;
		}
		return [...found, ...silent.sort(byRecency)].slice(0, Math.max(0, limit)).map(chatOf);
	}

	async chat(address: string): Promise<KnownChat | undefined> {
		const id = userJid(address);
		const entry = id === null ? undefined : await (await this.book()).entry(id);
		return entry && chatOf(entry);
	}

	async count(chat: string): Promise<number> {
		const people = await this.book();
		return await this.deps.store.count(await people.canonical(chat));
	}

	async *messages(query: MessageQuery): AsyncIterable<KnownMessage> {
		const { limit = Infinity, order = 'newest' } = query;
		const people = await this.book();
		const baileys = await loadBaileys();
		const chat = query.chat === undefined ? undefined : await people.canonical(query.chat);
		const [before, after] = [
			await this.edge(query.before, chat, 'before'),
			await this.edge(query.after, chat, 'after'),
		];
		const fits = await this.filter(query, people);
		let left = limit;
		const page: Looked[] = [];
		const give = async () => await this.known(page.splice(0), people, baileys);
		for await (const kept of this.read({ chat, before, after, order })) {
			if (left <= 0) break;
			const item = this.looked(kept);
			if (!item || !fits(kept, item)) continue;
			page.push({ kept, item });
			left -= 1;
			if (page.length >= PAGE) yield* await give();
		}
		yield* await give();
	}

	async message(id: string, chat?: string): Promise<KnownMessage | undefined> {
		const people = await this.book();
		const baileys = await loadBaileys();
		const place = chat === undefined ? undefined : await people.canonical(chat);
		const stored = (await this.deps.store.get(id)).filter(
			(kept) => place === undefined || kept.chat === place,
		);
		const looked = [...stored]
			.sort((a, b) => b.position - a.position)
			.flatMap((kept) => {
				const item = this.looked(kept);
				return item && !item.early ? { kept, item } : [];
			});
		const [found] = await this.known(looked.slice(0, 1), people, baileys);
		// One whose time is over is not to be found elsewhere either.
		if (found || stored.length > 0) return found;
		return await this.lately(id, place, people);
	}

	async replies(id: string, chat?: string): Promise<KnownMessage[]> {
		const { store, words } = this.deps;
		const people = await this.book();
		const baileys = await loadBaileys();
		const place = chat === undefined ? undefined : await people.canonical(chat);
		const found: Looked[] = [];
		const look = (kept: Kept) => {
			const item = this.looked(kept);
			if (item?.quotes === id && (place === undefined || kept.chat === place)) {
				found.push({ kept, item });
			}
		};
		if (store.indexed) {
			const phrases = [{ words: [words.mark('quotes', id)], prefix: false }];
			for await (const kept of this.indexed(phrases)) look(kept);
			found.reverse();
		} else {
			// Answers come after what they answer, in the same chat.
			for (const target of await store.get(id)) {
				if (place !== undefined && target.chat !== place) continue;
				const { chat: where, position } = target;
				let left = WINDOW;
				for await (const kept of this.read({ chat: where, after: position, order: 'oldest' })) {
					look(kept);
					if (--left <= 0) break;
				}
			}
		}
		return await this.known(found, people, baileys);
	}

	async search(query: SearchQuery): Promise<SearchResult> {
		const terms = termsOf(query.text);
		if (terms.length === 0) {
			throw new LinkedError('bad-parameter', {
				detail: 'Text: there is no word in it to search for.',
				data: { field: 'Text' },
			});
		}
		const { store, words } = this.deps;
		const people = await this.book();
		const baileys = await loadBaileys();
		const chat = query.chat === undefined ? undefined : await people.canonical(query.chat);
		const bounds = {
			before: await this.edge(query.before, chat, 'before'),
			after: await this.edge(query.after, chat, 'after'),
		};
		const fits = await this.filter(query, people);
		const phrases = words.terms(terms);
		if (chat !== undefined) phrases.push({ words: [words.mark('chat', chat)], prefix: false });
		const source = store.indexed
			? this.indexed(phrases, bounds)
			: this.read({ chat, ...bounds, order: 'newest' });
		const found: Looked[] = [];
		let lookedThrough = 0;
		let lookedBackTo: number | null = null;
		for await (const kept of source) {
			if (found.length >= query.limit) break;
			const item = this.looked(kept);
			if (!store.indexed && lookedThrough >= WINDOW) {
				lookedBackTo = item?.at ?? 0;
				break;
			}
			lookedThrough += 1;
			if (!item?.content || !fits(kept, item)) continue;
			if (!mayHave(item.content, terms)) continue;
			if (hasTerms(allWords(item.content, baileys), terms)) found.push({ kept, item });
		}
		return {
			messages: await this.known(found, people, baileys),
			complete: lookedBackTo === null,
			lookedThrough: store.indexed ? null : lookedThrough,
			lookedBackTo,
		};
	}

	async people(query?: PersonQuery): Promise<KnownPerson[]> {
		const { search = '', saved, limit = Infinity } = query ?? {};
		const fits = matcher(search);
		const found: DirectoryEntry[] = [];
		for await (const entry of this.entries()) {
			if (entry.kind !== 'person' || !isShown(entry) || !fits(entry)) continue;
			if (saved === undefined || (entry.saved ?? false) === saved) found.push(entry);
		}
		return found
			.sort((a, b) => Number(b.saved ?? false) - Number(a.saved ?? false) || byName(a, b))
			.slice(0, Math.max(0, limit))
			.flatMap((entry) => knownPerson(entry) ?? []);
	}

	async person(...addresses: Array<string | null | undefined>): Promise<KnownPerson | null> {
		const ids = addresses.map(userJid).filter((id) => id !== null);
		const book = await this.book();
		for (const id of ids) {
			const entry = await book.entry(id);
			const known = entry && knownPerson(entry);
			if (known) return known;
		}
		const [person] = ids.filter(isPerson);
		const found = person === undefined ? null : await book.person(person);
		return found && { ...found, savedName: null, pushName: null, isContact: false };
	}

	async importChat(
		chat: string,
		exported: Exported,
		{ timeZone, ownName }: { timeZone: string; ownName?: string },
	): Promise<ImportResult> {
		const { store, words } = this.deps;
		const book = await this.book();
		const address = await book.canonical(chat);
		const { name, person } = (await this.chat(address)) ?? { name: null, person: null };
		const partner = [name, person?.savedName, person?.pushName, person?.phone];
		const self = book.self();
		const { last, ...result } = await importChat(
			{
				store,
				words,
				baileys: await loadBaileys(),
				people: await this.people(),
				canonical: async (each) => await book.canonical(each),
				me: { name: self?.name ?? null, phone: self?.phone ?? null },
			},
			{
				chat: address,
				exported,
				timeZone,
				ownName,
				partner: partner.filter((each) => typeof each === 'string'),
			},
		);
		const [entry] = await store.getEntries([address]);
		const kind = chatKindOf(address);
		if (last && !entry && kind) {
			const shown = await this.shownLast(last);
			await store.setEntries([packEntry({ id: address, kind, lastAt: shown.at, last: shown })]);
		}
		const times = exported.messages.map(({ at }) => instantOf(at, timeZone));
		return {
			...result,
			from: times.reduce((a, b) => Math.min(a, b), Infinity),
			to: times.reduce((a, b) => Math.max(a, b), 0),
			...(last ? { last: await this.shownLast(last) } : {}),
		};
	}

	async self(): Promise<Person | null> {
		return (await this.book()).self();
	}

	async addresses(address: string): Promise<string[]> {
		return await (await this.book()).addresses(address);
	}

	private async shownLast({ id, item }: { id: string; item: Item }): Promise<LastMessage> {
		const { at, fromMe, kind, content } = item;
		const { proto } = await loadBaileys();
		const text = content ? contentOf(proto.Message.decode(content)).text : null;
		return { id, at, fromMe, kind, text };
	}

	private async book(): Promise<People> {
		return new People(this.deps.store, await this.deps.me());
	}

	/** Entries of chats and people, the most recent first. */
	private async *entries(): AsyncGenerator<DirectoryEntry> {
		const seen = new Set<string>();
		let after;
		for (;;) {
			const page = await this.deps.store.listEntries(after, ENTRIES);
			after = page.at(-1);
			for (const stored of page) {
				const entry = unpackEntry(stored);
				if (isAlias(entry) || seen.has(entry.id)) continue;
				seen.add(entry.id);
				yield entry;
			}
			if (page.length < ENTRIES) return;
		}
	}

	/** Messages of one chat or of all, in order. */
	private async *read({
		order,
		...query
	}: {
		chat?: string;
		before?: Position;
		after?: Position;
		order: 'newest' | 'oldest';
	}): AsyncGenerator<Kept> {
		const { store } = this.deps;
		if (query.chat === undefined && !store.indexed) {
			if (order === 'newest') {
				yield* walk(store, query);
				return;
			}
			// From the oldest on, all have to be gone through: a chat's worth after the other.
			for (const chat of await store.chats()) yield* this.read({ ...query, chat, order });
			return;
		}
		let { before, after } = query;
		for (;;) {
			const page = await store.page({ ...query, before, after, order, limit: PAGE });
			yield* page;
			const last = page.at(-1)?.position;
			if (page.length < PAGE) return;
			if (order === 'newest') before = last;
			else after = last;
		}
	}

	private async *indexed(
		phrases: readonly Phrase[],
		bounds: { before?: Position; after?: Position } = {},
	): AsyncGenerator<Kept> {
		let { before } = bounds;
		for (;;) {
			const page = await this.deps.store.find({ phrases, ...bounds, before, limit: PAGE });
			yield* page;
			before = page.at(-1)?.position;
			if (page.length < PAGE) return;
		}
	}

	/** The position of a time or message. @throws LinkedError `not-found` */
	private async edge(
		edge: Edge | undefined,
		chat: string | undefined,
		side: 'before' | 'after',
	): Promise<Position | undefined> {
		if (edge === undefined) return undefined;
		if ('id' in edge) {
			const found = await this.deps.store.get(edge.id);
			const kept = found.find((each) => chat === undefined || each.chat === chat);
			if (kept) return kept.position;
			throw new LinkedError('not-found', {
				detail: 'The message before or after which to read is not in the history of this chat.',
				data: { messageId: edge.id },
			});
		}
		// WhatsApp knows seconds: a message of the same second is neither before nor after.
		const second = edge.at / 1_000;
		return side === 'before'
			? positionOf(Math.ceil(second))
			: positionOf(Math.floor(second) + 1) - 1;
	}

	private async filter(
		{ fromMe, from, withMedia }: Pick<MessageQuery, 'fromMe' | 'from' | 'withMedia'>,
		people: People,
	): Promise<(kept: Kept, item: Item) => boolean> {
		const who = from === undefined ? undefined : await people.canonical(from);
		const isSelf = who !== undefined && (who === people.me.lid || who === people.me.phone);
		return ({ flags, chat }, item) => {
			if (fromMe !== undefined && item.fromMe !== fromMe) return false;
			if (withMedia && !(flags & FLAG.media)) return false;
			if (who === undefined) return true;
			return item.fromMe ? isSelf : (item.from ?? chat) === who;
		};
	}

	/** Undefined when its time is over. */
	private looked({ body }: Kept): Item | undefined {
		const item = unpack(body);
		return isExpired(item, this.deps.now()) ? undefined : item;
	}

	private async known(
		looked: readonly Looked[],
		people: People,
		baileys: Baileys,
	): Promise<KnownMessage[]> {
		const known: KnownMessage[] = [];
		await people.prepare(looked.flatMap(({ kept, item }) => addressesIn(kept.chat, item)));
		for (const { kept, item } of looked)
			known.push(await knownMessage(kept, item, people, baileys));
		return known;
	}

	private async lately(
		id: string,
		chat: string | undefined,
		people: People,
	): Promise<KnownMessage | undefined> {
		const message = await this.deps.lately(id);
		const place = message && (await people.canonical(message.key.remoteJid ?? ''));
		if (!message || !place || (chat !== undefined && chat !== place)) return undefined;
		return await messageOfLately(message, place, people);
	}
}

const isWanted = (entry: DirectoryEntry, { kinds, unread, archived }: ChatQuery): boolean =>
	(!kinds || kinds.includes(entry.kind)) &&
	(unread === undefined || unread === ((entry.unread ?? 0) > 0 || entry.marked === true)) &&
	(archived === undefined || archived === (entry.archived ?? false));

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
	(nameOf(a) ?? a.id).localeCompare(nameOf(b) ?? b.id);

/**
 * False only when the terms surely do not occur: in bytes that are all ASCII, a text has no other form
 * of its letters. Most messages are told by that alone, at a tenth of the cost of reading them.
 */
function mayHave(content: Uint8Array, terms: readonly Phrase[]): boolean {
	const raw = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString(
		'latin1',
	);
	if (/[\u0080-\u00ff]/.test(raw)) return true;
	const plain = raw.toLowerCase();
	return terms.every(({ words }) => words.every((word) => plain.includes(word)));
}

/** The words of a message; a phrase does not go from one of its texts into the next. */
function allWords(content: Uint8Array, { proto: { Message } }: Baileys): string[] {
	return textsOf(contentOf(Message.decode(content))).flatMap((text) => [...wordsOf(text), '']);
}
