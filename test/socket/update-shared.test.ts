/**
 * The package is updated in one of several processes that share a number on Redis, while messages
 * come: the old code's pool is replaced by the new code's, and no number ever has two connections.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type * as RuntimeModule from '../../src/runtime';
import { Product } from '../helpers/product';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';

jest.setTimeout(120_000);

const GLOBAL = Symbol.for('n8n-nodes-whatsapp-linked');
const holder = globalThis as { [GLOBAL]?: { runtime?: RuntimeModule.Runtime } };

let product: Product;
let redis: RedisServer;

beforeAll(async () => {
	[product, redis] = await Promise.all([Product.start(), RedisServer.start()]);
});

afterAll(async () => {
	await holder[GLOBAL]?.runtime?.close();
	delete holder[GLOBAL];
	await product.stop();
	await redis.close();
});

/** As n8n does it: the cache is purged, and the files are read again. */
function load(): typeof RuntimeModule {
	jest.resetModules();
	return require('../../src/runtime') as typeof RuntimeModule;
}

test('three updates in a row: one connection at a time, each message heard once', async () => {
	const me = await product.server.phone('+1 555 010 0401', { name: 'Me' });
	const anna = await product.server.phone('+1 555 010 0402', { name: 'Anna' });
	const account = product.account({ storage: { kind: 'redis', url: redis.url } });
	const troubles: string[] = [];
	const watch = (number: RuntimeModule.LinkedNumber) =>
		number.session.onState((state) => {
			if ('error' in state && state.error) troubles.push(state.error.code);
		});

	const code = load();
	await product.link(code.runtime(), account, me);
	// Another process of n8n, which takes over whenever it can.
	const other = product.runtime();
	const hold = await other.hold(account);
	watch(hold.value);
	const heard: string[] = [];
	const executions: string[] = [];
	const listener = code.runtime().listen(() => Promise.resolve(account), {
		trigger: 'workflow/node',
		wants: ({ event }) => event === 'message.received',
		async emit(ticket) {
			// As the trigger node of the old code: it asks for the runtime each time.
			const envelope = await code.runtime().claim(account, ticket, `execution ${ticket.seq}`);
			if (!envelope) return;
			executions.push(ticket.seq);
			heard.push(String((envelope.event as { text?: string }).text));
		},
		maxInFlight: 5,
		next: 'end',
		rerun: true,
	});
	await listener.started();

	const sent: string[] = [];
	let over = false;
	const writing = (async () => {
		for (let n = 0; !over; n++) {
			await anna.sendText(me.number, `message ${n}`);
			sent.push(`message ${n}`);
			await delay(20);
		}
	})();
	for (let update = 1; update <= 3; update++) {
		const before = heard.length;
		await until('messages to be heard', () => heard.length >= before + 10, 30_000);
		const old = code.runtime();
		Object.defineProperty(old, 'version', { value: `0.0.${update}` });
		const fresh = load().runtime();
		expect(fresh).not.toBe(old);
		await fresh.use(account, async (number) => {
			watch(number);
			await number.open();
		});
		const answer = await product.run(fresh, account, 'message.sendText', {
			chat: `+${anna.number}`,
			text: `update ${update}`,
		});
		expect(answer).toMatchObject({ status: 'accepted' });
		expect(code.runtime()).toBe(fresh);
	}
	over = true;
	await writing;
	await until('all of them', () => heard.length >= sent.length, 30_000);
	expect(heard).toEqual(sent);
	expect(new Set(executions).size).toBe(executions.length);
	// WhatsApp would have thrown one of two out.
	expect(troubles).toEqual([]);
	expect(product.server.companions(me.number)).toHaveLength(1);
	await listener.close();
	hold.release();
});
