/** One process with its numbers: replaced, refused, updated, many at once, stopped. */
import { systemClock } from '../../src/clock';
import type * as RuntimeModule from '../../src/runtime';
import { N8nProcess } from '../processes/process';
import { Product } from '../helpers/product';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

jest.setTimeout(120_000);

let product: Product;
let people = 200;

/** With a number that can be typed: country code and all its digits. */
const phone = async (name: string): Promise<Phone> =>
	await product.server.phone(`+1 555 010 0${++people}`, { name });

/** How often a linked device has logged in. */
const logins = (of: Phone) => product.server.count('passive/active', `${of.number}:1`);

beforeAll(async () => {
	product = await Product.start();
});

afterAll(async () => await product.stop());

test('replaced by another program: it yields, says so, and comes back when it is told to', async () => {
	const [me, anna] = [await phone('Me'), await phone('Anna')];
	const runtime = product.runtime();
	const account = product.account();
	await product.link(runtime, account, me);
	const before = logins(me);
	product.server.streamError(me.number, 440);
	const status = await product.state(runtime, account, 'stopped');
	expect(status.error).toMatchObject({ code: 'replaced' });
	// It looks again by itself, but not in order to fight.
	expect(Date.parse(String(status.nextTry)) - Date.now()).toBeGreaterThan(10 * 60_000);
	const params = { chat: `+${anna.number}`, text: 'x' };
	await expect(product.run(runtime, account, 'message.sendText', params)).rejects.toMatchObject({
		code: 'replaced',
	});
	expect(logins(me)).toBe(before);

	const again = await product.run(runtime, account, 'session.reconnect');
	expect(again).toMatchObject({ state: 'open', error: null });
	await expect(product.run(runtime, account, 'message.sendText', params)).resolves.toMatchObject({
		status: 'accepted',
	});
});

test('a second process on the same embedded storage is refused and told why', async () => {
	const options = { storage: product.embedded(), env: product.server.env() };
	const [first, second] = await Promise.all([N8nProcess.start(options), N8nProcess.start(options)]);
	try {
		await first.ask('open', { account: 'number' });
		await expect(second.ask('open', { account: 'number' })).rejects.toMatchObject({
			code: 'storage-in-use',
			next: expect.stringContaining('Redis') as string,
		});
		await first.end();
		await until('the second to get it', async () => {
			await second.ask('open', { account: 'number' });
			return true;
		});
	} finally {
		await Promise.all([first.end('SIGKILL'), second.end('SIGKILL')]);
	}
});

test('a process with embedded storage that was held up for long keeps its number', async () => {
	const [me, anna] = [await phone('Me'), await phone('Anna')];
	let later = 0;
	const runtime = product.runtime(undefined, { ...systemClock, now: () => Date.now() + later });
	const account = product.account();
	await product.link(runtime, account, me);
	const before = logins(me);
	// Longer than a lease among several processes lasts: nobody else could have taken it.
	later = 15_000;
	const params = { chat: `+${anna.number}`, text: 'still here' };
	await expect(product.run(runtime, account, 'message.sendText', params)).resolves.toMatchObject({
		status: 'accepted',
	});
	expect(logins(me)).toBe(before);
});

test('what a person is about to scan stays open although nobody uses the number', async () => {
	const me = await phone('Me');
	let lingered = 0;
	// The minute that a number stays open for the next one who wants it is over at once.
	const after: typeof systemClock.after = (ms, task) =>
		ms === 60_000
			? systemClock.after(10, () => {
					lingered++;
					task();
				})
			: systemClock.after(ms, task);
	const runtime = product.runtime(undefined, { ...systemClock, after });
	const account = product.account();
	const offer = await product.run(runtime, account, 'session.getQr');
	await until('the minute to have passed several times', () => lingered >= 3);
	await me.scan(String(offer.qr));
	await until('the login', () => logins(me) === 1);
	// Linked, it is closed like any other.
	await until('the end', () => product.server.companions(me.number).length === 0);
});

