/** Redis that is not there, refuses, goes away, comes back, hangs, is full or is another than it was. */
import { systemClock } from '../../src/clock';
import { openStorage } from '../../src/storage/open';
import { RedisStorage, type RedisPatience } from '../../src/storage/redis';
import { UNSEALED } from '../../src/storage/historyRole';
import type { AccountStorage, Storage, StorageHealth } from '../../src/storage/roles';
import { checkRedis, type RedisSettings } from '../../src/storage/settings';
import { RedisServer, type RedisOptions } from '../helpers/redis';
import { recordingLog } from '../helpers/storage';
import { until } from '../helpers/until';
import { bytes, collect, hold, text, withCode } from './storage.contract';

const HASTY: RedisPatience = { waitMs: 1000, answerMs: 500, pingMs: 100, pollMs: 200 };
/** Long enough for a server to start again on a slow machine. */
const PATIENT: RedisPatience = { ...HASTY, waitMs: 30_000 };

const log = recordingLog();
const deps = { log, clock: systemClock };
const servers: RedisServer[] = [];
const storages: Storage[] = [];

async function server(options: RedisOptions = {}): Promise<RedisServer> {
	const started = await RedisServer.start(options);
	servers.push(started);
	return started;
}

function open(
	settings: Omit<RedisSettings, 'kind'>,
	patience: Partial<RedisPatience> = HASTY,
): Storage {
	const storage = new RedisStorage(checkRedis({ kind: 'redis', ...settings }), deps, patience);
	storages.push(storage);
	return storage;
}

afterEach(async () => {
	await Promise.all(storages.splice(0).map((storage) => storage.close()));
	await Promise.all(servers.splice(0).map((each) => each.close()));
	log.lines.length = 0;
});

const clients = (redis: RedisServer) =>
	redis
		.cli('CLIENT', 'LIST')
		.split('\n')
		.filter((line) => !line.includes('cmd=client'));

describe('Redis that cannot be used', () => {
	const problem = async (settings: Omit<RedisSettings, 'kind'>) => {
		const error: unknown = await open(settings)
			.ready()
			.then(
				() => 'it was ready',
				(reason: unknown) => reason,
			);
		return error;
	};
	const saying = (code: string, detail: RegExp) =>
		expect.objectContaining({ code, message: expect.stringMatching(detail) as string }) as Error;

	it('because nothing listens there is unreachable', async () => {
		const redis = await server();
		await redis.stop();
		expect(await problem({ url: redis.url })).toEqual(
			saying('storage-unreachable', /Nothing answers/),
		);
		expect(await problem({ url: 'redis://no-such-host.invalid' })).toEqual(
			saying('storage-unreachable', /host name/),
		);
	});

	it('because of the password is refused, and the password is not repeated', async () => {
		const redis = await server({ password: 'right' });
		const { port } = redis;
		for (const password of [undefined, 'wrong-secret']) {
			const error = await problem({ host: '127.0.0.1', port, password });
			expect(error).toEqual(saying('storage-refused', /./));
			expect(JSON.stringify([error, log.lines])).not.toContain('wrong-secret');
		}
		await open({ host: '127.0.0.1', port, password: 'right' }).ready();
		const noPassword = await server();
		expect(await problem({ host: '127.0.0.1', port: noPassword.port, password: 'x' })).toEqual(
			saying('storage-refused', /takes no password/),
		);
	});

	it('because of the password fails commands at once, without waiting for it to come right', async () => {
		const redis = await server({ password: 'right' });
		const storage = open(
			{ host: '127.0.0.1', port: redis.port, password: 'wrong' },
			{ ...HASTY, waitMs: 3_600_000 },
		);
		await expect(storage.ready()).rejects.toThrow(withCode('storage-refused'));
		const command = storage.account('a').facts.get('f');
		await expect(command).rejects.toThrow(withCode('storage-refused'));
	});

	it('because the user may not do what is needed is refused', async () => {
		const redis = await server();
		redis.cli(
			'ACL',
			'SETUSER',
			'reader',
			'on',
			'>pw',
			'~*',
			'&*',
			'+@read',
			'+@connection',
			'+info',
		);
		const storage = open({
			host: '127.0.0.1',
			port: redis.port,
			username: 'reader',
			password: 'pw',
		});
		await storage.ready();
		const write = storage.account('a').facts.set('f', bytes('x'));
		await expect(write).rejects.toThrow(withCode('storage-refused'));
	});

	it('because it has no such database says which field is wrong', async () => {
		const redis = await server();
		expect(await problem({ url: redis.url, database: 99 })).toEqual(
			saying('storage-settings', /database/),
		);
	});

	it('because of TLS says so', async () => {
		const secure = await server({ tls: true });
		const plain = await server();
		expect(await problem({ url: secure.url })).toEqual(
			saying('storage-unreachable', /certificate/),
		);
		expect(await problem({ url: `rediss://127.0.0.1:${plain.port}` })).toEqual(
			saying('storage-unreachable', /TLS/),
		);
		expect(await problem({ url: `redis://localhost:${secure.port}` })).toEqual(
			saying('storage-unreachable', /TLS/),
		);
		await open({ url: secure.url, tls: { ca: secure.ca } }).ready();
	});

	it('because it is no cluster says which field is wrong', async () => {
		const redis = await server();
		expect(await problem({ url: `redis-cluster://127.0.0.1:${redis.port}` })).toEqual(
			saying('storage-settings', /cluster/),
		);
	});

	it('may throw sessions away is warned about', async () => {
		const evicting = await server({ maxmemory: '100mb', maxmemoryPolicy: 'allkeys-lru' });
		await open({ url: evicting.url }).ready();
		expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
			expect.objectContaining({ message: expect.stringContaining('noeviction') as string }),
		]);
		log.lines.length = 0;
		const unlimited = await server({ maxmemoryPolicy: 'allkeys-lru' });
		await open({ url: unlimited.url }).ready();
		expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
	});
});

