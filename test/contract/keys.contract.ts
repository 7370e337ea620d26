import type { WriteBatch } from '../../src/storage/roles';
import { bytes, collect, hold, text, UNUSUAL, withCode, type Stage } from './storage.contract';

const sets = (entries: Record<string, string>): WriteBatch => ({
	set: new Map(Object.entries(entries).map(([key, value]) => [key, bytes(value)])),
});

export function keysContract(stage: Stage): void {
	const read = async (...keys: string[]) => (await stage.account.keys.getMany(keys)).map(text);
	const pending = async () =>
		(await collect(stage.account.journal.pending())).map(({ id, value }) => `${id}=${text(value)}`);

	it('gives what was written, in the order asked for, undefined where there is none', async () => {
		await stage.account.keys.write(sets({ a: '1', b: '2' }));
		expect(await read('b', 'missing', 'a', 'b')).toEqual(['2', undefined, '1', '2']);
		expect(await stage.account.keys.getMany([])).toEqual([]);
	});

	it('overwrites and deletes', async () => {
		await stage.account.keys.write(sets({ a: '1', b: '2', c: '3' }));
		await stage.account.keys.write({ ...sets({ a: '4' }), delete: ['b', 'missing'] });
		expect(await read('a', 'b', 'c')).toEqual(['4', undefined, '3']);
	});

	it('keeps any bytes', async () => {
		const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
		const values = [Buffer.alloc(0), every, Buffer.from([0]), Buffer.alloc(1_000_000, every)];
		const set = new Map(values.map((value, index) => [`k${index}`, value]));
		await stage.account.keys.write({ set, journalPut: set });
		const found = await stage.account.keys.getMany([...set.keys()]);
		expect(found.map((value, index) => values[index]?.equals(value ?? bytes('?')))).toEqual(
			values.map(() => true),
		);
		for (const { id, value } of await collect(stage.account.journal.pending())) {
			expect(Buffer.compare(value, set.get(id) ?? bytes('?'))).toBe(0);
		}
	});

	it('keeps no hold on the memory it was given', async () => {
		const value = Buffer.from('before');
		await stage.account.keys.write({ set: new Map([['a', value]]) });
		value.write('after!');
		expect(await read('a')).toEqual(['before']);
	});

	it('keeps plain byte arrays and parts of larger ones', async () => {
		const large = new Uint8Array([9, 1, 2, 3, 9]);
		await stage.account.keys.write({ set: new Map([['a', large.subarray(1, 4)]]) });
		const [found] = await stage.account.keys.getMany(['a']);
		expect([...(found ?? [])]).toEqual([1, 2, 3]);
	});

	it('keeps unusual keys apart', async () => {
		await stage.account.keys.write(
			sets(Object.fromEntries(UNUSUAL.map((key) => [key, `=${key}`]))),
		);
		// fromEntries makes a property of __proto__ as well.
		expect(await read(...UNUSUAL)).toEqual(UNUSUAL.map((key) => `=${key}`));
		expect((await collect(stage.account.keys.keys(''))).sort()).toEqual([...UNUSUAL].sort());
	});

	it('keeps unusual accounts apart', async () => {
		for (const account of UNUSUAL) {
			await stage.storage.account(account).keys.write(sets({ k: account, 'b:k': account }));
		}
		for (const account of UNUSUAL) {
			const { keys } = stage.storage.account(account);
			expect((await keys.getMany(['k', 'b:k'])).map(text)).toEqual([account, account]);
			expect((await collect(keys.keys(''))).sort()).toEqual(['b:k', 'k']);
		}
		await stage.storage.account('a').erase();
		await stage.storage.account('*').erase();
		for (const account of UNUSUAL.filter((each) => each !== 'a' && each !== '*')) {
			const { keys } = stage.storage.account(account);
			expect((await keys.getMany(['k'])).map(text)).toEqual([account]);
		}
	});

	it('lists keys by prefix, whatever the prefix', async () => {
		await stage.account.keys.write(
			sets({ 'session:1': '', 'session:2': '', sessions: '', 'a%b': '', 'a*b': '', a_b: '' }),
		);
		const listed = async (prefix: string) =>
			(await collect(stage.account.keys.keys(prefix))).sort();
		expect(await listed('session:')).toEqual(['session:1', 'session:2']);
		expect(await listed('a%')).toEqual(['a%b']);
		expect(await listed('a*')).toEqual(['a*b']);
		expect(await listed('a_')).toEqual(['a_b']);
		expect(await listed('none')).toEqual([]);
	});

	it('holds ten thousand keys written at once', async () => {
		const names = Array.from({ length: 10_000 }, (_, index) => `pre-key:${index}`);
		await stage.account.keys.write(sets(Object.fromEntries(names.map((name) => [name, name]))));
		expect(await collect(stage.account.keys.keys('pre-key:'))).toHaveLength(10_000);
		expect(await read(...names)).toEqual(names);
		await stage.account.keys.write({ delete: names.slice(1) });
		expect(await collect(stage.account.keys.keys(''))).toEqual(['pre-key:0']);
	});

	it('writes nothing of a batch under a stale fence', async () => {
		const old = await hold(stage.account, 'p1');
		await stage.account.keys.write({
			...sets({ a: 'old' }),
			journalPut: new Map([['j', bytes('1')]]),
		});
		await stage.account.lease.release(old);
		const batch: WriteBatch = {
			...sets({ a: 'new', b: 'new' }),
			delete: ['a'],
			journalPut: new Map([['k', bytes('2')]]),
			journalDrop: ['j'],
		};
		// Free, and then held by somebody else.
		await expect(stage.account.keys.write(batch, old)).rejects.toThrow(withCode('lease-lost'));
		await hold(stage.account, 'p2');
		await expect(stage.account.keys.write(batch, old)).rejects.toThrow(withCode('lease-lost'));
		expect(await read('a', 'b')).toEqual(['old', undefined]);
		expect(await pending()).toEqual(['j=1']);
	});

	it('writes under the current fence', async () => {
		await hold(stage.account);
		const fence = await hold(stage.account);
		await stage.account.keys.write(sets({ a: '1' }), fence);
		expect(await read('a')).toEqual(['1']);
	});

	it('lists the journal oldest first; a second put changes the value, not the place', async () => {
		const ids = UNUSUAL.map((id) => `${id}`);
		for (const id of ids) {
			await stage.account.keys.write({ journalPut: new Map([[id, bytes('1')]]) });
		}
		await stage.account.keys.write({ journalPut: new Map([[ids[0] ?? '', bytes('2')]]) });
		expect(await pending()).toEqual(ids.map((id, index) => `${id}=${index === 0 ? 2 : 1}`));
		expect(await stage.account.journal.size()).toBe(ids.length);
	});

	it('lists a journal longer than a page in the order of one batch', async () => {
		const ids = Array.from({ length: 1234 }, (_, index) => `id ${1234 - index}`);
		await stage.account.keys.write({ journalPut: new Map(ids.map((id) => [id, bytes(id)])) });
		expect((await collect(stage.account.journal.pending())).map(({ id }) => id)).toEqual(ids);
	});

	it('drops from the journal together with a set, and what is put again comes last', async () => {
		const put = (...ids: string[]) => new Map(ids.map((id) => [id, bytes(id)]));
		await stage.account.keys.write({ journalPut: put('a', 'b', 'c') });
		await stage.account.keys.write({ ...sets({ s: '1' }), journalDrop: ['a', 'missing'] });
		await stage.account.keys.write({ journalPut: put('a') });
		expect(await pending()).toEqual(['b=b', 'c=c', 'a=a']);
	});

	it('clears keys and journal and nothing else', async () => {
		const other = stage.storage.account('other');
		for (const account of [stage.account, other]) {
			await account.keys.write({ ...sets({ a: '1' }), journalPut: new Map([['j', bytes('j')]]) });
			await account.inbox.append([{ key: 'e', value: bytes('e') }]);
			await account.facts.set('f', bytes('f'));
		}
		await stage.account.keys.clear();
		expect(await read('a')).toEqual([undefined]);
		expect(await stage.account.journal.size()).toBe(0);
		expect(await stage.account.inbox.read('', 9)).toHaveLength(1);
		expect(text(await stage.account.facts.get('f'))).toBe('f');
		expect((await other.keys.getMany(['a'])).map(text)).toEqual(['1']);
		expect(await other.journal.size()).toBe(1);
	});
}
