/** One Redis has many names; a number has one owner whichever its credential uses at the moment. */
import { Product } from '../helpers/product';
import { RedisServer } from '../helpers/redis';

let product: Product;
let redis: RedisServer;

beforeAll(async () => {
	[product, redis] = await Promise.all([Product.start(), RedisServer.start()]);
});
afterAll(async () => {
	await product.stop();
	await redis.close();
});

test('an edited credential that names the same Redis otherwise does not throw its own number out', async () => {
	const [me, anna] = [await product.phone('Me'), await product.phone('Anna')];
	const { port } = redis;
	const account = product.account({ storage: { kind: 'redis', host: '127.0.0.1', port } });
	const runtime = product.runtime();
	await product.link(runtime, account, me);
	// The trigger goes on with the credential as it was.
	const heard = await product.listen(runtime, account);

	const spellings = [
		{ host: '127.0.0.1', port, prefix: 'whatsapp-linked', tls: false },
		{ url: `redis://127.0.0.1:${port}/0` },
		{ host: 'localhost', port },
	];
	for (const [index, spelling] of spellings.entries()) {
		const edited = { ...account, storage: { kind: 'redis' as const, ...spelling } };
		const params = { chat: anna.lid, text: `text ${index}`, options: {} };
		expect(await product.run(runtime, edited, 'message.sendText', params)).toMatchObject({
			status: 'accepted',
		});
		await anna.waitForMessage(`text ${index}`);
	}
	expect(await product.run(runtime, account, 'session.getStatus')).toMatchObject({
		state: 'open',
		reconnects: 0,
	});
	expect(me.companions).toHaveLength(1);
	await heard.close();
});
