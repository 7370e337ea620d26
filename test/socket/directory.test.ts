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

test('the chat with oneself has the own name, also a new one, and is nobody among the contacts', async () => {
	const account = product.account();
	const runtime = product.runtime();
	const me = await product.phone('Olivia');
	await product.link(runtime, account, me);
	const list = async (operation: string, search: string) =>
		names(await product.run(runtime, account, operation, { search, kind: 'all', limit: 10 }));
	await until('the own name', async () => (await list('chat.getMany', 'oliv')).includes('Olivia'));
	await me.chats.setPushName('Olive');
	await until('the new one', async () => (await list('chat.getMany', 'oliv')).includes('Olive'));
	expect(await list('chat.getMany', me.number.slice(-4))).toEqual(['Olive']);
	expect(await list('contact.getMany', 'oliv')).toEqual([]);
	// What other processes say of messages of one's own.
	const chat = me.lid;
	await product.run(runtime, account, 'message.sendText', { chat, text: 'milk' });
	await until('the message, from Olive', async () => {
		const params = { chat, range: 'newest', limit: 1, simplify: false, filters: {} };
		const found = await product.run(runtime, account, 'chat.getMessages', params);
		const [message] = found as unknown as Array<{ from: { name: string }; chatName: string }>;
		return message?.from.name === 'Olive' && message.chatName === 'Olive';
	});
});
