/** What becomes of a number, of what it hears and of what it is asked when its Redis has trouble. */
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { Product, type Heard } from '../helpers/product';
import { RedisServer } from '../helpers/redis';
import { RedisCluster } from '../helpers/redisCluster';
import { TcpProxy } from '../helpers/tcpProxy';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

jest.setTimeout(120_000);

let product: Product;
const cleanups: Array<() => Promise<void>> = [];

beforeAll(async () => {
	product = await Product.start();
});

afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(async () => await product.stop());

let people = 100;
/** With a number that can be typed: country code and all its digits. */
const phone = async (name: string) =>
	await product.server.phone(`+1 555 010 0${++people}`, { name });

interface World {
	/** Owns the number. */
	owner: Runtime;
	/** Another process that wants it, too. */
	other: Runtime;
	account: AccountSettings;
	me: Phone;
	anna: Phone;
	heard: Heard;
}

/** A linked number on this Redis, with a trigger, and two processes. */
async function world(url: string, bothWantIt = true): Promise<World> {
	const [me, anna] = await Promise.all([phone('Me'), phone('Anna')]);
	const account = product.account({ storage: { kind: 'redis', url } });
	const [owner, other] = [product.runtime(), product.runtime()];
	cleanups.push(async () => {
		await Promise.all([owner.close(), other.close()]);
	});
	await product.link(owner, account, me);
	const heard = await product.listen(owner, account);
	const hold = bothWantIt ? await other.hold(account) : undefined;
	cleanups.push(async () => {
		hold?.release();
		await heard.close();
	});
	// Both directions once, so that sessions are there.
	await anna.sendText(me.number, 'hello');
	await until('the greeting', () => heard.events.some(({ text }) => text === 'hello'));
	await send({ owner, other, account, me, anna, heard }, 'owner', 'hello back');
	await anna.waitForMessage(({ text }) => text === 'hello back');
	return { owner, other, account, me, anna, heard };
}

async function redis(options: Parameters<typeof RedisServer.start>[0] = {}): Promise<RedisServer> {
	const server = await RedisServer.start(options);
	cleanups.push(async () => await server.close());
	return server;
}

let keys = 0;
const send = async (
	{ account, anna, ...runtimes }: World,
	from: 'owner' | 'other',
	text: string,
	key = `send ${++keys}`,
) =>
	await product.run(
		runtimes[from],
		account,
		'message.sendText',
		{ chat: `+${anna.number}`, text },
		key,
	);

/** Texts heard, without the greeting. */
const heardTexts = ({ heard }: World) =>
	heard.events.map(({ text }) => text).filter((text) => text !== 'hello');

const shown = ({ anna }: World, text: string) =>
	anna.messages.filter((message) => message.text === text).length;

/** Works in both directions, from both processes. */
async function expectWorking(now: World): Promise<void> {
	const stamp = `working ${++keys}`;
	await until(
		'the number to be open',
		async () => {
			const status = await product
				.run(now.other, now.account, 'session.getStatus')
				.catch(() => undefined);
			return status?.state === 'open';
		},
		60_000,
	);
	await expect(send(now, 'owner', `${stamp} a`)).resolves.toMatchObject({ status: 'accepted' });
	await expect(send(now, 'other', `${stamp} b`)).resolves.toMatchObject({ status: 'accepted' });
	await now.anna.sendText(now.me.number, stamp);
	await until('an event', () => heardTexts(now).includes(stamp), 60_000);
	await now.anna.waitForMessage(({ text }) => text === `${stamp} b`);
	expect(shown(now, `${stamp} a`)).toBe(1);
	expect(shown(now, `${stamp} b`)).toBe(1);
}

test('Redis away: the line is closed, the reason is told, and all goes on when it is back', async () => {
	const server = await redis({ aof: true });
	const now = await world(server.url);
	await server.kill();
	await now.anna.sendText(now.me.number, 'just after');
	await until('the closed line', () => product.server.companions(now.me.number).length === 0);

	const refused = { code: 'storage-unreachable' };
	await expect(product.run(now.owner, now.account, 'session.getStatus')).rejects.toMatchObject(
		refused,
	);
	await expect(send(now, 'owner', 'not now', 'tried twice')).rejects.toMatchObject(refused);
	await expect(send(now, 'other', 'nor from here')).rejects.toMatchObject(refused);
	await now.anna.sendText(now.me.number, 'nobody hears');

	await server.restart();
	await expectWorking(now);
	await until('what was missed', () => heardTexts(now).length >= 3);
	expect(heardTexts(now).slice(0, 2).sort()).toEqual(['just after', 'nobody hears']);
	expect(new Set(heardTexts(now)).size).toBe(heardTexts(now).length);
	// Refused for certain means that it did not go out, then or later.
	expect(shown(now, 'not now') + shown(now, 'nor from here')).toBe(0);
	await send(now, 'other', 'not now', 'tried twice');
	await now.anna.waitForMessage(({ text }) => text === 'not now');
});

