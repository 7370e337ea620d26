import { Product } from '../helpers/product';
import { until } from '../helpers/until';

let product: Product;
beforeAll(async () => {
	product = await Product.start();
});
afterAll(async () => {
	await product.stop();
});

test('messages that cross each other can all be read, at the first try', async () => {
	const runtime = product.runtime();
	const account = product.account();
	const [me, anna] = [await product.phone('Me'), await product.phone('Anna')];
	await product.link(runtime, account, me);
	const heard = await product.listen(runtime, account);
	await anna.sendText(me.number, 'hello');
	await until('the first event', () => heard.events[0]);
	const chat = String(heard.events[0]?.chat);

	const before = product.server.count('receipt/retry');
	const count = 30;
	await Promise.all(
		Array.from({ length: count }, async (_, n) => {
			await Promise.all([
				anna.sendText(me.number, `from Anna ${n}`),
				product.run(runtime, account, 'message.sendText', { chat, text: `to Anna ${n}` }),
			]);
		}),
	);
	await until('all from Anna', () => heard.events.length === count + 1);
	await until(
		'all to Anna',
		() => anna.messages.filter(({ text }) => text?.startsWith('to Anna')).length === count,
	);
	expect(product.server.count('receipt/retry') - before).toBe(0);
	await heard.close();
});
