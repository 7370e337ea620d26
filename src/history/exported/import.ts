/**
 * Takes an exported chat into the history. What is there already is recognised by its minute, its
 * author and its text, because a file has no message ids; what is imported gets ids made of the same,
 * so that importing a file again, or a longer one later, doubles nothing.
 */
import { createHash } from 'node:crypto';
import type { Baileys } from '../../baileys';
import { LinkedError } from '../../errors';
import type { Change, HistoryStore } from '../../storage/historyRole';
import { contentOf } from '../../wa/content';
import { isGroup, phoneJid } from '../../wa/ids';
import { parsePhone } from '../../wa/phone';
import { flagsOf, pack, unpack, type Item } from '../item';
import { received } from '../merge';
import { saidIn } from '../project';
import type { KnownPerson } from '../types';
import type { KeyedWords } from '../words';
import { instantOf, wall } from './dates';
import type { Exported, ExportedMessage } from './lines';

const STEP = 200;
const MINUTE = 60_000;
/** Clocks of the world differ by less from UTC. */
const ZONES_MS = 15 * 60 * MINUTE;

export interface ImportDeps {
	store: HistoryStore;
	words: KeyedWords;
	baileys: Baileys;
	/** Everybody who is known, to find authors by name. */
	people: readonly KnownPerson[];
	/** The form in which an address is known. */
	canonical(address: string): Promise<string>;
	me: { name: string | null; phone: string | null };
}

export interface ImportRequest {
	/** As it is known. */
	chat: string;
	exported: Exported;
	/** Of the phone that exported it. */
	timeZone: string;
	/** What the owner of the number is called in the file; found out when absent. */
	ownName?: string;
	/** Names and number of the other side of a direct chat. */
	partner: readonly string[];
	/** Told how far it is. */
	read?(messages: number, of: number): void;
}

export interface Imported {
	imported: number;
	alreadyThere: number;
	/** Names in the file, the own one first. */
	ownName: string | null;
	/** The last of the messages that were imported. */
	last?: { id: string; item: Item };
}

export async function importChat(deps: ImportDeps, request: ImportRequest): Promise<Imported> {
	const { chat, exported, timeZone } = request;
	const ownName = ownNameIn(deps, request);
	const authors = await authorsOf(deps, request, ownName);
	const there = await present(deps, request);
	const seen = new Map<string, number>();
	const result: Imported = { imported: 0, alreadyThere: 0, ownName };
	let changes: Change[] = [];
	const write = async () => {
		await deps.store.change(changes);
		changes = [];
		request.read?.(result.imported + result.alreadyThere, exported.messages.length);
	};
	for (const message of exported.messages) {
		const fromMe = message.author === ownName;
		const at = instantOf(message.at, timeZone);
		if (there.take(at, fromMe, message.kind === 'text' ? message.text : message.text || MEDIA)) {
			result.alreadyThere += 1;
			continue;
		}
		const id = idOf(chat, message, seen);
		const item = itemOf(message, { at, fromMe, ...authors.get(message.author) }, deps.baileys);
		changes.push(changeOf(deps, chat, id, item));
		result.imported += 1;
		if (!result.last || result.last.item.at <= at) result.last = { id, item };
		if (changes.length >= STEP) await write();
	}
	await write();
	return result;
}

const MEDIA = '\u0000media';
const DELETED = '\u0000deleted';
const POLL = '\u0000poll:';

/** Counts what is there, and takes it off one by one. */
async function present({ store, baileys }: ImportDeps, { chat, exported }: ImportRequest) {
	const counts = new Map<string, number>();
	const key = (at: number, fromMe: boolean, text: string) =>
		`${Math.floor(at / MINUTE)}|${fromMe}|${text.trim()}`;
	const times = exported.messages.map(({ at }) => wall(at));
	const [first, last] = times.reduce(
		([a, b], at) => [Math.min(a, at), Math.max(b, at)],
		[Infinity, -Infinity],
	);
	let after: number | undefined;
	for (;;) {
		const page = await store.page({ chat, after, order: 'oldest', limit: STEP });
		after = page.at(-1)?.position;
		for (const { body } of page) {
			const { at, fromMe, content, deleted } = unpack(body);
			if (at < first - ZONES_MS || at > last + ZONES_MS) continue;
			const said = content && contentOf(baileys.proto.Message.decode(content));
			const text = deleted ? DELETED : (said?.text ?? MEDIA);
			const question = said?.poll && `${POLL}${said.poll.question}`;
			const name = key(at, fromMe, question ?? text);
			counts.set(name, (counts.get(name) ?? 0) + 1);
		}
		if (page.length < STEP) break;
	}
	const takeOff = (name: string) => {
		const count = counts.get(name) ?? 0;
		if (count > 0) counts.set(name, count - 1);
		return count > 0;
	};
	return {
		take(at: number, fromMe: boolean, text: string): boolean {
			// A poll has its question in the first or second line, and its options below.
			const questions = text
				.split('\n')
				.slice(0, 2)
				.map((line) => POLL + line);
			// A deleted message says so in the file, in words that we do not know.
			return [text, ...questions, DELETED].some((each) => takeOff(key(at, fromMe, each)));
		},
	};
}

