/** What the embedded history remembers of the file, when the file is not what it was. */
import { join } from 'node:path';
import { createSealer } from '../../src/auth';
import { silentLog } from '../../src/log';
import { FLAG, positionOf, SLOTS, type Change, type Kept } from '../../src/storage/historyRole';
import { openStorage } from '../../src/storage/open';
import { manualClock, temporaryFolder } from '../helpers/storage';

const SEALER = createSealer('test key', 'account');
const CHAT = '200000000000101@lid';
const folder = temporaryFolder();
const storage = openStorage(
	{ kind: 'sqlite', folder: folder.path },
	{ log: silentLog, clock: manualClock() },
);
const account = storage.account('account');
const history = account.history(SEALER);

afterAll(async () => {
	await storage.close();
	folder.remove();
});

afterEach(async () => await history.clear());

const put = (id: string, second: number, chat = CHAT): Change => ({
	chat,
	id,
	step: () => ({ second, flags: 0, body: Buffer.from(id), words: id }),
});

const fails: Change = {
	chat: CHAT,
	id: 'fails',
	step: () => {
		throw new Error('test');
	},
};

const ids = async (chat = CHAT) =>
	(await history.page({ chat, order: 'oldest', limit: 100 })).map(({ id }) => id);

test('a chat that was taken back before it was committed is made anew', async () => {
	await expect(history.change([put('a', 10), fails])).rejects.toThrow();
	await history.change([put('other', 10, 'other@lid')]);
	await history.change([put('a', 10), put('b', 10)]);
	expect(await ids()).toEqual(['a', 'b']);
	expect(await ids('other@lid')).toEqual(['other']);
	expect((await history.chats()).sort()).toEqual([CHAT, 'other@lid'].sort());
});

test('after the history was removed, by whomever, the same chats are kept again', async () => {
	await history.change([put('a', 10)]);
	await account.erase();
	expect(await ids()).toEqual([]);
	await history.change([put('b', 10)]);
	expect(await history.chats()).toEqual([CHAT]);
	expect((await history.get('b')).map(({ chat }) => chat)).toEqual([CHAT]);
});

test('erasing that ends half-way leaves the note of whose history is left', async () => {
	const place = { kind: 'sqlite', folder: join(folder.path, 'half') } as const;
	const open = () => openStorage(place, { log: silentLog, clock: manualClock() });
	const before = open();
	const half = before.account('account');
	await half.facts.set('self', Buffer.from('whose'));
	await half.history(SEALER).change(Array.from({ length: 1_000 }, (_, n) => put(`m${n}`, n)));
	const erasing = half.erase();
	while ((await half.facts.get('self')) && (await half.history(SEALER).count()) === 1_000) {
		await new Promise((resolve) => setImmediate(resolve));
	}
	await Promise.all([before.close(), expect(erasing).rejects.toThrow()]);
	const after = open();
	const left = after.account('account');
	expect(await left.history(SEALER).count()).toBeGreaterThan(0);
	expect(await left.facts.get('self')).toBeDefined();
	await left.erase();
	expect(await left.history(SEALER).count()).toBe(0);
	expect(await left.facts.get('self')).toBeUndefined();
	await after.close();
});

test('accounts share a file and no position in it', async () => {
	const other = storage.account('another').history(SEALER);
	for (const n of [1, 2, 3]) {
		await history.change([put(`mine${n}`, 20)]);
		await other.change([put(`theirs${n}`, 20)]);
	}
	expect(await ids()).toEqual(['mine1', 'mine2', 'mine3']);
	const theirs = await other.page({ order: 'oldest', limit: 10 });
	expect(theirs.map(({ id }) => id)).toEqual(['theirs1', 'theirs2', 'theirs3']);
	await other.clear();
});

test('a second that is full flows into the next one, which keeps its own order', async () => {
	const many = Array.from({ length: SLOTS + 2 }, (_, n) => put(`m${n}`, 30));
	await history.change([put('next1', 31), ...many.slice(0, -1)]);
	await history.change([put('next2', 31), ...many.slice(-1), put('next3', 31)]);
	const after = positionOf(31) - 2;
	const found = await history.page({ chat: CHAT, after, order: 'oldest', limit: 10 });
	expect(found.map(({ id }) => id)).toEqual([
		...[`m${SLOTS - 1}`, 'next1', `m${SLOTS}`, 'next2', `m${SLOTS + 1}`, 'next3'],
	]);
});

test('a message that is gone leaves its place to nobody out of order', async () => {
	await history.change([put('a', 40), put('b', 40)]);
	await history.change([{ chat: CHAT, id: 'b', step: () => null }]);
	await history.change([put('c', 40), put('d', 40)]);
	expect(await ids()).toEqual(['a', 'c', 'd']);
});

/** A message of the own number, which is remembered. */
const own = (id: string, said: string, second = 50): Change => ({
	chat: CHAT,
	id,
	step: () => ({ second, flags: FLAG.fromMe, body: Buffer.from(said), words: 'own' }),
});

/** What a change of this message would find. */
async function before(id: string, store = history): Promise<string | undefined> {
	let found: Kept | undefined;
	await store.change([{ chat: CHAT, id, step: (kept) => void (found = kept) }]);
	return found && Buffer.from(found.body).toString();
}

test('an own message is found as it was written last, by every store of the account', async () => {
	await history.change([own('a', 'one')]);
	expect(await before('a')).toBe('one');
	await account.history(SEALER).change([own('a', 'two')]);
	expect(await before('a')).toBe('two');
	const another = account.history(createSealer('test key', 'account'));
	await another.change([own('a', 'three', 60)]);
	expect(await before('a')).toBe('three');
	const wrong = account.history(createSealer('another key', 'account'));
	await expect(before('a', wrong)).rejects.toThrow();
	const [a] = await history.page({ chat: CHAT, order: 'newest', limit: 1 });
	expect(a?.position).toBe(positionOf(60));
});

test('an own message that was taken back or removed is not found', async () => {
	await history.change([own('a', 'one'), own('b', 'one'), own('c', 'one', 10)]);
	await expect(history.change([own('a', 'two'), own('d', 'two'), fails])).rejects.toThrow();
	expect([await before('a'), await before('d')]).toEqual(['one', undefined]);
	await history.change([{ chat: CHAT, id: 'b', step: () => null }]);
	await history.trim(CHAT, { before: positionOf(20) });
	expect([await before('b'), await before('c')]).toEqual([undefined, undefined]);
	await history.drop(CHAT);
	expect(await before('a')).toBeUndefined();
	await history.change([own('a', 'new')]);
	expect(await before('a')).toBe('new');
});
