import { until } from '../helpers/until';
import { bytes, collect, hold, text, UNUSUAL, withCode, type Stage } from './storage.contract';

const DAY = 24 * 3600 * 1000;

export function inboxContract(stage: Stage): void {
	const entry = (key: string, value = key) => ({ key, value: bytes(value) });
	const append = async (...keys: string[]) =>
		await stage.account.inbox.append(keys.map((key) => entry(key)));
	const keysAfter = async (after: string, limit = 100) =>
		(await stage.account.inbox.read(after, limit)).map(({ key }) => key);

	it('appends in order and reads after a position', async () => {
		const [a = '', b = ''] = await append('a', 'b');
		const [c = ''] = await append('c');
		expect(a < b && b < c).toBe(true);
		expect(await keysAfter('')).toEqual(['a', 'b', 'c']);
		expect(await keysAfter(a)).toEqual(['b', 'c']);
		expect(await keysAfter(c)).toEqual([]);
		expect(await keysAfter('', 2)).toEqual(['a', 'b']);
	});

	it('gives back seq, key, time and bytes of an entry', async () => {
		const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
		const before = Date.UTC(2020, 0, 1);
		const [seq = ''] = await stage.account.inbox.append([{ key: 'chat | id', value }]);
		const [found] = await stage.account.inbox.read('', 1);
		expect(found).toMatchObject({ seq, key: 'chat | id' });
		expect(value.equals(found?.value ?? bytes('?'))).toBe(true);
		expect(found?.at).toBeGreaterThan(before);
		expect(await stage.account.inbox.get(seq)).toEqual(found);
		expect(await stage.account.inbox.get('0000000000000001')).toBeUndefined();
	});

	it('takes each key once, in one append or in several', async () => {
		const [a, b, again] = await append('a', 'b', 'a');
		expect([typeof a, typeof b, again]).toEqual(['string', 'string', undefined]);
		const [second, c] = await append('b', 'c');
		expect([second, typeof c]).toEqual([undefined, 'string']);
		expect(await keysAfter('')).toEqual(['a', 'b', 'c']);
	});

	it('takes each key once when many append at the same time', async () => {
		const results = await Promise.all(Array.from({ length: 20 }, () => append('x', 'y')));
		const taken = results.flat().filter((seq) => seq !== undefined);
		expect(taken).toHaveLength(2);
		expect(await keysAfter('')).toEqual(['x', 'y']);
	});

	it('keeps unusual keys apart, and accounts', async () => {
		await append(...UNUSUAL);
		expect(await keysAfter('')).toEqual(UNUSUAL);
		const [other] = await stage.storage.account('other').inbox.append([entry('a')]);
		expect(other).toBeDefined();
	});

	it('gives the newest first, and the end', async () => {
		expect(await stage.account.inbox.end()).toBe('');
		expect(await stage.account.inbox.latest(5)).toEqual([]);
		const seqs = await append('a', 'b', 'c');
		expect((await stage.account.inbox.latest(2)).map(({ key }) => key)).toEqual(['c', 'b']);
		expect(await stage.account.inbox.end()).toBe(seqs[2]);
	});

	it('drops journal entries in the same write', async () => {
		const put = new Map(['1', '2', '3'].map((id) => [id, bytes(id)]));
		await stage.account.keys.write({ journalPut: put });
		await stage.account.inbox.append([entry('a'), entry('b')], { journalDrop: ['1', '3', 'none'] });
		expect((await collect(stage.account.journal.pending())).map(({ id }) => id)).toEqual(['2']);
		await stage.account.inbox.append([], { journalDrop: ['2'] });
		expect(await stage.account.journal.size()).toBe(0);
	});

	it('appends and drops nothing under a stale fence', async () => {
		const fence = await hold(stage.account);
		await stage.account.keys.write({ journalPut: new Map([['j', bytes('j')]]) }, fence);
		await stage.account.inbox.append([entry('a')], { fence });
		await stage.account.lease.release(fence);
		const late = stage.account.inbox.append([entry('b')], { fence, journalDrop: ['j'] });
		await expect(late).rejects.toThrow(withCode('lease-lost'));
		expect(await keysAfter('')).toEqual(['a']);
		expect(await stage.account.journal.size()).toBe(1);
		expect(await append('b')).toEqual([expect.any(String)]);
	});

	it('trims what is older, and remembers its keys', async () => {
		await append('a', 'b');
		const [old] = await stage.account.inbox.latest(1);
		stage.backend.elapse?.(1000);
		// Where time is real, wait until it has moved on by itself.
		await until('the clock to move on', async () => {
			const [seq = ''] = await append(`tick ${Math.random()}`);
			return ((await stage.account.inbox.get(seq))?.at ?? 0) > (old?.at ?? 0);
		});
		const [last] = await stage.account.inbox.latest(1);
		const all = await keysAfter('');
		const gone = await stage.account.inbox.trim(last?.at ?? 0);
		expect(gone).toBeGreaterThanOrEqual(2);
		expect(await keysAfter('')).toEqual(all.slice(gone));
		expect(await append('a')).toEqual([undefined]);
	});

	it('never gives a position twice, also when all was trimmed', async () => {
		const [, last = ''] = await append('a', 'b');
		expect(await stage.account.inbox.trim(Number.MAX_SAFE_INTEGER)).toBe(2);
		expect(await stage.account.inbox.end()).toBe('');
		expect(await keysAfter('')).toEqual([]);
		const [next = ''] = await append('c');
		expect(next > last).toBe(true);
		expect(await keysAfter(last)).toEqual(['c']);
	});

	it('forgets the key of a trimmed entry after seven days', async () => {
		if (!stage.backend.elapse) return; // only where the test owns the time
		await append('a', 'kept');
		await stage.account.inbox.trim(Number.MAX_SAFE_INTEGER);
		stage.backend.elapse(7 * DAY - 1);
		expect(await append('a')).toEqual([undefined]);
		stage.backend.elapse(1);
		expect(await append('a')).toEqual([expect.any(String)]);
		expect(await append('a')).toEqual([undefined]);
	});

	it('holds ten thousand entries, read page by page', async () => {
		const keys = Array.from({ length: 10_000 }, (_, index) => `key ${index}`);
		for (let from = 0; from < keys.length; from += 1000) {
			await append(...keys.slice(from, from + 1000));
		}
		const found: string[] = [];
		for (let after = ''; ;) {
			const page = await stage.account.inbox.read(after, 777);
			found.push(...page.map(({ key }) => key));
			const last = page.at(-1);
			if (!last) break;
			after = last.seq;
		}
		expect(found).toEqual(keys);
		expect(await append(...keys.slice(5000, 5010))).toEqual(Array(10).fill(undefined));
		expect(await stage.account.inbox.trim(Number.MAX_SAFE_INTEGER)).toBe(10_000);
		expect(await append(keys[7] ?? '')).toEqual([undefined]);
	});

	it('tells listeners about appends, until they unsubscribe', async () => {
		let heard = 0;
		const stop = stage.account.inbox.onAppend(() => (heard += 1));
		await append('a');
		await until('the listener to hear', () => heard > 0);
		stop();
		const before = heard;
		const other = stage.account.inbox.onAppend(() => (heard += 1000));
		await append('b');
		await until('the other listener to hear', () => heard >= 1000);
		expect(heard % 1000).toBe(before);
		other();
	});

	it('tells listeners of another handle', async () => {
		if (!stage.backend.openAgain) return;
		const second = (await stage.backend.openAgain()).account(stage.account.account);
		let seen: string[] = [];
		const stop = second.inbox.onAppend(() => {
			void second.inbox.read('', 10).then((entries) => (seen = entries.map(({ key }) => key)));
		});
		await append('a');
		await until('the other handle to see it', () => seen.includes('a'));
		stop();
	});

	it('goes on when a listener throws', async () => {
		const stopBad = stage.account.inbox.onAppend(() => {
			throw new Error('broken listener');
		});
		let heard = false;
		const stop = stage.account.inbox.onAppend(() => (heard = true));
		expect((await append('a')).map((seq) => text(bytes(seq ?? '')))).toHaveLength(1);
		await until('the other listener to hear', () => heard);
		stop();
		stopBad();
	});
}
