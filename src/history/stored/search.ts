/** Finding messages by what they say and by what they answer, with an index of words or without. */
import { loadBaileys, type Baileys } from '../../baileys';
import { LinkedError } from '../../errors';
import type { HistoryStore, Kept, Phrase } from '../../storage/historyRole';
import type { People } from '../people';
import { saidIn } from '../project';
import type { KnownMessage, SearchQuery, SearchResult } from '../types';
import { hasTerms, termsOf, wordsOf, type KeyedWords } from '../words';
import { filterOf, known, look, type Looked } from './looked';
import type { Pages } from './pages';

/** Without an index of words, so many messages are looked through, the newest of all chats. */
const WINDOW = 50_000;

export interface SearchDeps {
	store: HistoryStore;
	pages: Pages;
	words: KeyedWords;
	now(): number;
}

export class Search {
	constructor(private readonly deps: SearchDeps) {}

	async search(query: SearchQuery, people: People): Promise<SearchResult> {
		const terms = termsOf(query.text);
		if (terms.length === 0) {
			throw new LinkedError('bad-parameter', {
				detail: 'Text: there is no word in it to search for.',
				data: { field: 'Text' },
			});
		}
		const { store, pages, words, now } = this.deps;
		const baileys = await loadBaileys();
		const chat = query.chat === undefined ? undefined : await people.canonical(query.chat);
		const bounds = await pages.bounds(query, chat);
		const fits = await filterOf(query, people);
		const phrases = words.terms(terms);
		if (chat !== undefined) phrases.push({ words: [words.mark('chat', chat)], prefix: false });
		const source = store.indexed
			? pages.indexed(phrases, bounds)
			: pages.messages({ chat, ...bounds, order: 'newest' });
		const found: Looked[] = [];
		let lookedThrough = 0;
		let lookedBackTo: number | null = null;
		for await (const kept of source) {
			if (found.length >= query.limit) break;
			const looked = look(kept, now());
			if (!store.indexed && lookedThrough >= WINDOW) {
				lookedBackTo = looked?.item.at ?? 0;
				break;
			}
			lookedThrough += 1;
			const content = looked?.item.content;
			if (!content || !fits(looked) || !mayHave(content, terms)) continue;
			if (hasTerms(allWords(content, baileys), terms)) found.push(looked);
		}
		return {
			messages: await known(found, people),
			complete: lookedBackTo === null,
			lookedThrough: store.indexed ? null : lookedThrough,
			lookedBackTo,
		};
	}

	/** @param place the chat as it is known; any when undefined */
	async replies(id: string, place: string | undefined, people: People): Promise<KnownMessage[]> {
		const { store, pages, words, now } = this.deps;
		const found: Looked[] = [];
		const consider = (kept: Kept) => {
			const looked = look(kept, now());
			if (looked?.item.quotes !== id) return;
			if (place === undefined || kept.chat === place) found.push(looked);
		};
		if (store.indexed) {
			const phrases = [{ words: [words.mark('quotes', id)], prefix: false }];
			for await (const kept of pages.indexed(phrases)) consider(kept);
			found.reverse();
		} else {
			// Answers come after what they answer, in the same chat.
			for (const { chat, position } of await store.get(id)) {
				if (place !== undefined && chat !== place) continue;
				let left = WINDOW;
				for await (const kept of pages.messages({ chat, after: position, order: 'oldest' })) {
					consider(kept);
					if (--left <= 0) break;
				}
			}
		}
		return await known(found, people);
	}
}

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
function allWords(content: Uint8Array, { proto }: Baileys): string[] {
	return saidIn(content, proto).texts.flatMap((text) => [...wordsOf(text), '']);
}
