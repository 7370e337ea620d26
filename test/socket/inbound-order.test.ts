/** What was written while the number was away and what comes live keep their order. */
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import { until } from '../helpers/until';

let product: Product;

beforeAll(async () => {
	product = await Product.start();
});

afterAll(async () => await product.stop());

test('live messages do not overtake those that waited at the server', async () => {
	const account = product.account();
	const me = await product.phone('Me');
	const anna = await product.phone('Anna');
	const first = product.runtime();
	await product.link(first, account, me);
	let heard: Heard = await product.listen(first, account, 'w/1');
	await anna.sendText(me, '0');
	await eventsOf(() => heard)('message.received');
	await heard.close();
	await first.close();

	// One batch: the server then goes over to live delivery.
	const count = 90;
	for (let n = 1; n <= count; n++) await anna.sendText(me, String(n));
	const second = product.runtime();
	heard = await product.listen(second, account, 'w/1');
	// Those before are still being worked off when these come.
	await until('the first of them', () => heard.events.length > 0);
	for (let n = count + 1; n <= 2 * count; n++) await anna.sendText(me, String(n));
	await until('all', () => heard.events.length >= 2 * count, 30_000);
	expect(heard.events.map(({ text }) => Number(text))).toEqual(
		Array.from({ length: 2 * count }, (_, n) => n + 1),
	);
	expect(heard.events[0]).toMatchObject({ offline: true });
	expect(heard.events.at(-1)).toMatchObject({ offline: false });
	await heard.close();
});
