/** What Baileys is given to wait, to tell and to forget, against what it has of its own. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { lateExpiry } from '../../src/crypto/lateExpiry';
import { QuickMutex } from '../../src/crypto/quickMutex';
import { sparseEmitter } from '../../src/crypto/sparseEmitter';

const ofBaileys = createRequire(require.resolve('@whiskeysockets/baileys'));

describe('the emitter of the socket', () => {
	const name = fc.constantFrom(
		'a',
		'b',
		'CB:a',
		'CB:b',
		'CB:a,id:1',
		'TAG:1',
		'error',
		'newListener',
	);
	const step = fc.tuple(
		fc.constantFrom('on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'off'),
		name,
		fc.nat(3),
		name,
	);

	it('calls whom Node would call, and says whether anybody was there', () => {
		const run = (emitter: EventEmitter, steps: Array<[string, string, number, string]>) => {
			const calls: unknown[] = [];
			const listeners = [0, 1, 2, 3].map((id) => (...given: unknown[]) => {
				calls.push([id, ...given.filter((each) => typeof each !== 'function')]);
			});
			for (const [method, listened, id, emitted] of steps) {
				(emitter as unknown as Record<string, (...given: unknown[]) => void>)[method]?.(
					listened,
					listeners[id],
				);
				try {
					calls.push(emitter.emit(emitted, 1, 2));
				} catch (error) {
					calls.push((error as Error).message);
				}
			}
			return calls;
		};
		const Sparse = sparseEmitter(EventEmitter);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
				expect(run(new Sparse(), steps)).toEqual(run(new EventEmitter(), steps));
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe('the mutex', () => {
	interface Mutex {
		runExclusive<T>(work: () => Promise<T> | T): Promise<T>;
		isLocked(): boolean;
	}
	const { Mutex: Own } = ofBaileys('async-mutex') as { Mutex: new () => Mutex };

	/** The order in which everything happens when tasks take some turns and add others. */
	async function order(
		mutex: Mutex,
		tasks: ReadonlyArray<[turns: number, fails: boolean, more: number]>,
	) {
		const seen: unknown[] = [];
		const run = async (id: string, turns: number, fails: boolean, more: number): Promise<void> => {
			await mutex
				.runExclusive(async () => {
					seen.push(`${id} begins`, mutex.isLocked());
					const later = Array.from({ length: more }, (_, n) => run(`${id}.${n}`, 1, false, 0));
					for (let turn = 0; turn < turns; turn++) await Promise.resolve();
					if (fails) throw new Error(id);
					seen.push(`${id} ends`);
					void later;
					return id;
				})
				.then(
					(value) => seen.push(`${value} is done`),
					(error: Error) => seen.push(`${error.message} failed`),
				);
		};
		const all = tasks.map(async (task, n) => await run(`${n}`, ...task));
		seen.push('all have asked', mutex.isLocked());
		await Promise.all(all);
		await mutex.runExclusive(() => seen.push('last'));
		seen.push(mutex.isLocked());
		return seen.filter(
			(each) => !String(each).endsWith('is done') && !String(each).endsWith('failed'),
		);
	}

	it('lets tasks run in the order they came, one at a time, whatever becomes of them', async () => {
		const task = fc.tuple(fc.nat(3), fc.boolean(), fc.nat(2));
		await fc.assert(
			fc.asyncProperty(fc.array(task, { maxLength: 6 }), async (tasks) => {
				expect(await order(new QuickMutex(), tasks)).toEqual(await order(new Own(), tasks));
			}),
		);
	});

	it('gives what the task gives, and its error', async () => {
		const mutex = new QuickMutex();
		const error = new Error('broken');
		await expect(mutex.runExclusive(() => 5)).resolves.toBe(5);
		await expect(mutex.runExclusive(async () => await Promise.reject(error))).rejects.toBe(error);
		await expect(
			mutex.runExclusive(() => {
				throw error;
			}),
		).rejects.toBe(error);
		expect(mutex.isLocked()).toBe(false);
	});

	it('runs each task in the context of who asked for it, as transactions of keys need', async () => {
		const context = new AsyncLocalStorage<number>();
		const mutex = new QuickMutex();
		const asked = [1, 2, 3].map(async (n) =>
			context.run(n, async () => await mutex.runExclusive(() => context.getStore())),
		);
		expect(await Promise.all(asked)).toEqual([1, 2, 3]);
	});

	it('begins no task before its caller has gone on', async () => {
		let begun = false;
		const running = new QuickMutex().runExclusive(() => (begun = true));
		expect(begun).toBe(false);
		await running;
	});
});

describe('the cache of late messages', () => {
	type Cache = Map<string, number> & { purgeStale(): boolean };
	const { LRUCache } = ofBaileys('lru-cache') as {
		LRUCache: Parameters<typeof lateExpiry>[0];
	};
	const Late = lateExpiry(LRUCache);
	let now = 1;
	const gone: string[] = [];
	const options = {
		ttl: 1_000,
		ttlAutopurge: true,
		dispose: (_value: number, key: string) => gone.push(key),
		perf: { now: () => now },
	};

	beforeEach(() => {
		jest.useFakeTimers();
		now = 1;
		gone.length = 0;
	});

	afterEach(() => jest.useRealTimers());

	const wait = (ms: number) => {
		now += ms;
		jest.advanceTimersByTime(ms);
	};

	it('hands out nothing that is too old, and forgets it with one timer for all', () => {
		const cache = new Late({ ...options, max: 10 }) as unknown as Cache;
		for (let n = 0; n < 12; n++) cache.set(`${n}`, n);
		expect(gone).toEqual(['0', '1']);
		expect(jest.getTimerCount()).toBe(1);
		wait(900);
		cache.set('12', 12);
		wait(200);
		expect(cache.get('11')).toBeUndefined();
		expect(cache.get('12')).toBe(12);
		wait(900);
		expect(cache.size).toBe(0);
		expect(gone).toHaveLength(13);
		wait(1_000);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('is as it was where nothing limits it', () => {
		const cache = new Late(options) as unknown as Cache;
		cache.set('a', 1);
		cache.set('b', 2);
		expect(jest.getTimerCount()).toBe(2);
		wait(1_002);
		expect(cache.size).toBe(0);
	});
});
