/** Taking an exported chat in: who is who in it, and what the list of chats shows of it. */
import { loadBaileys } from '../../baileys';
import type { HistoryStore } from '../../storage/historyRole';
import { contentOf } from '../../wa/content';
import { chatKindOf, packEntry } from '../entry';
import { instantOf } from '../exported/dates';
import { importChat } from '../exported/import';
import type { Exported } from '../exported/lines';
import type { Item } from '../item';
import type { People } from '../people';
import type { History, ImportResult, LastMessage } from '../types';
import type { KeyedWords } from '../words';

export interface ImportDeps {
	store: HistoryStore;
	words: KeyedWords;
	/** What is known of chats and people. */
	known: Pick<History, 'chat' | 'people'>;
}

export async function takeInExported(
	{ store, words, known }: ImportDeps,
	book: People,
	chat: string,
	exported: Exported,
	{ timeZone, ownName, read }: Parameters<History['importChat']>[2],
): Promise<ImportResult> {
	const address = await book.canonical(chat);
	const { name, person } = (await known.chat(address)) ?? { name: null, person: null };
	const partner = [name, person?.savedName, person?.pushName, person?.phone];
	const self = book.self();
	const { last, ...result } = await importChat(
		{
			store,
			words,
			baileys: await loadBaileys(),
			people: await known.people(),
			canonical: async (each) => await book.canonical(each),
			me: { name: self?.name ?? null, phone: self?.phone ?? null },
		},
		{
			chat: address,
			exported,
			timeZone,
			ownName,
			read,
			partner: partner.filter((each) => typeof each === 'string'),
		},
	);
	const [entry] = await store.getEntries([address]);
	const kind = chatKindOf(address);
	const shown = last && (await shownLast(last));
	if (shown && !entry && kind) {
		await store.setEntries([packEntry({ id: address, kind, lastAt: shown.at, last: shown })]);
	}
	const times = exported.messages.map(({ at }) => instantOf(at, timeZone));
	return {
		...result,
		from: times.reduce((a, b) => Math.min(a, b), Infinity),
		to: times.reduce((a, b) => Math.max(a, b), 0),
		...(shown ? { last: shown } : {}),
	};
}

async function shownLast({ id, item }: { id: string; item: Item }): Promise<LastMessage> {
	const { at, fromMe, kind, content } = item;
	const { proto } = await loadBaileys();
	const text = content ? contentOf(proto.Message.decode(content)).text : null;
	return { id, at, fromMe, kind, text };
}
