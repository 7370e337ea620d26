import { until } from '../helpers/until';
import { bytes, collect, hold, text, UNUSUAL, withCode, type Stage } from './storage.contract';

export function factsContract(stage: Stage): void {
	const get = async (key: string) => text(await stage.account.facts.get(key));
	const expired = async (key: string) =>
		await until(`${key} to expire`, async () => (await get(key)) === undefined);
	/** Where time is real, a machine may hold up what has to come before something expires: then anew. */
	const inTime = async (what: string, attempt: (key: string) => Promise<boolean>) => {
		let count = 0;
		return await until(`${what} in time`, async () => {
			const key = `key ${++count}`;
			return (await attempt(key)) && key;
		});
	};

	it('are set, read, overwritten and deleted', async () => {
		const { facts } = stage.account;
		expect(await get('a')).toBeUndefined();
		await facts.set('a', bytes('1'));
		await facts.set('a', bytes('2'));
		await facts.set('b', bytes(''));
		expect((await facts.getMany(['b', 'none', 'a'])).map(text)).toEqual(['', undefined, '2']);
		expect(await facts.getMany([])).toEqual([]);
		await facts.delete(['a', 'none']);
		await facts.delete([]);
		expect(await get('a')).toBeUndefined();
		expect(await get('b')).toBe('');
	});

	it('keep any bytes', async () => {
		const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
		await stage.account.facts.set('a', every);
		expect(every.equals((await stage.account.facts.get('a')) ?? bytes('?'))).toBe(true);
	});

	it('have unusual keys', async () => {
		const { facts } = stage.account;
		for (const key of UNUSUAL) await facts.set(key, bytes(`=${key}`));
		expect((await facts.getMany(UNUSUAL)).map(text)).toEqual(UNUSUAL.map((key) => `=${key}`));
		expect((await collect(facts.keys(''))).sort()).toEqual([...UNUSUAL].sort());
		expect((await collect(facts.keys('a'))).sort()).toEqual(
			UNUSUAL.filter((key) => key.startsWith('a')).sort(),
		);
		expect(await collect(stage.storage.account('other').facts.keys(''))).toEqual([]);
	});

	it('expire when asked to', async () => {
		const { facts } = stage.account;
		await facts.set('short', bytes('x'), 40);
		await facts.set('long', bytes('x'), 60_000);
		await facts.set('ever', bytes('x'));
		stage.backend.elapse?.(40);
		await expired('short');
		expect(await get('long')).toBe('x');
		expect((await collect(facts.keys(''))).sort()).toEqual(['ever', 'long']);
	});

	it('lose their expiry when set again without one', async () => {
		const { facts } = stage.account;
		await facts.set('a', bytes('1'), 40);
		await facts.set('mark', bytes('x'), 40);
		await facts.set('a', bytes('2'));
		stage.backend.elapse?.(40);
		await expired('mark');
		expect(await get('a')).toBe('2');
	});

	it('are set several at once, each with its own expiry', async () => {
		const { facts } = stage.account;
		await facts.setMany(new Map());
		await inTime('all to be read', async () => {
			await facts.set('b', bytes('0'), 40);
			await facts.setMany(
				new Map([
					['a', { value: bytes('1'), ttlMs: 40 }],
					['b', { value: bytes('2') }],
					['c', { value: bytes('') }],
				]),
			);
			const [a, ...others] = (await facts.getMany(['a', 'b', 'c'])).map(text);
			expect(others).toEqual(['2', '']);
			return a === '1';
		});
		stage.backend.elapse?.(40);
		await expired('a');
		expect(await get('b')).toBe('2');
	});

	it('are set under the current fence, and none of them under a stale one', async () => {
		const { facts, lease } = stage.account;
		const fence = await hold(stage.account);
		await facts.setMany(new Map([['a', { value: bytes('1') }]]), fence);
		await lease.release(fence);
		const late = facts.setMany(
			new Map([
				['a', { value: bytes('2') }],
				['b', { value: bytes('2') }],
			]),
			fence,
		);
		await expect(late).rejects.toThrow(withCode('lease-lost'));
		expect((await facts.getMany(['a', 'b'])).map(text)).toEqual(['1', undefined]);
	});

	it('are set by exactly one of many who find none', async () => {
		const { facts } = stage.account;
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).facts;
		const results = await Promise.all(
			Array.from({ length: 10 }, (_, index) =>
				(index % 2 ? (again ?? facts) : facts).setIfAbsent('a', bytes(`${index}`)),
			),
		);
		const winners = results.flatMap((held, index) => (held === undefined ? [`${index}`] : []));
		expect(winners).toHaveLength(1);
		expect(await get('a')).toBe(winners[0]);
		expect(text(await facts.setIfAbsent('a', bytes('late')))).toBe(winners[0]);
	});

	it('can be set if absent again when expired', async () => {
		const { facts } = stage.account;
		const key = await inTime('the second to ask', async (fresh) => {
			expect(await facts.setIfAbsent(fresh, bytes('1'), 40)).toBeUndefined();
			return text(await facts.setIfAbsent(fresh, bytes('2'), 60_000)) === '1';
		});
		stage.backend.elapse?.(40);
		await expired(key);
		expect(await facts.setIfAbsent(key, bytes('3'), 60_000)).toBeUndefined();
		expect(await get(key)).toBe('3');
	});

	it('count', async () => {
		const { facts } = stage.account;
		expect(await facts.increment('n', 1)).toBe(1);
		expect(await facts.increment('n', 10)).toBe(11);
		expect(await facts.increment('n', -20)).toBe(-9);
		expect(await get('n')).toBe('-9');
		await facts.set('n', bytes('5'));
		expect(await facts.increment('n', 0)).toBe(5);
		await Promise.all(Array.from({ length: 50 }, () => facts.increment('m', 2)));
		expect(await get('m')).toBe('100');
	});

	it('count within the time of the first, which later ones do not extend', async () => {
		const { facts } = stage.account;
		const key = await inTime('the second to count', async (fresh) => {
			await facts.increment(fresh, 1, 200);
			stage.backend.elapse?.(150);
			return (await facts.increment(fresh, 1, 60_000)) === 2;
		});
		stage.backend.elapse?.(50);
		await expired(key);
		expect(await facts.increment(key, 1, 60_000)).toBe(1);
	});

	it('refuse to count what is no number', async () => {
		await stage.account.facts.set('a', bytes('x'));
		await expect(stage.account.facts.increment('a', 1)).rejects.toThrow(
			expect.objectContaining({ code: 'unexpected' }) as Error,
		);
		expect(await get('a')).toBe('x');
	});
}