describe('Redis that goes away', () => {
	it('fails commands after a bounded time, says so, and is back by itself with its data', async () => {
		const redis = await server({ aof: true });
		const storage = open({ url: redis.url });
		const changes: StorageHealth[] = [];
		storage.onHealth((health) => changes.push(health));
		const { facts, keys } = storage.account('a');
		await keys.write({ set: new Map([['k', bytes('kept')]]) });
		await redis.kill();
		await expect(facts.get('f')).rejects.toThrow(withCode('storage-unreachable'));
		await expect(keys.getMany(['k'])).rejects.toThrow(withCode('storage-unreachable'));
		expect(storage.health()).toMatchObject({ ok: false, reason: expect.any(String) as string });
		await expect(storage.ready()).rejects.toThrow(withCode('storage-unreachable'));
		await redis.restart();
		await until('Redis to be back', () => storage.health().ok);
		expect((await keys.getMany(['k'])).map(text)).toEqual(['kept']);
		expect(changes.map(({ ok }) => ok)).toEqual([false, true]);
	});

	it('for a moment only is not noticed by commands', async () => {
		const redis = await server({ aof: true });
		const { facts, keys, inbox } = open({ url: redis.url }, PATIENT).account('a');
		await facts.set('f', bytes('1'));
		await redis.kill();
		const commands = [
			facts.get('f').then(text),
			keys.write({ set: new Map([['k', bytes('v')]]) }),
			inbox.append([{ key: 'e', value: bytes('e') }]).then(({ length }) => length),
		];
		await redis.restart();
		expect(await Promise.all(commands)).toEqual(['1', undefined, 1]);
		expect((await keys.getMany(['k'])).map(text)).toEqual(['v']);
	});

	it('tells its listeners afterwards what they missed', async () => {
		const redis = await server({ aof: true });
		const here = open({ url: redis.url }, PATIENT).account('a');
		const there = open({ url: redis.url }, { ...PATIENT, pingMs: 101 }).account('a');
		const heard: string[] = [];
		const stops = [
			here.inbox.onAppend(() => heard.push('append')),
			here.cursors.onClaim((trigger) => heard.push(trigger)),
			here.lease.onRelease(() => heard.push('release')),
		];
		await until('the subscription', () => redis.cli('PUBSUB', 'CHANNELS').includes('{a}'));
		const fence = await hold(there);
		await redis.restart();
		heard.length = 0;
		const [seq = ''] = await there.inbox.append([{ key: 'e', value: bytes('e') }]);
		await there.cursors.claim('trigger', seq, 1, { process: 'p', execution: 'e' });
		await there.lease.release(fence);
		await until('all to be heard', () =>
			['append', 'trigger', 'release'].every((each) => heard.includes(each)),
		);
		for (const stop of stops) stop();
	});

	it('and back without its data gives no old token and no old position again', async () => {
		const redis = await server();
		const { lease, keys, inbox, ...account } = open({ url: redis.url }, PATIENT).account('a');
		const old = await hold({ ...account, lease, keys, inbox });
		const [before = ''] = await inbox.append([{ key: 'e', value: bytes('e') }]);
		await redis.restart({ data: false });
		const late = keys.write({ set: new Map([['k', bytes('late')]]) }, old);
		await expect(late).rejects.toThrow(withCode('lease-lost'));
		const next = await hold({ ...account, lease, keys, inbox }, 'p2');
		expect(next.token).toBeGreaterThan(old.token);
		await expect(keys.write({ delete: ['k'] }, old)).rejects.toThrow(withCode('lease-lost'));
		const [after = ''] = await inbox.append([{ key: 'e', value: bytes('e') }]);
		expect(after > before).toBe(true);
		expect(await inbox.read(before, 9)).toHaveLength(1);
	});

	it('has no scripts any more when it is back; they are loaded again', async () => {
		const redis = await server();
		const { facts } = open({ url: redis.url }).account('a');
		expect(await facts.increment('n', 1)).toBe(1);
		redis.cli('SCRIPT', 'FLUSH');
		expect(await facts.increment('n', 1)).toBe(2);
	});

	it('lets itself be closed all the same', async () => {
		const redis = await server();
		const storage = open({ url: redis.url });
		await storage.ready();
		await redis.kill();
		const waiting = storage.account('a').facts.get('f');
		const failed = expect(waiting).rejects.toThrow(/./);
		await storage.close();
		await failed;
		await expect(storage.ready()).rejects.toThrow(withCode('closing'));
	});

	it('can be asked to close before it was ever there', async () => {
		const redis = await server();
		await redis.stop();
		const storage = open({ url: redis.url });
		storage.account('a').inbox.onAppend(() => {});
		await expect(storage.ready()).rejects.toThrow(withCode('storage-unreachable'));
		await storage.close();
	});
});

