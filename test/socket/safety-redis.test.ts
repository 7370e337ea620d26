/** On Redis. */
import { Product } from '../helpers/product';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { safetySuite } from '../suites/safety';

let redis: RedisServer;
beforeAll(async () => {
	redis = await RedisServer.start();
});

describe('the path', () =>
	safetySuite(() =>
		Promise.resolve({ kind: 'redis', host: '127.0.0.1', port: redis.port } as const),
	));

test('what waits for a limit is taken over by the next owner of the number', async () => {
	const product = await Product.start();
	const storage = { kind: 'redis', host: '127.0.0.1', port: redis.port } as const;
	const account = product.account({ account: 'shared', storage });
	const [first, second] = [product.runtime(), product.runtime()];
	const me = await product.phone('Me');
	const anna = await product.phone('Anna');
	await product.link(first, account, me);
	product.server.setTimelock(me.number, {
		active: true,
		until: Math.floor(Date.now() / 1_000) + 600,
	});
	const check = async () =>
		await product.run(second, account, 'safety.checkRecipient', { chat: anna.lid });
	await until('the timelock to be known', async () => (await check()).rule === 'timelock');
	const waiting = second.use(account, async (number) =>
		number.submit({
			operation: 'message.sendText',
			params: { chat: anna.lid, text: 'in the end', options: {} },
			idempotencyKey: 'waits',
			// Longer than the lock lasts: a wait that cannot end in time is not begun.
			deadline: Date.now() + 900_000,
			safety: { atLimit: 'wait', waitMs: 800_000 },
		}),
	);
	const before = product.server.count('message');
	await first.close();
	await product.state(second, account, 'open');
	expect(product.server.count('message')).toBe(before);
	product.server.setTimelock(me.number, { active: false });
	expect(await waiting).toMatchObject({ status: 'accepted' });
	await anna.waitForMessage('in the end');
	await product.stop();
});

// After the suite's own end: the number still writes until then.
afterAll(async () => await redis.close());
