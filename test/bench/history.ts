/**
 * The history at a size that a busy number reaches in years: a million messages in 5 000 chats, on
 * both storages, against the plain way: one Keyv entry a chat that holds an array of its messages.
 * Alone: npm run bench -- history [messages] [chats] [embedded | redis]
 */
import Keyv from 'keyv';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSealer } from '../../src/auth';
import { loadBaileys, type Baileys } from '../../src/baileys';
import { systemClock } from '../../src/clock';
import { wordsFor } from '../../src/history';
import { packEntry } from '../../src/history/entry';
import { pack, type Item } from '../../src/history/item';
import { StoredHistory } from '../../src/history/stored';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { Change, HistoryStore, Storage } from '../../src/storage/roles';
import { Database } from '../../src/storage/sqlite/database';
import { KeyvSqlite } from '../../src/storage/sqlite/keyvSqlite';
import { firstSync, type FirstSync } from './firstSync';
import { hasRedis, RedisServer } from '../helpers/redis';
import { temporaryFolder } from '../helpers/storage';

const MESSAGES = Number(process.argv[2] ?? 1_000_000);
const CHATS = Number(process.argv[3] ?? 5_000);
const ONLY = process.argv[4];
const EACH = Math.ceil(MESSAGES / CHATS);
const ROUNDS = 50;
const START = Date.UTC(2024, 0, 1) / 1_000;

const sealer = createSealer('bench key', 'bench');
const words = wordsFor(sealer);
const chatOf = (n: number) => `2${String(n).padStart(14, '0')}@lid`;

/** Words as people use them: a few all the time, most hardly ever. */
const vocabulary = Array.from({ length: 30_000 }, (_, n) => {
	let word = '';
	for (
		let rest = n * 2_654_435_761 + 97;
		word.length < 3 + (n % 7);
		rest = Math.floor(rest / 19) + n
	) {
		word += 'etaoinsrhldcumfpgwyb'.charAt(rest % 20);
	}
	return word;
});
let seed = 1;
const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

/** Every fifth message has the word "meeting", one in 100 000 "zeppelin". */
function textOf(n: number): string {
	const length = 3 + Math.floor(random() * 15);
	const said = Array.from({ length }, () => vocabulary[Math.floor(30_000 * random() ** 4)] ?? '');
	if (n % 5 === 0) said.push('meeting');
	if (n % 100_000 === 7) said.push('zeppelin');
	return said.join(' ');
}

const second = (chat: number, n: number) => START + n * 3_600 + (chat % 3_600);

function* changes(baileys: Baileys, chat: number): Generator<Change> {
	for (let n = 0; n < EACH; n++) {
		const text = textOf(chat * EACH + n);
		const item: Item = {
			at: second(chat, n) * 1_000,
			fromMe: n % 3 === 0,
			kind: 'text',
			content: baileys.proto.Message.encode({ conversation: text }).finish(),
			...(n % 3 === 0 ? { status: 4, receipts: [[chatOf(chat), 1, 2, 0]] } : {}),
		};
		const about = { chat: chatOf(chat), from: item.fromMe ? '' : chatOf(chat) };
		const keyed = words.index([text], about);
		const id = `3EB0${String(chat * EACH + n).padStart(16, '0')}`;
		const step = () => ({
			second: second(chat, n),
			flags: item.fromMe ? 1 : 0,
			body: pack(item),
			words: keyed,
		});
		yield { chat: chatOf(chat), id, step };
	}
}

async function fill(store: HistoryStore, baileys: Baileys): Promise<number> {
	seed = 1;
	const started = performance.now();
	for (let chat = 0; chat < CHATS; chat++) {
		await store.change([...changes(baileys, chat)]);
		const lastAt = second(chat, EACH - 1) * 1_000;
		const last = { id: 'x', at: lastAt, fromMe: false, kind: 'text', text: 'the last words' };
		await store.setEntries([
			packEntry({ id: chatOf(chat), kind: 'person', name: `Person ${chat}`, lastAt, last }),
		]);
	}
	return performance.now() - started;
}

async function measure(
	work: (round: number) => Promise<unknown>,
	rounds = ROUNDS,
): Promise<string> {
	await work(0);
	const times: number[] = [];
	for (let round = 1; round <= rounds; round++) {
		const started = performance.now();
		await work(round);
		times.push(performance.now() - started);
	}
	times.sort((a, b) => a - b);
	const at = (part: number) =>
		times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
	const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0)).padStart(8);
	return `p50 ${ms(at(0.5))} ms   p99 ${ms(at(0.99))} ms`;
}

const say = (what: string, figures: string) => console.log(`  ${what.padEnd(44)} ${figures}`);
const pick = (round: number) => chatOf((round * 7_919) % CHATS);

