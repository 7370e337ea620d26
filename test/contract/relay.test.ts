/** Commands between processes, over every kind of Redis that can be configured. */
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import type { Command, JsonObject } from '../../src/operations/types';
import { BullRelay } from '../../src/ownership/bullRelay';
import type { Perform } from '../../src/ownership/relay';
import type { RedisSettings } from '../../src/storage/settings';
import { silentLog } from '../../src/log';
import { RedisServer } from '../helpers/redis';
import { RedisCluster } from '../helpers/redisCluster';
import { until } from '../helpers/until';

const ACCOUNT = 'account-1';
const SECRET = 'a text nobody may read';

/** One server, or several as one. */
interface Servers {
	url: string;
	ca?: string;
	cli(...args: string[]): string;
	close(): Promise<void>;
}

const kinds: Array<[name: string, start: () => Promise<Servers>]> = [
	['one server', async () => await RedisServer.start()],
	['a password', async () => await RedisServer.start({ password: 'p%ss word' })],
	['TLS', async () => await RedisServer.start({ tls: true })],
	['a cluster', async () => await RedisCluster.start()],
];

let keys = 0;
const command = (params: JsonObject = {}, timeoutMs = 20_000): Command => ({
	operation: 'test.echo',
	params,
	idempotencyKey: `key ${++keys}`,
	deadline: Date.now() + timeoutMs,
});