describe('Redis that hangs', () => {
	it('fails commands after a bounded time and works again when it wakes up', async () => {
		const redis = await server();
		const storage = open({ url: redis.url });
		const { facts } = storage.account('a');
		await facts.set('f', bytes('1'));
		redis.pause();
		await expect(facts.get('f')).rejects.toThrow(withCode('storage-unreachable'));
		await until('it to be noticed', () => !storage.health().ok);
		redis.resume();
		await until('Redis to be back', () => storage.health().ok);
		expect(text(await facts.get('f'))).toBe('1');
	});

	it('does not run a write, when it wakes up, whose lease has run out meanwhile', async () => {
		const redis = await server();
		const account = open({ url: redis.url }).account('a');
		const fence = await hold(account, 'p1', 300);
		redis.pause();
		const late = account.keys.write({ set: new Map([['k', bytes('late')]]) }, fence);
		await expect(late).rejects.toThrow(withCode('storage-unreachable'));
		redis.resume();
		expect(await account.keys.getMany(['k'])).toEqual([undefined]);
		await hold(account, 'p2');
		expect(await account.keys.getMany(['k'])).toEqual([undefined]);
	});

	it('does not count twice what may have been counted', async () => {
		const redis = await server();
		// No pings, so that the connection stays the one it is.
		const { facts } = open({ url: redis.url }, { ...HASTY, pingMs: 3_600_000 }).account('a');
		await facts.increment('n', 1);
		redis.pause();
		await expect(facts.increment('n', 1)).rejects.toThrow(withCode('storage-unreachable'));
		redis.resume();
		await until('it to answer', async () => {
			const value = text(await facts.get('n').catch(() => undefined));
			return value === '2';
		});
	});
});

describe('Redis that is full', () => {
	it('says so, writes nothing of a batch, and still reads', async () => {
		const redis = await server({ maxmemory: '4mb' });
		const { keys } = open({ url: redis.url }).account('a');
		await keys.write({ set: new Map([['k', bytes('kept')]]) });
		const fill = async () => {
			for (let each = 0; ; each++) {
				await keys.write({
					set: new Map([
						[`large ${each}`, Buffer.alloc(100_000)],
						[`beside ${each}`, bytes('x')],
					]),
				});
			}
		};
		await expect(fill()).rejects.toThrow(withCode('storage-full'));
		const names = await collect(keys.keys(''));
		expect(names.filter((name) => name.startsWith('large'))).toHaveLength(
			names.filter((name) => name.startsWith('beside')).length,
		);
		expect((await keys.getMany(['k'])).map(text)).toEqual(['kept']);
		redis.cli('CONFIG', 'SET', 'maxmemory', '100mb');
		await keys.write({ set: new Map([['k', bytes('again')]]) });
	});
});

describe('Redis that became a replica', () => {
	it('is unreachable for writes until there is a primary again', async () => {
		const redis = await server();
		const { facts } = open({ url: redis.url }).account('a');
		await facts.set('f', bytes('1'));
		redis.cli('REPLICAOF', '127.0.0.1', '1');
		await expect(facts.set('f', bytes('2'))).rejects.toThrow(withCode('storage-unreachable'));
		redis.cli('REPLICAOF', 'NO', 'ONE');
		await facts.set('f', bytes('3'));
		expect(text(await facts.get('f'))).toBe('3');
	});
});