async function ours(name: string, storage: Storage, bytes: () => number): Promise<void> {
	await storage.ready();
	const baileys = await loadBaileys();
	const account = storage.account('bench');
	const store = account.history(sealer);
	const before = bytes();
	const took = await fill(store, baileys);
	console.log(`${name}`);
	say('writing', `${((took / MESSAGES) * 1_000).toFixed(0).padStart(12)} µs a message`);
	say('stored', `${((bytes() - before) / MESSAGES).toFixed(0).padStart(12)} bytes a message`);
	const history = new StoredHistory({
		store,
		words,
		me: async () => await Promise.resolve({ lid: null, phone: null, name: 'Me' }),
		lately: async () => await Promise.resolve(undefined),
		now: () => Date.now(),
	});
	const last = async (round: number) => {
		let count = 0;
		for await (const message of history.messages({ chat: pick(round), limit: 100 })) {
			count += message.id ? 1 : 0;
		}
		if (count !== Math.min(100, EACH)) throw new Error(`${count} messages`);
	};
	say('the last 100 messages of a chat', await measure(last));
	say('the 50 most recent chats', await measure(async () => await history.chats({ limit: 50 })));
	say(`all ${CHATS} chats`, await measure(async () => await history.chats(), 20));
	const search = async (text: string) => await history.search({ text, limit: 50 });
	const rounds = store.indexed ? 20 : 3;
	for (const text of ['zeppelin', 'meeting', '"meeting" zepp*']) {
		const { complete, lookedThrough, messages } = await search(text);
		const scope = complete ? '' : `, of the newest ${lookedThrough}`;
		const what = `search ${text} (${messages.length} found${scope})`;
		say(what, await measure(async () => await search(text), rounds));
	}
	const add = async (round: number) => {
		const [change] = changes(baileys, CHATS + 1);
		await store.change([{ ...change!, id: `NEW${round}`, chat: pick(round) }]);
	};
	say('one more message', await measure(add));
}

/** The plain way: an array for each chat, unencrypted, read and written as a whole. */
async function plain(name: string, keyv: Keyv, bytes: () => number): Promise<void> {
	seed = 1;
	const before = bytes();
	const started = performance.now();
	for (let chat = 0; chat < CHATS; chat++) {
		const messages = Array.from({ length: EACH }, (_, n) => ({
			key: { remoteJid: chatOf(chat), id: `3EB0${chat * EACH + n}`, fromMe: n % 3 === 0 },
			message: { conversation: textOf(chat * EACH + n) },
			messageTimestamp: second(chat, n),
			status: 4,
		}));
		await keyv.set(chatOf(chat), messages);
	}
	const took = performance.now() - started;
	type Stored = Array<{ message: { conversation: string } }>;
	console.log(`${name}, the plain way (a Keyv entry a chat with its array, not encrypted)`);
	say(
		'writing a whole chat at once',
		`${((took / MESSAGES) * 1_000).toFixed(0).padStart(12)} µs a message`,
	);
	say('stored', `${((bytes() - before) / MESSAGES).toFixed(0).padStart(12)} bytes a message`);
	const all = async (chat: string) => (await keyv.get<Stored>(chat)) ?? [];
	say(
		'the last 100 messages of a chat',
		await measure(async (round) => (await all(pick(round))).slice(-100)),
	);
	const everything = async (look: (messages: Stored) => void) => {
		for (let chat = 0; chat < CHATS; chat++) look(await all(chatOf(chat)));
	};
	say(
		`all ${CHATS} chats (by their last message)`,
		await measure(async () => await everything((m) => m.at(-1)), 1),
	);
	const search = async () =>
		await everything((m) => m.filter(({ message }) => message.conversation.includes('zeppelin')));
	say('search zeppelin', await measure(search, 1));
	const add = async (round: number) => {
		const messages = await all(pick(round));
		await keyv.set(pick(round), [...messages, { message: { conversation: 'one more' } }]);
	};
	say('one more message', await measure(add));
}

/** The size of the file, with all that waits beside it written into it. */
function sizeOf(folder: string): () => number {
	return () => {
		const path = join(folder, 'storage.sqlite');
		const db = new DatabaseSync(path);
		db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
		db.close();
		return statSync(path).size;
	};
}

export async function run(): Promise<void> {
	console.log(`${MESSAGES} messages in ${CHATS} chats`);
	const deps = { clock: systemClock, log: silentLog };
	if (ONLY !== 'redis') await inFile(deps);
	if (ONLY !== 'embedded' && hasRedis()) await inRedis(deps);
}

function tellSync({ names, all, blocked, grown }: FirstSync): void {
	const seconds = (ms: number) => `${(ms / 1_000).toFixed(1).padStart(12)} s`;
	say('first sync, 2 000 chats: names, from "connected"', seconds(names));
	say('and all 20 000 messages', seconds(all));
	say('longest that the process stood still', `${blocked.toFixed(0).padStart(12)} ms`);
	say('memory more at most', `${(grown / 1024 ** 2).toFixed(0).padStart(12)} MB`);
}

type Deps = Parameters<typeof openStorage>[1];

async function inFile(deps: Deps): Promise<void> {
	const folder = temporaryFolder('bench-history');
	const embedded = openStorage({ kind: 'sqlite', folder: folder.path }, deps);
	await ours('Embedded', embedded, sizeOf(folder.path));
	await embedded.close();
	folder.remove();
	const synced = temporaryFolder('bench-sync');
	tellSync(await firstSync({ kind: 'sqlite', folder: synced.path }));
	synced.remove();
	const other = temporaryFolder('bench-plain');
	const database = new Database(other.path, silentLog);
	database.open();
	await plain('Embedded', new Keyv({ store: new KeyvSqlite(database) }), sizeOf(other.path));
	database.close();
	other.remove();
}

async function inRedis(deps: Deps): Promise<void> {
	const server = await RedisServer.start();
	const used = () => Number(/used_memory:(\d+)/.exec(server.cli('INFO', 'memory'))?.[1]);
	const redis = openStorage({ kind: 'redis', url: server.url }, deps);
	await ours('Redis', redis, used);
	await redis.close();
	server.cli('FLUSHALL');
	tellSync(await firstSync({ kind: 'redis', url: server.url }));
	server.cli('FLUSHALL');
	const { default: KeyvRedis } = await import('@keyv/redis');
	const adapter = new KeyvRedis(server.url);
	await plain('Redis', new Keyv({ store: adapter }), used);
	await adapter.disconnect();
	await server.close();
}