test('what is being sent when Redis goes away comes to an end, and arrives once', async () => {
	const server = await redis({ aof: true });
	const now = await world(server.url);
	const lost = 'whatever is being sent';
	const hold = await now.owner.hold(now.account);
	const { ownership } = hold.value;
	const sends = Array.from({ length: 60 }, async (_, n) => {
		// As an execution that is repeated: under the same key until it is certain.
		for (;;) {
			try {
				return await send(now, n % 2 === 0 ? 'owner' : 'other', `${lost} ${n}`, `${lost} ${n}`);
			} catch {
				await new Promise((resolve) => setTimeout(resolve, 200));
			}
		}
	});
	await until('the first of them', () =>
		now.anna.messages.some(({ text }) => text === `${lost} 0`),
	);
	await server.kill();
	const name = `whatsapp-linked:{${now.account.account}}:lease`;
	await until('the closed line', () => product.server.companions(now.me.number).length === 0);
	// Longer than the lease: whoever had the number does not have it any more.
	await until('the loss', () => ownership.state.name === 'none');
	await server.restart();
	await Promise.all(sends);
	await until('a new owner', () => server.cli('HGET', name, 'holder') !== '');
	await expectWorking(now);
	for (let n = 0; n < sends.length; n++) expect(shown(now, `${lost} ${n}`)).toBe(1);
	hold.release();
});

test('an owner whose lease is another one’s by now stores and confirms nothing', async () => {
	const server = await redis();
	const now = await world(server.url, false);
	const name = `whatsapp-linked:{${now.account.account}}`;
	const stored = () =>
		server.cli(
			'EVAL',
			`local names = redis.call('KEYS', ARGV[1] .. ':k:*') table.sort(names)
			local all = redis.call('XLEN', ARGV[1] .. ':inbox') .. ' ' .. redis.call('HLEN', ARGV[1] .. ':journal')
			for _, name in ipairs(names) do all = redis.sha1hex(all .. name .. redis.call('GET', name)) end
			return all`,
			'0',
			name,
		);
	// Just renewed, so that the write comes before the next look at the lease.
	await until('a renewal', () => Number(server.cli('PTTL', `${name}:lease`)) > 8_500);
	server.cli('HSET', `${name}:lease`, 'holder', 'somebody else', 'token', '9'.repeat(16));
	server.cli('PEXPIRE', `${name}:lease`, '5000');
	const before = stored();
	await now.anna.sendText(now.me.number, 'to the wrong one');
	await until('the closed line', () => product.server.companions(now.me.number).length === 0);
	expect(stored()).toBe(before);
	expect(heardTexts(now)).toEqual([]);
	// When it has the lease again it gets the message again.
	await until('the message', () => heardTexts(now).includes('to the wrong one'), 60_000);
	expect(heardTexts(now)).toEqual(['to the wrong one']);
});

test('Redis emptied: the number says that its session is gone, and can be linked again', async () => {
	const server = await redis();
	// Only who had it open can tell an emptied storage from a new one.
	const now = await world(server.url, false);
	await server.restart({ data: false });
	const status = await until(
		'the news',
		async () => {
			const answer = await product
				.run(now.owner, now.account, 'session.getStatus')
				.catch(() => undefined);
			return answer?.state === 'unlinked' && answer;
		},
		60_000,
	);
	expect(status.error).toMatchObject({
		code: 'not-linked',
		message: expect.stringContaining('storage emptied') as string,
	});
	await expect(send(now, 'other', 'x')).rejects.toMatchObject({ code: 'not-linked' });
	await product.link(now.other, now.account, now.me);
	await expect(send(now, 'owner', 'linked again')).resolves.toMatchObject({ status: 'accepted' });
});

test('Redis full: what comes in waits at WhatsApp, and is heard once when there is room', async () => {
	const server = await redis();
	const now = await world(server.url);
	server.cli('CONFIG', 'SET', 'maxmemory', '1');
	await now.anna.sendText(now.me.number, 'no room');
	const told = await until(
		'the reason',
		async () => {
			const answer = await product
				.run(now.owner, now.account, 'session.getStatus')
				.catch(() => undefined);
			return (answer?.error as { code?: string } | null)?.code === 'storage-full' && answer;
		},
		60_000,
	);
	expect(told.state).not.toBe('open');
	await expect(send(now, 'other', 'full')).rejects.toMatchObject({ code: 'storage-full' });
	expect(heardTexts(now)).toEqual([]);

	server.cli('CONFIG', 'SET', 'maxmemory', '0');
	await expectWorking(now);
	await until('what waited', () => heardTexts(now).includes('no room'));
	expect(heardTexts(now).filter((text) => text === 'no room')).toHaveLength(1);
	expect(shown(now, 'full')).toBe(0);
});

test('Redis slow, then failed over to a replica: everything works, only slower', async () => {
	const [primary, replica] = await Promise.all([redis(), redis()]);
	replica.cli('REPLICAOF', '127.0.0.1', String(primary.port));
	await until('the replica', () => replica.cli('INFO', 'replication').includes('link_status:up'));
	const proxy = await TcpProxy.start(primary.port);
	cleanups.push(async () => await proxy.close());
	const now = await world(`redis://127.0.0.1:${proxy.port}`);
	proxy.delayMs = 100;
	await expectWorking(now);
	proxy.delayMs = 0;

	// The line goes first: what is confirmed after the last word to the replica would be lost.
	proxy.target = 1;
	proxy.cut();
	await primary.replicatedTo(replica);
	replica.cli('REPLICAOF', 'NO', 'ONE');
	await primary.kill();
	proxy.target = replica.port;
	await expectWorking(now);
	expect(new Set(heardTexts(now)).size).toBe(heardTexts(now).length);
});

test('a node of a Redis cluster dies: its replica takes over, and all goes on', async () => {
	const cluster = await RedisCluster.start({ replicas: true });
	cleanups.push(async () => await cluster.close());
	const now = await world(cluster.url);
	await cluster.failOver(`whatsapp-linked:{${now.account.account}}:lease`);
	await now.anna.sendText(now.me.number, 'while it changes');
	await expectWorking(now);
	await until('what came meanwhile', () => heardTexts(now).includes('while it changes'));
	expect(new Set(heardTexts(now)).size).toBe(heardTexts(now).length);
});
