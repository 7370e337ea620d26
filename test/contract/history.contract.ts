import { createSealer } from '../../src/auth';
import {
	FLAG,
	positionOf,
	SLOTS,
	type Change,
	type Draft,
	type Entry,
	type HistoryStore,
	type Kept,
} from '../../src/storage/historyRole';
import { ACCOUNT, bytes, hold, UNUSUAL, withCode, type Stage } from './storage.contract';

const sealer = () => createSealer('test key', ACCOUNT);
const CHAT = '200000000000101@lid';

const draft = (second: number, said = '', more: Partial<Draft> = {}): Draft => ({
	second,
	flags: 0,
	body: bytes(said),
	words: said,
	...more,
});

const put = (id: string, second: number, said = id, chat = CHAT): Change => ({
	chat,
	id,
	step: () => draft(second, said),
});

const said = ({ body }: Kept) => Buffer.from(body).toString();
const ids = (kept: Kept[]) => kept.map(({ id }) => id);
const count = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, index) => from + index);

/** Numbers from 0 to 1, the same for the same seed. */
function dice(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

export function historyContract(stage: Stage): void {
	const store = (): HistoryStore => stage.account.history(sealer());
	const again = async () =>
		(await stage.backend.openAgain?.())?.account(ACCOUNT).history(sealer()) ?? store();
	const page = async (more: object = {}) =>
		await store().page({ chat: CHAT, order: 'newest', limit: 100, ...more });

	/** All of a chat, page by page. */
	async function all(from: HistoryStore, order: 'newest' | 'oldest', limit: number) {
		const found: Kept[] = [];
		for (;;) {
			const last = found.at(-1)?.position;
			const edge = order === 'newest' ? { before: last } : { after: last };
			const next = await from.page({ chat: CHAT, order, limit, ...edge });
			if (next.length === 0) return found;
			found.push(...next);
		}
	}

	it('has messages in the order of their times, whatever the order they came in', async () => {
		await store().change([put('c', 30), put('a', 10)]);
		await store().change([put('b', 20, 'hello')]);
		expect(ids(await page())).toEqual(['c', 'b', 'a']);
		expect(ids(await page({ order: 'oldest' }))).toEqual(['a', 'b', 'c']);
		const [, b] = await page();
		expect(b).toMatchObject({ chat: CHAT, id: 'b', flags: 0 });
		expect(said(b!)).toBe('hello');
		expect(Math.floor(b!.position / SLOTS)).toBe(20);
		expect(await store().count()).toBe(3);
	});

	it('keeps messages of the same second in the order they came in', async () => {
		await store().change(['x', 'b', 'z', 'a'].map((id) => put(id, 5)));
		await store().change([put('y', 5), put('before', 4), put('after', 6)]);
		await store().change([put('c', 5)]);
		const expected = ['before', 'x', 'b', 'z', 'a', 'y', 'c', 'after'];
		expect(ids(await page({ order: 'oldest' }))).toEqual(expected);
	});

	it('gives the part between two positions', async () => {
		await store().change(count(0, 10).map((n) => put(`m${n}`, 100 + n)));
		const between = { after: positionOf(102) + SLOTS - 1, before: positionOf(107) };
		expect(ids(await page({ ...between, order: 'oldest' }))).toEqual(['m3', 'm4', 'm5', 'm6']);
		expect(ids(await page({ ...between, limit: 2 }))).toEqual(['m6', 'm5']);
		expect(ids(await page({ ...between, order: 'oldest', limit: 2 }))).toEqual(['m3', 'm4']);
		expect(await page({ limit: 0 })).toEqual([]);
		expect(await page({ limit: -1 })).toEqual([]);
		expect(await page({ before: 0 })).toEqual([]);
		expect(await page({ chat: 'none' })).toEqual([]);
	});

	it('changes a message given what it is', async () => {
		await store().change([put('a', 10, 'one'), put('b', 20)]);
		const seen: Array<string | undefined> = [];
		const step = (before: Kept | undefined) => {
			seen.push(before && said(before));
			return before && draft(10, `${said(before)}!`, { flags: FLAG.media });
		};
		await store().change([
			{ chat: CHAT, id: 'a', step },
			{ chat: CHAT, id: 'a', step },
			{ chat: CHAT, id: 'none', step },
			{ chat: CHAT, id: 'b', step: () => undefined },
		]);
		expect(new Set(seen)).toEqual(new Set(['one', 'one!', undefined]));
		const found = await page({ order: 'oldest' });
		expect(found.map(said)).toEqual(['one!!', 'b']);
		expect(found[0]?.flags).toBe(FLAG.media);
	});

	it('removes a message and forgets an empty chat', async () => {
		await store().change([put('a', 10), put('b', 20)]);
		const gone = (id: string): Change => ({ chat: CHAT, id, step: () => null });
		await store().change([gone('a'), gone('none')]);
		expect(ids(await page())).toEqual(['b']);
		expect(await store().get('a')).toEqual([]);
		await store().change([gone('b')]);
		expect(await store().chats()).toEqual([]);
		await store().change([put('a', 10)]);
		expect(ids(await page())).toEqual(['a']);
	});

	it('moves a message whose time changes, if its words come along', async () => {
		await store().change([put('a', 10), put('b', 20), put('c', 30)]);
		await store().change([put('a', 25)]);
		expect(ids(await page({ order: 'oldest' }))).toEqual(['b', 'a', 'c']);
		const step = () => draft(1, 'still', { words: undefined });
		await store().change([{ chat: CHAT, id: 'c', step }]);
		expect(ids(await page({ order: 'oldest' }))).toEqual(['b', 'a', 'c']);
		expect((await store().get('c')).map(said)).toEqual(['still']);
		expect(await store().count(CHAT)).toBe(3);
	});

	it('finds a message by its id, in each chat that has one, hidden or not', async () => {
		const hidden: Change = {
			chat: CHAT,
			id: 'h',
			step: () => draft(5, 'h', { flags: FLAG.hidden }),
		};
		await store().change([put('a', 1), put('a', 2, 'other', 'x@g.us'), hidden]);
		const found = await store().get('a');
		expect(new Map(found.map((each) => [each.chat, said(each)]))).toEqual(
			new Map([
				[CHAT, 'a'],
				['x@g.us', 'other'],
			]),
		);
		expect(await store().get('none')).toEqual([]);
		expect(ids(await store().get('h'))).toEqual(['h']);
		expect(ids(await page())).toEqual(['a']);
	});

	it('has unusual ids of messages and chats', async () => {
		const names = UNUSUAL.filter((name) => Buffer.byteLength(name) < 200);
		await store().change(names.map((name, index) => put(name, index, `=${name}`, name)));
		expect((await store().chats()).sort()).toEqual([...names].sort());
		for (const name of names) {
			const [found] = await store().page({ chat: name, order: 'newest', limit: 1 });
			expect(found && said(found)).toBe(`=${name}`);
			expect((await store().get(name)).map(said)).toEqual([`=${name}`]);
		}
		expect(await stage.storage.account('other').history(sealer()).chats()).toEqual([]);
	});

	it('has messages of any time and ids of any length, in order', async () => {
		const long = 'i'.repeat(1_000);
		// The last one is in milliseconds, by mistake.
		const seconds = [-5, 10, 2 ** 33, 2 ** 35, 1_700_000_000_000];
		await store().change([...seconds.map((second, n) => put(`m${n}`, second)), put(long, 20)]);
		const expected = ['m0', 'm1', long, 'm2', 'm3', 'm4'];
		expect(ids(await page({ order: 'oldest' }))).toEqual(expected);
		for (const id of expected) expect((await store().get(id)).map(said)).toEqual([id]);
		await store().change([put('m5', 1_700_000_000_000)]);
		expect(ids(await page())).toEqual([...expected, 'm5'].reverse());
	});

	it('has neither doubles nor holes when many come in any order, again and again', async () => {
		const wanted = count(0, 700).map((n) => ({ id: `m${n}`, second: Math.floor(n / 3) }));
		// The same disorder each time.
		const shuffled = wanted
			.map((each, n) => ({ each, key: (n * 7919) % 1_009 }))
			.sort((a, b) => a.key - b.key)
			.map(({ each }) => put(each.id, each.second));
		for (let at = 0; at < shuffled.length; at += 90) {
			await store().change(shuffled.slice(at, at + 90));
			await store().change(shuffled.slice(Math.max(0, at - 20), at + 30));
		}
		for (const limit of [1_000, 64, 7]) {
			for (const order of ['oldest', 'newest'] as const) {
				const found = await all(store(), order, limit);
				const seconds = found.map(({ position }) => Math.floor(position / SLOTS));
				const sorted = [...seconds].sort((a, b) => (order === 'oldest' ? a - b : b - a));
				expect(seconds).toEqual(sorted);
				expect(new Set(ids(found)).size).toBe(700);
				expect(found).toHaveLength(700);
			}
		}
		expect(await store().count()).toBe(700);
		for (const { id, second } of [wanted[0]!, wanted[350]!, wanted[699]!]) {
			const [found] = await store().get(id);
			expect(Math.floor(found!.position / SLOTS)).toBe(second);
		}
	});

	it('loses no change when several processes change the same chat', async () => {
		const stores = [store(), await again()];
		await store().change([put('shared', 50, '')]);
		await Promise.all(
			stores.flatMap((each, process) =>
				count(0, 20).map(async (n) => {
					const add = (before: Kept | undefined) =>
						before && draft(50, `${said(before)}${process}`, { words: undefined });
					await each.change([
						put(`p${process}-${n}`, 40 + n),
						{ chat: CHAT, id: 'shared', step: add },
					]);
				}),
			),
		);
		const found = await all(store(), 'newest', 100);
		expect(new Set(ids(found)).size).toBe(41);
		expect(found).toHaveLength(41);
		const shared = said(found.find(({ id }) => id === 'shared')!);
		expect([...shared].sort().join('')).toBe(`${'0'.repeat(20)}${'1'.repeat(20)}`);
	});

	it('changes, moves and removes what is anywhere in a chat, by whichever process', async () => {
		const stores = [store(), await again()];
		const next = dice(7);
		const expected = new Map<string, { second: number; text: string }>();
		const one = (n: number): Change => {
			const id = `m${Math.floor(next() ** 2 * 400)}`;
			const before = expected.get(id);
			const kind = next();
			if (kind < 0.1) {
				expected.delete(id);
				return { chat: CHAT, id, step: () => null };
			}
			if (kind < 0.5) {
				if (before) expected.set(id, { ...before, text: `${before.text}+` });
				const edit = (kept: Kept | undefined) =>
					kept && draft(before?.second ?? 0, `${said(kept)}+`, { words: undefined });
				return { chat: CHAT, id, step: edit };
			}
			// Mostly news, which go to the end.
			const second = next() < 0.8 ? 1_000 + n : Math.floor(next() * (1_000 + n));
			expected.set(id, { second, text: id });
			return put(id, second, id);
		};
		for (let n = 0; n < 900; n++) {
			const changes = Array.from({ length: 1 + Math.floor(next() * 3) }, () => one(n));
			const distinct = new Map(changes.map((change) => [change.id, change]));
			// What was expected of several changes of one message holds for one after the other.
			if (distinct.size < changes.length)
				for (const each of changes) await stores[0]!.change([each]);
			else await stores[next() < 0.7 ? 0 : 1]!.change(changes);
		}
		const found = await all(store(), 'oldest', 100);
		expect(ids(found).sort()).toEqual([...expected.keys()].sort());
		for (const kept of found) {
			const { second, text } = expected.get(kept.id)!;
			expect([kept.id, said(kept), Math.floor(kept.position / SLOTS)]).toEqual([
				kept.id,
				text,
				second,
			]);
		}
	});

	it('has what comes after the end of a chat was removed together with older messages', async () => {
		const one = store();
		await one.change(count(0, 257).map((n) => put(`m${n}`, n)));
		const gone = ['m3', 'm256'].map((id): Change => ({ chat: CHAT, id, step: () => null }));
		await one.change(gone);
		await one.change([put('new', 1_000)]);
		const expected = [
			...count(0, 256)
				.filter((n) => n !== 3)
				.map((n) => `m${n}`),
			'new',
		];
		expect(ids(await all(one, 'oldest', 1))).toEqual(expected);
		expect(ids(await all(one, 'newest', 1))).toEqual(expected.reverse());
	});

	it('is read without doubles or holes while another process writes', async () => {
		const reader = await again();
		await store().change(count(0, 300).map((n) => put(`old${n}`, 1_000 + n * 10)));
		let writing = true;
		const writes = (async () => {
			for (let n = 0; n < 60; n++) {
				await store().change([
					put(`new${n}`, 1_000 + ((n * 37) % 300) * 10 + 5),
					put(`late${n}`, 5_000 + n),
				]);
			}
			writing = false;
		})();
		do {
			for (const order of ['newest', 'oldest'] as const) {
				const found = ids(await all(reader, order, 40));
				expect(new Set(found).size).toBe(found.length);
				expect(found.filter((id) => id.startsWith('old'))).toHaveLength(300);
			}
		} while (writing);
		await writes;
		expect(await all(reader, 'oldest', 40)).toHaveLength(420);
	});

	it('removes the oldest, by position or by number, a part at a time', async () => {
		await store().change(count(0, 500).map((n) => put(`m${n}`, n)));
		await store().change([put('other', 1, 'other', 'x@g.us')]);
		const trim = async (limits: object) => {
			let gone = 0;
			for (let step = 1; step > 0; gone += step) step = await store().trim(CHAT, limits);
			return gone;
		};
		expect(await trim({})).toBe(0);
		expect(await trim({ before: positionOf(10) })).toBe(10);
		expect(await trim({ before: positionOf(10) })).toBe(0);
		expect(await trim({ keep: 300 })).toBe(190);
		expect(await trim({ keep: 300, before: positionOf(450) })).toBe(250);
		expect(ids(await all(store(), 'oldest', 100))).toEqual(count(450, 500).map((n) => `m${n}`));
		expect(await store().get('m3')).toEqual([]);
		expect(await trim({ keep: 0 })).toBe(50);
		expect(await store().trim('none', { keep: 0 })).toBe(0);
		expect(await store().chats()).toEqual(['x@g.us']);
	});

	it('drops a chat', async () => {
		await store().change(count(0, 300).map((n) => put(`m${n}`, n)));
		await store().change([put('other', 1, 'other', 'x@g.us')]);
		await store().drop(CHAT);
		await store().drop('none');
		expect(await page()).toEqual([]);
		expect(await store().count()).toBe(1);
		expect(await store().get('m7')).toEqual([]);
	});

	it('writes nothing under a stale fence', async () => {
		const fence = await hold(stage.account);
		const entry = { id: CHAT, at: 1, value: bytes('e') };
		await store().change([put('a', 1)], fence);
		await store().setEntries([entry], fence);
		await stage.account.lease.release(fence);
		const lost = withCode('lease-lost');
		await expect(store().change([put('b', 2)], fence)).rejects.toThrow(lost);
		await expect(store().setEntries([{ ...entry, at: 2 }], fence)).rejects.toThrow(lost);
		await expect(store().removeEntries([CHAT], fence)).rejects.toThrow(lost);
		expect(ids(await page())).toEqual(['a']);
		expect(await store().getEntries([CHAT])).toEqual([{ ...entry, value: expect.anything() }]);
	});

	it('does not open what was sealed otherwise', async () => {
		if (stage.storage.kind === 'memory') return;
		await store().change([put('a', 1)]);
		await store().setEntries([{ id: CHAT, at: 1, value: bytes('e') }]);
		const other = stage.account.history(createSealer('another key', ACCOUNT));
		const wrong = withCode('wrong-key');
		await expect(other.page({ chat: CHAT, order: 'newest', limit: 1 })).rejects.toThrow(wrong);
		await expect(other.getEntries([CHAT])).rejects.toThrow(wrong);
	});

	it('has entries, listed from the newest on', async () => {
		const entry = (n: number, at: number): Entry => ({
			id: `${n}@lid`,
			at,
			value: bytes(`e${n}`),
		});
		await store().setEntries(count(0, 50).map((n) => entry(n, n < 30 ? 0 : n)));
		await store().setEntries([entry(3, 100), { ...entry(40, 40), value: bytes('new') }]);
		await store().removeEntries(['7@lid', 'none']);
		const listed: Entry[] = [];
		for (;;) {
			const next = await store().listEntries(listed.at(-1), 7);
			if (next.length === 0) break;
			listed.push(...next);
		}
		expect(listed).toHaveLength(49);
		expect(new Set(listed.map(({ id }) => id)).size).toBe(49);
		const times = listed.map(({ at }) => at);
		expect(times).toEqual([...times].sort((a, b) => b - a));
		expect(listed.slice(0, 2).map(({ id }) => id)).toEqual(['3@lid', '49@lid']);
		const found = await store().getEntries(['40@lid', '7@lid', '3@lid']);
		expect(found.map((each) => each && [each.at, Buffer.from(each.value).toString()])).toEqual([
			[40, 'new'],
			undefined,
			[100, 'e3'],
		]);
		expect(await store().getEntries([])).toEqual([]);
		expect(await store().listEntries(undefined, 0)).toEqual([]);
	});

	it('finds words, phrases and beginnings, where there is an index', async () => {
		if (!store().indexed) {
			await expect(store().find({ phrases: [], limit: 1 })).rejects.toThrow(withCode('unexpected'));
			return;
		}
		const other = stage.storage.account('other').history(sealer());
		await other.change([put('foreign', 5, 'one two three')]);
		await store().change([
			put('a', 1, 'one two three'),
			put('b', 2, 'two one three', 'x@g.us'),
			put('c', 3, 'onerous'),
		]);
		const find = async (phrases: Array<[string, boolean?]>, more: object = {}) =>
			ids(
				await store().find({
					phrases: phrases.map(([words, prefix = false]) => ({ words: words.split(' '), prefix })),
					limit: 10,
					...more,
				}),
			);
		expect(await find([['one']])).toEqual(['b', 'a']);
		expect(await find([['one two']])).toEqual(['a']);
		expect(await find([['one'], ['three']])).toEqual(['b', 'a']);
		expect(await find([['one', true]])).toEqual(['c', 'b', 'a']);
		expect(await find([['one th', true]])).toEqual(['b']);
		expect(await find([['none']])).toEqual([]);
		expect(await find([['one']], { limit: 1 })).toEqual(['b']);
		expect(await find([['one']], { before: positionOf(2) })).toEqual(['a']);
		expect(await find([['one']], { after: positionOf(2) - 1 })).toEqual(['b']);
		await store().change([
			put('a', 1, 'four'),
			{ chat: 'x@g.us', id: 'b', step: () => draft(2, 'kept', { words: undefined }) },
			{ chat: CHAT, id: 'c', step: () => null },
		]);
		expect(await find([['one', true]])).toEqual(['b']);
		expect(await find([['four']])).toEqual(['a']);
	});

	it('is cleared, and starts over', async () => {
		await store().change([put('a', 1), put('b', 1, 'b', 'x@g.us')]);
		await store().setEntries([{ id: CHAT, at: 1, value: bytes('e') }]);
		await store().clear();
		expect(await store().chats()).toEqual([]);
		expect(await store().count()).toBe(0);
		expect(await store().listEntries(undefined, 10)).toEqual([]);
		expect(await store().get('a')).toEqual([]);
		await store().change([put('a', 2)]);
		expect(ids(await page())).toEqual(['a']);
	});
}
