/** The history as it is stored: the answers of types.ts, in whichever process asks. */
import type { WAMessage } from '@whiskeysockets/baileys';
import type { HistoryStore } from '../../storage/historyRole';
import { isPerson, userJid, type Person } from '../../wa/ids';
import type { Exported } from '../exported/lines';
import { chatOf, messageOfLately } from '../known';
import { knownPerson, People, type Me } from '../people';
import type {
	ChatQuery,
	History,
	ImportResult,
	KnownChat,
	KnownMessage,
	KnownPerson,
	MessageQuery,
	PersonQuery,
	SearchQuery,
	SearchResult,
} from '../types';
import type { KeyedWords } from '../words';
import { takeInExported } from './imported';
import { listChats, listPeople } from './listed';
import { filterOf, known, look, type Looked } from './looked';
import { PAGE, Pages } from './pages';
import { Search } from './search';

export interface StoredDeps {
	store: HistoryStore;
	words: KeyedWords;
	me(): Promise<Me>;
	/** A message of lately that is not in the history, because its chat is not kept. */
	lately(id: string): Promise<WAMessage | undefined>;
	now(): number;
}

export class StoredHistory implements History {
	private readonly pages: Pages;
	private readonly finding: Search;

	constructor(private readonly deps: StoredDeps) {
		const { store, words, now } = deps;
		this.pages = new Pages(store);
		this.finding = new Search({ store, words, now, pages: this.pages });
	}

	// Chats and people

	async chats(query: ChatQuery = {}): Promise<KnownChat[]> {
		return await listChats(this.pages, query);
	}

	async chat(address: string): Promise<KnownChat | undefined> {
		const id = userJid(address);
		const entry = id === null ? undefined : await (await this.book()).entry(id);
		return entry && chatOf(entry);
	}

	async people(query: PersonQuery = {}): Promise<KnownPerson[]> {
		return await listPeople(this.pages, query, await this.deps.me());
	}

	async person(...addresses: Array<string | null | undefined>): Promise<KnownPerson | null> {
		const ids = addresses.map(userJid).filter((id) => id !== null);
		const book = await this.book();
		for (const id of ids) {
			const entry = await book.entry(id);
			const found = entry && knownPerson(entry);
			if (found) return found;
		}
		const [person] = ids.filter(isPerson);
		const found = person === undefined ? null : await book.person(person);
		return found && { ...found, savedName: null, pushName: null, isContact: false };
	}

	async self(): Promise<Person | null> {
		return (await this.book()).self();
	}

	async addresses(address: string): Promise<string[]> {
		return await (await this.book()).addresses(address);
	}

	// Messages

	async count(chat: string): Promise<number> {
		const people = await this.book();
		return await this.deps.store.count(await people.canonical(chat));
	}

	async *messages(query: MessageQuery): AsyncIterable<KnownMessage> {
		const { limit = Infinity, order = 'newest' } = query;
		const people = await this.book();
		const chat = query.chat === undefined ? undefined : await people.canonical(query.chat);
		const bounds = await this.pages.bounds(query, chat);
		const fits = await filterOf(query, people);
		let left = limit;
		const page: Looked[] = [];
		const give = async () => await known(page.splice(0), people);
		for await (const kept of this.pages.messages({ chat, ...bounds, order })) {
			if (left <= 0) break;
			const looked = look(kept, this.deps.now());
			if (!looked || !fits(looked)) continue;
			page.push(looked);
			left -= 1;
			if (page.length >= PAGE) yield* await give();
		}
		yield* await give();
	}

	async message(id: string, chat?: string): Promise<KnownMessage | undefined> {
		const people = await this.book();
		const place = chat === undefined ? undefined : await people.canonical(chat);
		const stored = (await this.deps.store.get(id)).filter(
			(kept) => place === undefined || kept.chat === place,
		);
		const looked = [...stored]
			.sort((a, b) => b.position - a.position)
			.flatMap((kept) => look(kept, this.deps.now()) ?? [])
			.filter(({ item }) => !item.early);
		const [found] = await known(looked.slice(0, 1), people);
		// One whose time is over is not to be found elsewhere either.
		if (found || stored.length > 0) return found;
		return await this.lately(id, place, people);
	}

	async replies(id: string, chat?: string): Promise<KnownMessage[]> {
		const people = await this.book();
		const place = chat === undefined ? undefined : await people.canonical(chat);
		return await this.finding.replies(id, place, people);
	}

	async search(query: SearchQuery): Promise<SearchResult> {
		return await this.finding.search(query, await this.book());
	}

	async importChat(
		chat: string,
		exported: Exported,
		options: Parameters<History['importChat']>[2],
	): Promise<ImportResult> {
		const { store, words } = this.deps;
		const deps = { store, words, known: this };
		return await takeInExported(deps, await this.book(), chat, exported, options);
	}

	private async book(): Promise<People> {
		return new People(this.deps.store, await this.deps.me());
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