describe('connections', () => {
	it('are one and a subscriber, however many storages and accounts, and are let go', async () => {
		const redis = await server();
		const many = Array.from({ length: 3 }, (_, index) => {
			const storage = openStorage({ kind: 'redis', url: redis.url, prefix: `p${index}` }, deps);
			storages.push(storage);
			return storage;
		});
		for (const storage of many) {
			for (let each = 0; each < 20; each++) {
				const account = storage.account(`account ${each}`);
				await account.facts.set('f', bytes('x'));
				account.inbox.onAppend(() => {});
			}
		}
		await until(
			'the subscriptions',
			() => redis.cli('PUBSUB', 'CHANNELS').split('\n').length === 60,
		);
		expect(clients(redis)).toHaveLength(2);
		await Promise.all(many.map((storage) => storage.close()));
		await until('the connections to be gone', () => clients(redis).join('') === '');
	});

	it('keep storages with different prefixes apart', async () => {
		const redis = await server();
		const [one, two] = ['one', 'two'].map((prefix) =>
			open({ url: redis.url, prefix }).account('a'),
		);
		await one?.facts.set('f', bytes('1'));
		await two?.erase();
		expect(text(await one?.facts.get('f'))).toBe('1');
		expect(redis.cli('KEYS', '*')).toBe('one:{a}:f:f');
	});

	it('let nobody begin with an account that is half erased', async () => {
		const redis = await server();
		const [mine, other] = [open({ url: redis.url }), open({ url: redis.url })].map((storage) =>
			storage.account('a'),
		) as [AccountStorage, AccountStorage];
		const facts = Array.from(
			{ length: 20_000 },
			(_, n) => [`f${n}`, { value: bytes('f') }] as const,
		);
		await mine.facts.setMany(new Map(facts));
		const held = await mine.lease.acquire('mine', 10_000);
		expect(held.held).toBe(true);
		let over = false;
		const erasing = mine.erase().then(() => (over = true));
		const early: string[] = [];
		while (!over) {
			const taken = await other.lease.acquire('other', 10_000);
			if (!taken.held || over) continue;
			for await (const name of other.facts.keys('')) early.push(name);
			break;
		}
		await erasing;
		expect(early).toEqual([]);
	});

	it('erase the history of an account before what tells whose it is', async () => {
		const redis = await server();
		const [mine, other] = [open({ url: redis.url }), open({ url: redis.url })].map((storage) =>
			storage.account('a'),
		) as [AccountStorage, AccountStorage];
		await mine.facts.set('self', bytes('whose'));
		const numbers = Array.from({ length: 2_000 }, (_, n) => n);
		await mine.facts.setMany(new Map(numbers.map((n) => [`f${n}`, { value: bytes('f') }])));
		const step = () => ({ second: 1, flags: 0, body: bytes('said') });
		await mine
			.history(UNSEALED)
			.change(numbers.map((n) => ({ chat: `${n}@lid`, id: `m${n}`, step })));
		let over = false;
		const erasing = mine.erase().then(() => (over = true));
		while (!over) {
			if (await other.facts.get('self')) continue;
			expect(redis.cli('KEYS', '*:h:*')).toBe('');
		}
		await erasing;
		expect(redis.cli('KEYS', '*')).toBe('');
	});

	it('stop listening when the last listener has gone', async () => {
		const redis = await server();
		const { inbox } = open({ url: redis.url }).account('a');
		const stops = [inbox.onAppend(() => {}), inbox.onAppend(() => {})];
		await until('the subscription', () => redis.cli('PUBSUB', 'CHANNELS') !== '');
		for (const stop of stops) stop();
		await until('it to end', () => redis.cli('PUBSUB', 'CHANNELS') === '');
		let heard = false;
		const stop = inbox.onAppend(() => (heard = true));
		await inbox.append([{ key: 'e', value: bytes('e') }]);
		await until('the new listener to hear', () => heard);
		stop();
	});

	it('of a subscriber that was cut come back', async () => {
		const redis = await server();
		// Hardly ever looks, so that only messages can tell in time.
		const { inbox } = open({ url: redis.url }, { ...HASTY, pollMs: 3_600_000 }).account('a');
		let heard = 0;
		const stop = inbox.onAppend(() => (heard += 1));
		await until('the subscription', () => redis.cli('PUBSUB', 'CHANNELS') !== '');
		redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
		await until('the subscription to be back', () => redis.cli('PUBSUB', 'CHANNELS') !== '');
		const before = heard;
		await inbox.append([{ key: 'e', value: bytes('e') }]);
		await until('the listener to hear', () => heard > before);
		stop();
	});
});
