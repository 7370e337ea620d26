import { pack, type Item } from '../../src/history/item';
import { KEEP_ALL, keepsChat, type Keeping } from '../../src/history/keeping';
import { Retention } from '../../src/history/retention';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { HistoryStore, Storage } from '../../src/storage/roles';
import { UNSEALED } from '../../src/storage/historyRole';
import { manualClock } from '../helpers/storage';

const ANNA = '200000000000101@lid';
const ANNA_BY_PHONE = '15550100101@s.whatsapp.net';
const GROUP = '120363000000000001@g.us';
const NOW = Date.UTC(2026, 0, 31);
const DAY = 24 * 60 * 60;

const canonical = (address: string) => (address === ANNA_BY_PHONE ? ANNA : address);
const clock = manualClock(NOW);
let storage: Storage;
let store: HistoryStore;
let emptied: Array<[string, number?]>;
let withTimer: string[];
let timers: Map<string, boolean>;

beforeEach(async () => {
	storage = openStorage({ kind: 'memory' }, { clock, log: silentLog });
	store = storage.account('account').history(UNSEALED);
	emptied = [];
	withTimer = [];
	timers = new Map();
	const message = (chat: string, day: number) => ({
		chat,
		id: `${chat}-${day}`,
		step: () => ({ second: NOW / 1_000 - day * DAY, flags: 0, body: Buffer.from('x'), words: 'x' }),
	});
	const days = Array.from({ length: 30 }, (_, day) => day);
	await store.change(
		[ANNA, GROUP, 'status@broadcast'].flatMap((chat) => days.map((day) => message(chat, day))),
	);
});
afterEach(async () => await storage.close());

async function keep(keeping: Partial<Keeping>): Promise<Record<string, number>> {
	const retention = new Retention({
		store,
		directory: {
			canonical,
			emptied: (...chat) => void emptied.push(chat),
			withTimer,
			disappearing: (chat, is) => void timers.set(chat, is),
			forgot: () => {},
		},
		keeping: () => ({ ...KEEP_ALL, ...keeping }),
		clock,
		log: silentLog,
	});
	await retention.run();
	const counts: Record<string, number> = {};
	for (const chat of await store.chats()) counts[chat] = await store.count(chat);
	return counts;
}

test('all is kept by default, but for statuses older than a day', async () => {
	expect(await keep({})).toEqual({ [ANNA]: 30, [GROUP]: 30, 'status@broadcast': 2 });
});

test('messages older than so many days go', async () => {
	expect(await keep({ days: 7 })).toMatchObject({ [ANNA]: 8, [GROUP]: 8 });
	expect(emptied).toContainEqual([ANNA, NOW - 7 * DAY * 1_000]);
});

test('only so many of each chat stay, the newest', async () => {
	expect(await keep({ perChat: 5 })).toMatchObject({ [ANNA]: 5, [GROUP]: 5 });
	const [newest] = await store.page({ chat: ANNA, order: 'newest', limit: 1 });
	expect(newest?.id).toBe(`${ANNA}-0`);
});

test('chats that are not kept go as a whole', async () => {
	expect(await keep({ chats: 'direct' })).toEqual({ [ANNA]: 30 });
	expect(await keep({ chats: 'chosen', chosen: [GROUP] })).toEqual({});
	expect(emptied).toContainEqual([ANNA]);
});

test('a chosen person is known by number or LID', async () => {
	expect(await keep({ chats: 'chosen', chosen: [ANNA_BY_PHONE] })).toEqual({ [ANNA]: 30 });
	const keeping = { ...KEEP_ALL, chats: 'none' as const };
	expect(keepsChat(keeping, ANNA, canonical)).toBe(false);
});

test('messages that disappear go when their time is over, unless they are kept in the chat', async () => {
	const said = (id: string, more: Partial<Item>) => ({
		chat: 'x@g.us',
		id,
		step: () => {
			const item: Item = { at: NOW, fromMe: false, kind: 'text', ...more };
			return { second: NOW / 1_000, flags: 0, body: pack(item), words: id };
		},
	});
	await store.change([
		said('over', { expiresAt: NOW - 1 }),
		said('held', { expiresAt: NOW - 1, held: true }),
		said('later', { expiresAt: NOW + 1 }),
		said('stays', {}),
	]);
	withTimer = ['x@g.us'];
	await keep({});
	const left = await store.page({ chat: 'x@g.us', order: 'oldest', limit: 10 });
	expect(left.map(({ id }) => id)).toEqual(['held', 'later', 'stays']);
	expect(timers.size).toBe(0);
	clock.advance(10);
	await keep({});
	expect(await store.get('later')).toEqual([]);
	expect(timers).toEqual(new Map([['x@g.us', false]]));
});