describe.each(kinds)('with %s', (_name, start) => {
	let redis: Servers;
	const relays: BullRelay[] = [];

	beforeAll(async () => {
		redis = await start();
	});

	afterEach(async () => {
		await Promise.all(relays.splice(0).map(async (relay) => await relay.close()));
	});

	afterAll(async () => await redis.close());

	/** A process. */
	function relay(name: string): BullRelay {
		const settings: RedisSettings = {
			kind: 'redis',
			url: redis.url,
			tls: redis.ca ? { ca: redis.ca } : undefined,
		};
		const made = new BullRelay(settings, {
			process: `${name} ${++keys}`,
			secret: 'test key',
			clock: systemClock,
			log: silentLog,
		});
		relays.push(made);
		return made;
	}

	const echo: Perform = (given) => Promise.resolve({ echo: given.params });

	test('a result comes back to who asked, also to several at once', async () => {
		const [owner, one, two] = [relay('owner'), relay('one'), relay('two')];
		await owner.serve(ACCOUNT, echo);
		const asked = [one, two, one].map(
			async (from, index) => await from.request(ACCOUNT, command({ index })),
		);
		expect(await Promise.all(asked)).toEqual([
			{ echo: { index: 0 } },
			{ echo: { index: 1 } },
			{ echo: { index: 2 } },
		]);
	});

	test('an error arrives as the one that was thrown', async () => {
		const [owner, caller] = [relay('owner'), relay('caller')];
		await owner.serve(ACCOUNT, () => {
			throw new LinkedError('restricted', { detail: 'Until Monday.', data: { status: 463 } });
		});
		await expect(caller.request(ACCOUNT, command())).rejects.toMatchObject({
			name: 'LinkedError',
			code: 'restricted',
			message: expect.stringContaining('Until Monday.') as string,
			data: { status: 463 },
		});
	});

	test('a command waits for an owner to come, in order, and not beyond its deadline', async () => {
		const [owner, caller] = [relay('owner'), relay('caller')];
		const done: unknown[] = [];
		await expect(caller.request(ACCOUNT, command({ n: 0 }, 4_000))).rejects.toMatchObject({
			code: 'owner-unreachable',
			message: expect.stringContaining('was not started') as string,
		});
		const first = caller.request(ACCOUNT, command({ n: 1 }));
		await until('the first in the queue', () => waiting() === 1);
		const second = caller.request(ACCOUNT, command({ n: 2 }));
		await until('both in the queue', () => waiting() === 2);
		await owner.serve(ACCOUNT, (given) => {
			done.push(given.params.n);
			return Promise.resolve({});
		});
		await Promise.all([first, second]);
		expect(done).toEqual([1, 2]);
	});

	test('cancelling takes a waiting command back and tells the owner of a running one', async () => {
		const [owner, caller] = [relay('owner'), relay('caller')];
		const early = new AbortController();
		const never = caller.request(ACCOUNT, command({ n: 'never' }), early.signal);
		await until('the command in the queue', () => waiting() === 1);
		early.abort();
		await expect(never).rejects.toMatchObject({ code: 'cancelled' });

		const seen: unknown[] = [];
		await owner.serve(ACCOUNT, async (given, signal) => {
			seen.push(given.params.n);
			await new Promise((_, reject) => {
				signal.addEventListener('abort', () => {
					seen.push('called off');
					reject(signal.reason as Error);
				});
			});
			return {};
		});
		const late = new AbortController();
		const running = caller.request(ACCOUNT, command({ n: 'running' }), late.signal);
		await until('it to run', () => seen.includes('running'));
		late.abort();
		await expect(running).rejects.toMatchObject({ code: 'cancelled' });
		await until('the owner to know', () => seen.includes('called off'));
		await owner.stopServing(ACCOUNT, 'finish');
		expect(seen).toEqual(['running', 'called off']);
	});

	test('what an owner had begun when it lost the number is done by the next one', async () => {
		const [first, second, caller] = [relay('first'), relay('second'), relay('caller')];
		const begun: string[] = [];
		await first.serve(ACCOUNT, async (_given, signal) => {
			begun.push('first');
			await new Promise((_, reject) => {
				signal.addEventListener('abort', () => reject(signal.reason as Error));
			});
			return {};
		});
		const asked = caller.request(ACCOUNT, command());
		await until('the first to begin', () => begun.length === 1);
		await first.stopServing(ACCOUNT, 'drop');
		await second.serve(ACCOUNT, () => {
			begun.push('second');
			return Promise.resolve({ by: 'second' });
		});
		await expect(asked).resolves.toEqual({ by: 'second' });
		expect(begun).toEqual(['first', 'second']);
	});

	test('stopping in good order finishes what runs and leaves the rest to the next', async () => {
		const [first, second, caller] = [relay('first'), relay('second'), relay('caller')];
		let finish = () => {};
		let running = false;
		await first.serve(ACCOUNT, async () => {
			running = true;
			await new Promise<void>((resolve) => (finish = resolve));
			return { by: 'first' };
		});
		const one = caller.request(ACCOUNT, command());
		await until('the first command to run', () => running);
		const stopped = first.stopServing(ACCOUNT, 'finish');
		const two = caller.request(ACCOUNT, command());
		await second.serve(ACCOUNT, () => Promise.resolve({ by: 'second' }));
		await expect(two).resolves.toEqual({ by: 'second' });
		finish();
		await expect(one).resolves.toEqual({ by: 'first' });
		await stopped;
	});

	test('nothing in Redis can be read, and no command stays there', async () => {
		const [owner, caller] = [relay('owner'), relay('caller')];
		const asked = caller.request(ACCOUNT, command({ text: SECRET }));
		await until('the command in the queue', () => waiting() === 1);
		expect(everything()).not.toContain(SECRET);
		await owner.serve(ACCOUNT, echo);
		await asked;
		await owner.stopServing(ACCOUNT, 'finish');
		expect(everything()).not.toContain(SECRET);
		const left = names().filter((name) => /:[0-9a-f]{8}-[0-9a-f-]{27}/.test(name));
		expect(left).toEqual([]);
		// Answers go away by themselves.
		const answers = names().filter((name) => name.includes('{to-'));
		for (const name of answers) expect(Number(redis.cli('PTTL', name))).toBeGreaterThan(0);
	});

	const names = () =>
		redis
			.cli('KEYS', '*')
			.split('\n')
			.filter((name) => name !== '');
	const waiting = () => Number(redis.cli('LLEN', `whatsapp-linked:commands:{${ACCOUNT}}:wait`));

	/** All that is stored, as text. */
	function everything(): string {
		const read: Record<string, string[]> = {
			string: ['GET'],
			hash: ['HGETALL'],
			list: ['LRANGE', '0', '-1'],
			set: ['SMEMBERS'],
			zset: ['ZRANGE', '0', '-1'],
			stream: ['XRANGE', '-', '+'],
		};
		return names()
			.map((name) => {
				const [verb = 'TYPE', ...rest] = read[redis.cli('TYPE', name)] ?? [];
				return redis.cli(verb, name, ...rest);
			})
			.join('\n');
	}
});

test('a Redis that hangs when clocks are to be compared holds nobody up beyond the deadline', async () => {
	const redis = await RedisServer.start();
	let later = 0;
	const clock = { ...systemClock, now: () => Date.now() + later };
	const made = ['owner', 'caller'].map((process) => {
		const settings: RedisSettings = { kind: 'redis', url: redis.url };
		return new BullRelay(settings, { process, secret: 'test key', clock, log: silentLog });
	}) as [BullRelay, BullRelay];
	const [owner, caller] = made;
	const ask = async (timeoutMs: number) =>
		await caller.request(ACCOUNT, { ...command(), deadline: clock.now() + timeoutMs });
	try {
		await owner.serve(ACCOUNT, () => Promise.resolve({ done: true }));
		expect(await ask(20_000)).toEqual({ done: true });
		redis.pause();
		// Clocks are compared every five minutes.
		later = 6 * 60_000;
		await expect(ask(500)).rejects.toMatchObject({ name: 'LinkedError' });
		redis.resume();
		expect(await ask(20_000)).toEqual({ done: true });
	} finally {
		redis.resume();
		await Promise.all(made.map(async (each) => await each.close()));
		await redis.close();
	}
});
