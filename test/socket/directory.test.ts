import { Product } from '../helpers/product';
import { until } from '../helpers/until';

let product: Product;
beforeAll(async () => {
	product = await Product.start();
});
afterAll(async () => {
	await product.stop();
});

const names = (found: unknown) => (found as Array<{ name: string | null }>).map(({ name }) => name);

test('chats and groups are listed with names, the latest first, found by name or number, also after a restart', async () => {
	const account = product.account();
	const runtime = product.runtime();
	const me = await product.phone('Me');
	const [anna, bert] = [await product.phone('Anna'), await product.phone('Bert')];
	await product.link(runtime, account, me);
	const heard = await product.listen(runtime, account);
	await anna.sendText(me.number, 'one');
	await until('Anna', () => heard.events.length === 1);
	await bert.createGroup('Book club', [me, anna]);
	await bert.sendText(me.number, 'two');
	await until('Bert', () => heard.events.some(({ text }) => text === 'two'));

	const list = async (search = '', kind = 'all') =>
		await product.run(runtime, account, 'chat.getMany', { search, kind, limit: 10 });
	await until('all three', async () => names(await list()).includes('Book club'));
	expect(names(await list('ann'))).toEqual(['Anna']);
	expect(names(await list(anna.number.slice(-4)))).toEqual(['Anna']);
	expect(names(await list('', 'group'))).toEqual(['Book club']);
	expect(names(await list('nobody'))).toEqual([]);
	await heard.close();
	await runtime.close();

	const next = product.runtime();
	const found = await product.run(next, account, 'chat.getMany', {
		search: '',
		kind: 'all',
		limit: 10,
	});
	expect(names(found)).toEqual(expect.arrayContaining(['Anna', 'Bert', 'Book club']));
});
