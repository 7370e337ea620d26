/** What the list of chats is told, and when it is stored, beside the messages. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { loadBaileys } from '../../src/baileys';
import { systemClock, type Clock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import type { NormaliseContext } from '../../src/events/types';
import { Directory } from '../../src/history/directory';
import { unpackEntry } from '../../src/history/entry';
import { Keeper } from '../../src/history/keeper';
import { KEEP_ALL } from '../../src/history/keeping';
import { KeyedWords } from '../../src/history/words';
import { silentLog } from '../../src/log';
import { UNSEALED } from '../../src/storage/historyRole';
import { openStorage } from '../../src/storage/open';
import type { HistoryStore, Storage } from '../../src/storage/roles';
import { temporaryFolder } from '../helpers/storage';

const ANNA = '200000000000101@lid';
const clock: Clock = { ...systemClock, sleep: async () => await Promise.resolve() };
const folder = temporaryFolder();
let storage: Storage;
let store: HistoryStore;
/** What was asked of the storage, and what it answered. */
let asked: string[];
/** How many changes fail after they were made, as if the disk were full. */
let failures: number;

beforeEach(() => {
	storage = openStorage({ kind: 'sqlite', folder: folder.path }, { clock, log: silentLog });
	store = storage.account('account').history(UNSEALED);
	asked = [];
	failures = 0;
});
afterEach(async () => {
	await storage.account('account').erase();
	await storage.close();
});
afterAll(() => folder.remove());

async function keeper(): Promise<Keeper> {
	const watched = Object.assign(Object.create(store) as HistoryStore, {
		async change(...args: Parameters<HistoryStore['change']>) {
			asked.push('change');
			if (failures-- > 0) {
				for (const { step } of args[0]) step(undefined);
				await Promise.resolve();
				throw new LinkedError('storage-full');
			}
			await store.change(...args);
			asked.push('changed');
		},
		async setEntries(...args: Parameters<HistoryStore['setEntries']>) {
			asked.push('entries');
			await store.setEntries(...args);
		},
	});
	const fence = () => undefined;
	const directory = new Directory({
		...{ store: watched, fence, clock, log: silentLog },
		joined: () => {},
	});
	const context = {
		addresses: (...given) => Promise.resolve(given.filter((each) => typeof each === 'string')),
		isMe: () => false,
	} satisfies Partial<NormaliseContext>;
	return new Keeper({
		...{ store: watched, directory, fence, clock, log: silentLog },
		words: new KeyedWords(Buffer.alloc(32, 7)),
		baileys: await loadBaileys(),
		context: () => context as unknown as NormaliseContext,
		keeping: () => KEEP_ALL,
	});
}

const message = (id: string): WAMessage => ({
	key: { remoteJid: ANNA, id, fromMe: false },
	messageTimestamp: 1_790_000_000,
	message: { conversation: `text ${id}` },
});

async function entry() {
	const [stored] = await store.getEntries([ANNA]);
	return stored && unpackEntry(stored);
}

test('what the list of chats says is committed together with the messages', async () => {
	const keep = await keeper();
	const messages = ['a', 'b', 'c'].map(message);
	await keep.take({ 'messages.upsert': { messages, type: 'notify' } });
	expect(asked).toEqual(['change', 'entries', 'changed']);
	expect(await entry()).toMatchObject({ unread: 3, last: { id: 'c', text: 'text c' } });
});

test('a message that the storage took at the third attempt is counted once', async () => {
	const keep = await keeper();
	failures = 2;
	await keep.take({ 'messages.upsert': { messages: [message('a')], type: 'notify' } });
	await keep.take({ 'messages.upsert': { messages: [message('b')], type: 'notify' } });
	expect(asked.filter((each) => each === 'changed')).toHaveLength(2);
	expect(await entry()).toMatchObject({ unread: 2, last: { id: 'b' } });
	expect(await store.count()).toBe(2);
});
