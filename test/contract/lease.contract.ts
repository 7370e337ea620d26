import { until } from '../helpers/until';
import { bytes, hold, withCode, type Stage } from './storage.contract';

export function leaseContract(stage: Stage): void {
	it('is held by one at a time', async () => {
		const { lease } = stage.account;
		expect(await lease.holder()).toBeUndefined();
		const fence = await hold(stage.account, 'p1');
		expect(await lease.holder()).toBe('p1');
		const refused = await lease.acquire('p2', 1000);
		expect(refused).toMatchObject({ held: false, holder: 'p1' });
		if (!refused.held) {
			expect(refused.expiresInMs).toBeGreaterThan(0);
			expect(refused.expiresInMs).toBeLessThanOrEqual(60_000);
		}
		await lease.release(fence);
		expect(await lease.holder()).toBeUndefined();
		await hold(stage.account, 'p2');
	});

	it('goes to exactly one of many who ask at the same time', async () => {
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).lease;
		const results = await Promise.all(
			Array.from({ length: 10 }, (_, index) =>
				(index % 2 ? (again ?? stage.account.lease) : stage.account.lease).acquire(
					`p${index}`,
					9000,
				),
			),
		);
		expect(results.filter(({ held }) => held)).toHaveLength(1);
	});

	it('gives its holder the same fence again', async () => {
		expect(await hold(stage.account, 'p1')).toEqual(await hold(stage.account, 'p1'));
	});

	it('gives tokens that only grow', async () => {
		let last = 0;
		for (let round = 0; round < 20; round++) {
			const fence = await hold(stage.account, `p${round}`);
			expect(fence.token).toBeGreaterThan(last);
			expect(Number.isSafeInteger(fence.token)).toBe(true);
			last = fence.token;
			await stage.account.lease.release(fence);
		}
	});

	it('of one account is none of another', async () => {
		await hold(stage.account, 'p1');
		await hold(stage.storage.account('other'), 'p2');
	});

	it('expires, and then its fence writes, renews and releases nothing', async () => {
		const { lease, keys } = stage.account;
		const fence = await hold(stage.account, 'p1', 50);
		stage.backend.elapse?.(50);
		await until('the lease to expire', async () => (await lease.holder()) === undefined);
		const write = () => keys.write({ set: new Map([['a', bytes('late')]]) }, fence);
		await expect(write()).rejects.toThrow(withCode('lease-lost'));
		expect(await lease.renew(fence, 1000)).toBe(false);
		await hold(stage.account, 'p2');
		await expect(write()).rejects.toThrow(withCode('lease-lost'));
		expect(await lease.renew(fence, 1000)).toBe(false);
		await lease.release(fence);
		expect(await lease.holder()).toBe('p2');
		expect(await keys.getMany(['a'])).toEqual([undefined]);
	});

	it('lasts longer when renewed', async () => {
		const { lease } = stage.account;
		const fence = await hold(stage.account, 'p1', 20_000);
		expect(await lease.renew(fence, 60_000)).toBe(true);
		stage.backend.elapse?.(30_000);
		const other = await lease.acquire('p2', 1000);
		expect(other).toMatchObject({ held: false, holder: 'p1' });
		if (!other.held) expect(other.expiresInMs).toBeGreaterThan(20_000);
	});

	it('tells about a release here and in another handle, not about a refused one', async () => {
		const { lease } = stage.account;
		const again = (await stage.backend.openAgain?.())?.account(stage.account.account).lease;
		const old = await hold(stage.account, 'p1');
		let heard = 0;
		let elsewhere = 0;
		const stops = [lease.onRelease(() => (heard += 1)), again?.onRelease(() => (elsewhere += 1))];
		await lease.release(old);
		await until('the release to be heard', () => heard > 0);
		if (again) await until('it to be heard elsewhere', () => elsewhere > 0);
		const fence = await hold(stage.account, 'p2');
		await lease.release(old); // not held any more
		await lease.release(fence);
		await until('the second release to be heard', () => heard >= 2);
		expect(heard).toBe(2);
		for (const stop of stops) stop?.();
	});
}
