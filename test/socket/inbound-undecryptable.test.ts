/** Messages that cannot be decrypted: they come by a retry, or are reported, never dropped. */
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { Runtime } from '../../src/runtime';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import { until } from '../helpers/until';
import type { AccountSettings } from '../../src/settings';
import type { Phone } from '../whatsapp';

let product: Product;
let account: AccountSettings;
let me: Phone;
let anna: Phone;
let heard: Heard;
const runtimes: Runtime[] = [];

const event = eventsOf(() => heard);

/** Minutes of waiting for a message pass in a moment. */
const GIVE_UP_MS = 120_000;

function hasty(): Runtime {
	const runtime = new Runtime(
		{
			...systemClock,
			after: (ms, task) => systemClock.after(ms === GIVE_UP_MS ? 300 : ms, task),
		},
		silentLog,
	);
	runtimes.push(runtime);
	return runtime;
}

beforeAll(async () => {
	product = await Product.start();
});

beforeEach(async () => {
	account = product.account();
	me = await product.phone('Me');
	anna = await product.phone('Anna');
});

afterEach(async () => {
	await heard.close();
	for (const runtime of runtimes.splice(0)) await runtime.close();
});

afterAll(async () => await product.stop());

type Counts = Record<string, number>;

const inbound = async (runtime: Runtime): Promise<Counts> => {
	const status = await product.run(runtime, account, 'session.getStatus');
	return { ...(status.inbound as Counts), ...(status.queues as Counts) };
};

test('one that its sender sends again arrives once and is not reported', async () => {
	const runtime = product.runtime();
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/1', () => true);
	const sent = await anna.sendUndecryptable(me, 'second try');
	expect(await event('message.received')).toMatchObject({ text: 'second try', messageId: sent.id });
	await until('nothing to be waited for', async () => {
		const { waitingForDecryption, notInInboxYet } = await inbound(runtime);
		return waitingForDecryption === 0 && notInInboxYet === 0;
	});
	expect(await inbound(runtime)).toMatchObject({ undecryptable: 1, givenUp: 0 });
	expect(heard.events.filter(({ messageId }) => messageId === sent.id)).toHaveLength(1);
});

test('one whose receipt went down with the connection comes again, and nobody is asked for it', async () => {
	const runtime = product.runtime();
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/1', () => true);
	const group = await anna.createGroup('Group', [me.number]);
	await anna.sendText(group, 'once');
	await event('message.received');
	const { keys } = await runtime.use(account, async ({ storage }) => Promise.resolve(storage));
	const write = keys.write.bind(keys);
	let letGo = () => {};
	const held = new Promise<void>((resolve) => (letGo = resolve));
	keys.write = async (...given) => {
		await held;
		await write(...given);
	};
	const sent = await anna.sendText(group, 'twice');
	await until('it in the inbox', () => heard.events.some(({ text }) => text === 'twice'));
	product.server.dropConnections(me.number);
	await until('the connection to be gone', () => product.server.companions(me.number).length === 0);
	letGo();
	await product.state(runtime, account, 'open');
	await anna.sendText(group, 'once more');
	await until('what follows', () => heard.events.some(({ text }) => text === 'once more'));
	expect(await inbound(runtime)).toMatchObject({ undecryptable: 0 });
	expect(heard.events.filter(({ messageId }) => messageId === sent.id)).toHaveLength(1);
});

test('one that does not come again is reported, and delivered if it comes after all', async () => {
	const runtime = hasty();
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/1', () => true);
	me.disconnect(); // The phone has no copy to give.
	const sent = await anna.sendUndecryptable(me, 'late', { answerRetry: false });
	expect(await event('message.undecryptable')).toMatchObject({
		chat: anna.lid,
		from: { lid: anna.lid, name: 'Anna' },
		fromMe: false,
		messageId: sent.id,
		text: null,
		reason: expect.any(String) as string,
	});
	await until('the count', async () => (await inbound(runtime)).givenUp === 1);
	await anna.sendAgain({ ...sent, options: {} });
	expect(await event('message.received')).toMatchObject({ text: 'late', messageId: sent.id });
});

test('after a restart it is still waited for', async () => {
	const first = product.runtime();
	await product.link(first, account, me);
	heard = await product.listen(first, account, 'w/1', () => true);
	me.disconnect();
	const sent = await anna.sendUndecryptable(me, 'lost', { answerRetry: false });
	await until('the wait', async () => (await inbound(first)).waitingForDecryption === 1);
	await heard.close();
	await first.close();

	const second = hasty();
	heard = await product.listen(second, account, 'w/1', () => true);
	expect(await event('message.undecryptable')).toMatchObject({
		chat: anna.lid,
		messageId: sent.id,
	});
	await until('an empty journal', async () => (await inbound(second)).notInInboxYet === 0);
});