/** @throws LinkedError `bad-parameter` when nobody can tell which of two names is the own one */
function ownNameIn({ me }: ImportDeps, { chat, exported, ownName, partner }: ImportRequest) {
	const names = [...new Set(exported.messages.map(({ author }) => author))];
	const same = (a: string, b: string | null) => b !== null && plainName(a) === plainName(b);
	if (ownName) {
		const found = names.find((name) => same(name, ownName));
		if (found) return found;
		throw new LinkedError('bad-parameter', {
			detail: 'Your Name in the File: nobody in this file is called that.',
			data: { field: 'Your Name in the File' },
		});
	}
	const own = names.find((name) => same(name, me.name) || same(name, me.phone));
	if (own) return own;
	if (isGroup(chat)) return null;
	const others = names.filter((name) => !partner.some((known) => same(name, known)));
	if (others.length === 0) return null;
	if (others.length === 1 && names.length <= 2) return others[0] ?? null;
	throw new LinkedError('bad-parameter', {
		detail: `Your Name in the File: say which of these is yours: ${names.slice(0, 5).join(', ')}.`,
		data: { field: 'Your Name in the File' },
	});
}

const plainName = (name: string): string =>
	name
		.normalize('NFKC')
		.replace(/[\s~()-]/g, '')
		.toLocaleLowerCase();

/** Who the names in the file are. In a direct chat that needs no looking. */
async function authorsOf(
	{ people, canonical }: ImportDeps,
	{ chat, exported }: ImportRequest,
	ownName: string | null,
): Promise<Map<string, Pick<Item, 'from' | 'author'>>> {
	const authors = new Map<string, Pick<Item, 'from' | 'author'>>();
	for (const { author } of exported.messages) {
		if (authors.has(author)) continue;
		if (author === ownName || !isGroup(chat)) {
			authors.set(author, {});
			continue;
		}
		const phone = parsePhone(author);
		const named = people.filter(({ savedName, pushName }) =>
			[savedName, pushName].some((name) => name && plainName(name) === plainName(author)),
		);
		const [only] = named;
		if (phone.ok) authors.set(author, { from: await canonical(phoneJid(phone.value.phone)) });
		else if (only && named.length === 1) authors.set(author, { from: only.id });
		else authors.set(author, { author });
	}
	return authors;
}

/** The same for the same message in every file that has it. */
function idOf(chat: string, message: ExportedMessage, seen: Map<string, number>): string {
	const { author, text, fileName } = message;
	const minute = Math.floor(wall(message.at) / MINUTE);
	const name = JSON.stringify([chat, minute, plainName(author), text, fileName]);
	const nth = (seen.get(name) ?? 0) + 1;
	seen.set(name, nth);
	const hash = createHash('sha256').update(`${name}#${nth}`).digest('hex');
	return `IMPORTED-${hash.slice(0, 24).toUpperCase()}`;
}

function itemOf(
	{ text, kind, fileName, edited }: ExportedMessage,
	who: Pick<Item, 'at' | 'fromMe' | 'from' | 'author'>,
	{ proto: { Message } }: Baileys,
): Item {
	const isFile = kind !== 'text';
	const content = isFile
		? { documentMessage: { fileName, caption: text || undefined } }
		: { conversation: text };
	return {
		...who,
		kind,
		content: Message.encode(content).finish(),
		imported: true,
		...(isFile ? { media: true } : {}),
		...(edited ? { editedAt: who.at } : {}),
	};
}

function changeOf(deps: ImportDeps, chat: string, id: string, item: Item): Change {
	const { words, baileys } = deps;
	return {
		chat,
		id,
		step(kept) {
			const after = received(kept && unpack(kept.body), item);
			if (!after) return undefined;
			const texts = item.content ? saidIn(item.content, baileys.proto).texts : [];
			const about = { chat, from: item.fromMe ? '' : (item.from ?? chat) };
			return {
				second: Math.floor(after.at / 1_000),
				flags: flagsOf(after),
				body: pack(after),
				words: words.index(texts, about),
			};
		},
	};
}
