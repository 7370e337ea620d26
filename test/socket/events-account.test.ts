/** Events of the account: the connection, WhatsApp's restrictions, the history sync. */
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import type { Phone } from '../whatsapp';

let product: Product;
let runtime: Runtime;
let account: AccountSettings;
let me: Phone;
let heard: Heard;

const event = eventsOf(() => heard);

beforeAll(async () => {
	product = await Product.start();
});

beforeEach(async () => {
	runtime = product.runtime();
	account = product.account();
	me = await product.phone('Me');
	heard = await product.listen(runtime, account, 'w/account', () => true);
	await product.link(runtime, account, me);
});

afterEach(async () => await heard.close());
afterAll(async () => await product.stop());

test('connected, with its number, and the history sync after linking', async () => {
	expect(await event('account.connected')).toMatchObject({
		chat: null,
		from: null,
		isGroup: false,
		number: `+${me.number}`,
	});
	expect(await event('account.historySync')).toMatchObject({ chat: null });
	await event('account.historySync', ({ state }) => state === 'complete');
});

test('disconnected once however often it is tried, then connected again', async () => {
	await event('account.connected');
	product.server.refuseLogins(503, me.number);
	product.server.dropConnections(me.number);
	expect(await event('account.disconnected')).toMatchObject({
		reason: expect.any(String) as string,
		explanation: expect.any(String) as string,
		nextTry: expect.any(String) as string,
	});
	product.server.refuseLogins(undefined, me.number);
	await product.run(runtime, account, 'session.reconnect');
	await event('account.connected');
	const lost = heard.events.filter(({ event: name }) => name === 'account.disconnected');
	expect(lost).toHaveLength(1);
});

test('replaced by another program', async () => {
	await event('account.connected');
	product.server.streamError(me.number, 440);
	expect(await event('account.replaced')).toMatchObject({ reason: 'replaced' });
});

test('unlinked from the phone', async () => {
	await event('account.connected');
	me.unlink();
	expect(await event('account.loggedOut')).toMatchObject({ reason: 'logged-out', nextTry: null });
});

test('logged out from n8n', async () => {
	await event('account.connected');
	await product.run(runtime, account, 'session.logOut');
	expect(await event('account.loggedOut')).toMatchObject({ reason: 'logged-out' });
});

test('restricted from new chats, told once, and free again', async () => {
	await event('account.connected');
	const until = Math.floor(Date.now() / 1_000) + 3_600;
	product.server.setTimelock(me.number, { active: true, until });
	product.server.setTimelock(me.number, { active: true, until });
	expect(await event('account.restricted')).toMatchObject({
		reason: 'new-chats',
		nextTry: new Date(until * 1_000).toISOString(),
	});
	product.server.setTimelock(me.number, { active: false });
	expect(await event('account.restricted')).toMatchObject({ reason: 'lifted', nextTry: null });
});

test('a warning about the cap of new chats, told once, then that it is used up, then free again', async () => {
	await event('account.connected');
	const cap = { total_quota: 1_000, used_quota: 800 };
	product.server.setMessageCap(me.number, { ...cap, capping_status: 'FIRST_WARNING' });
	product.server.setMessageCap(me.number, {
		...cap,
		used_quota: 810,
		capping_status: 'FIRST_WARNING',
	});
	expect(await event('account.warning')).toMatchObject({
		reason: 'cap',
		explanation: expect.any(String) as string,
		advice: expect.any(String) as string,
		cap: { level: 'FIRST_WARNING', quota: 1_000, used: 800 },
	});
	product.server.setMessageCap(me.number, { ...cap, capping_status: 'CAPPED' });
	expect(await event('account.restricted')).toMatchObject({ reason: 'capped' });
	product.server.setMessageCap(me.number, { ...cap, used_quota: 0, capping_status: 'NONE' });
	expect(await event('account.restricted')).toMatchObject({ reason: 'lifted' });
	const warnings = heard.events.filter(({ event: name }) => name === 'account.warning');
	expect(warnings).toHaveLength(1);
});