describe('the package loaded anew in a running process', () => {
	const GLOBAL = Symbol.for('n8n-nodes-whatsapp-linked');
	const holder = globalThis as { [GLOBAL]?: { runtime?: RuntimeModule.Runtime } };

	/** As n8n does it: the cache is purged, and the files are read again. */
	function load(): typeof RuntimeModule {
		jest.resetModules();
		return require('../../src/runtime') as typeof RuntimeModule;
	}

	afterEach(async () => {
		await holder[GLOBAL]?.runtime?.close();
		delete holder[GLOBAL];
	});

	test('old and new code share one pool and one socket', async () => {
		const [me, anna] = [await phone('Me'), await phone('Anna')];
		const account = product.account();
		const old = load();
		await product.link(old.runtime(), account, me);
		const before = logins(me);
		const fresh = load();
		expect(fresh).not.toBe(old);
		expect(fresh.runtime()).toBe(old.runtime());
		const sent = await product.run(fresh.runtime(), account, 'message.sendText', {
			chat: `+${anna.number}`,
			text: 'from new code',
		});
		expect(sent).toMatchObject({ status: 'accepted' });
		expect(logins(me)).toBe(before);
		expect(product.server.companions(me.number)).toHaveLength(1);
	});

	/** Makes what this copy has made look like the work of another version. */
	function age(runtime: RuntimeModule.Runtime): void {
		Object.defineProperty(runtime, 'version', { value: '0.0.1' });
	}

	test('another version closes the old pool before it opens its own', async () => {
		const [me, anna] = [await phone('Me'), await phone('Anna')];
		const account = product.account();
		const old = load().runtime();
		await product.link(old, account, me);
		const { session } = await old.use(account, (number) => Promise.resolve(number));
		const before = logins(me);
		age(old);

		const fresh = load().runtime();
		expect(fresh).not.toBe(old);
		const sent = await product.run(fresh, account, 'message.sendText', {
			chat: `+${anna.number}`,
			text: 'from another version',
		});
		expect(sent).toMatchObject({ status: 'accepted' });
		// Closed, not replaced: the two were never connected at the same time.
		expect(session.state.name).toBe('closed');
		expect(session.lastError).toBeUndefined();
		expect(logins(me)).toBe(before + 1);
		expect(product.server.companions(me.number)).toHaveLength(1);
	});

	test('a trigger of the old version goes on hearing, and closes what it goes on with', async () => {
		const [me, anna] = [await phone('Me'), await phone('Anna')];
		const account = product.account();
		const code = load();
		const old = code.runtime();
		await product.link(old, account, me);
		const heard = new Map<string, () => void>();
		const claims: string[] = [];
		// As the trigger node of the old code: it asks for the runtime each time.
		const listener = old.listen(() => Promise.resolve(account), {
			trigger: 'workflow/node',
			wants: () => true,
			async emit(ticket) {
				const execution = `execution-${claims.push(ticket.seq)}`;
				const envelope = await code.runtime().claim(account, ticket, execution);
				const { text } = (envelope?.event ?? {}) as { text?: string };
				if (text) await new Promise<void>((end) => heard.set(text, end));
			},
			maxInFlight: 5,
			next: 'end',
			rerun: true,
		});
		await listener.started();
		await anna.sendText(me.number, 'before');
		await until('the first', () => heard.has('before'));
		await anna.sendText(me.number, 'behind it');
		age(old);

		const fresh = load().runtime();
		// The execution that began under the old version ends under the new one; the next may begin.
		await fresh.storage(account);
		heard.get('before')?.();
		await until('what waited', () => heard.has('behind it'), 20_000);
		heard.get('behind it')?.();
		await anna.sendText(me.number, 'after');
		await until('the last', () => heard.has('after'), 20_000);
		heard.get('after')?.();
		expect([...heard.keys()]).toEqual(['before', 'behind it', 'after']);
		expect(new Set(claims).size).toBe(claims.length);
		// Old code never takes back over.
		expect(code.runtime()).toBe(fresh);

		const held = await fresh.hold(account);
		expect(held.value.listeners.size).toBe(1);
		await listener.close();
		expect(held.value.listeners.size).toBe(0);
		held.release();
	});
});

test('many numbers come up together, and trouble of one leaves the others alone', async () => {
	const phones: Phone[] = [];
	for (let n = 0; n < 8; n++) phones.push(await phone(`Number ${n}`));
	const storage = product.embedded();
	const accounts = phones.map(() => product.account({ storage }));
	const first = product.runtime();
	for (const [n, each] of phones.entries()) await product.link(first, accounts[n]!, each);
	await first.close();

	const runtime = product.runtime();
	const numbers = await Promise.all(
		accounts.map(async (account) => (await runtime.hold(account)).value),
	);
	await until(
		'all of them',
		() => numbers.every(({ session }) => session.state.name === 'open'),
		60_000,
	);

	const [sick, ...others] = numbers;
	const before = phones.slice(1).map(logins);
	product.server.refuseLogins(503, phones[0]!.number);
	product.server.dropConnections(phones[0]!.number);
	await until('its trouble', () => sick!.session.state.name === 'waiting');
	const sent = await Promise.all(
		accounts.slice(1).map(async (account, n) =>
			product.run(runtime, account, 'message.sendText', {
				chat: `+${phones[(n + 2) % 8]!.number}`,
				text: `from ${n}`,
			}),
		),
	);
	expect(sent.map(({ status }) => status)).toEqual(Array<string>(7).fill('accepted'));
	expect(others.map(({ session }) => [session.state.name, session.reconnects])).toEqual(
		Array.from({ length: 7 }, () => ['open', 0]),
	);
	expect(phones.slice(1).map(logins)).toEqual(before);
	product.server.refuseLogins(undefined, phones[0]!.number);
	await until('it to be well again', () => sick!.session.state.name === 'open', 60_000);
});
