/**
 * Many numbers in one process on one storage: a storm on one of them leaves the others undisturbed.
 * The storm goes on until the others are done, so that they have surely done it in the middle of it.
 */
import type { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import type { StorageSettings } from '../../src/storage/open';
import { Product, type Heard } from '../helpers/product';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';

jest.setTimeout(180_000);

const ROUNDS = 15;
const OTHERS = 3;
/** So far may the flood be ahead of what is heard of it. */
const AHEAD = 200;

let product: Product;
let redis: RedisServer;
let people = 300;

/** With a number that can be typed. */
const phone = async (name: string) =>
	await product.server.phone(`+1 555 010 0${++people}`, { name });

interface Linked {
	account: AccountSettings;
	me: Phone;
	/** Who writes to it. */
	friend: Phone;
	heard: Heard;
}

beforeAll(async () => {
	[product, redis] = await Promise.all([Product.start(), RedisServer.start()]);
});

afterAll(async () => {
	await product.stop();
	await redis.close();
});

async function linked(runtime: Runtime, storage: StorageSettings, name: string): Promise<Linked> {
	const [me, friend] = [await phone(name), await phone(`Friend of ${name}`)];
	const account = product.account({ storage });
	await product.link(runtime, account, me);
	const heard = await product.listen(runtime, account, 'workflow/node');
	await friend.sendText(me, 'hello');
	await until('the greeting', () => heard.events.length === 1);
	return { account, me, friend, heard };
}

const texts = ({ heard }: Linked) => heard.events.map(({ text }) => String(text));

/** What is written to it and what it answers, one after the other; resolves when all has arrived. */
async function talk(runtime: Runtime, number: Linked): Promise<void> {
	for (let n = 0; n < ROUNDS; n++) {
		await number.friend.sendText(number.me, `in ${n}`);
		await until('it to be heard', () => texts(number).includes(`in ${n}`), 60_000);
		const sent = await product.run(runtime, number.account, 'message.sendText', {
			chat: `+${number.friend.number}`,
			text: `out ${n}`,
		});
		expect(sent).toMatchObject({ status: 'accepted' });
	}
	await number.friend.waitForMessage(`out ${ROUNDS - 1}`);
	const all = (way: string) => Array.from({ length: ROUNDS }, (_, n) => `${way} ${n}`);
	expect(texts(number).filter((text) => text.startsWith('in '))).toEqual(all('in'));
	const arrived = number.friend.messages.map(({ text }) => String(text));
	expect(arrived.filter((text) => text.startsWith('out '))).toEqual(all('out'));
}

const storages: Array<[string, () => StorageSettings]> = [
	['one file', () => product.embedded()],
	['one Redis', () => ({ kind: 'redis', url: redis.url })],
];

describe.each(storages)('numbers on %s', (_name, makeStorage) => {
	let runtime: Runtime;
	let sick: Linked;
	const others: Linked[] = [];

	beforeAll(async () => {
		runtime = product.runtime();
		const storage = makeStorage();
		sick = await linked(runtime, storage, 'Sick');
		for (let n = 0; n < OTHERS; n++) others.push(await linked(runtime, storage, `Number ${n}`));
	});

	afterAll(async () => {
		for (const { heard } of [sick, ...others.splice(0)]) await heard.close();
		await runtime.close();
	});

	const sickState = async () =>
		(await product.run(runtime, sick.account, 'session.getStatus')).state as string;

	/** Does it again and again until all the others have had their talk. */
	async function meanwhile(storm: (n: number) => Promise<void>): Promise<void> {
		let over = false;
		const talks = Promise.all(others.map(async (each) => await talk(runtime, each))).finally(
			() => (over = true),
		);
		talks.catch(() => {});
		for (let n = 0; !over; n++) await storm(n);
		await talks;
		for (const each of others) each.heard.events.length = 0;
		for (const { friend } of others) friend.messages.length = 0;
	}

	test('a flood of messages, some of which cannot be decrypted', async () => {
		const writers = await Promise.all(['A', 'B', 'C', 'D'].map(async (name) => phone(name)));
		const sent = writers.map(() => [] as string[]);
		const damaged: string[] = [];
		await meanwhile(async (n) => {
			const written = () => sent.flat().length + damaged.length;
			await until('it to be heard so far', () => written() - texts(sick).length < AHEAD, 60_000);
			await Promise.all(
				writers.map(async (writer, index) => {
					for (let part = 0; part < 5; part++) {
						const text = `flood ${index} ${n} ${part}`;
						await writer.sendText(sick.me, text);
						sent[index]?.push(text);
					}
					const text = `damaged ${index} ${n}`;
					await writer.sendUndecryptable(sick.me, text);
					damaged.push(text);
				}),
			);
		});
		const all = [...sent.flat(), ...damaged];
		await until('the whole flood', () => new Set(texts(sick)).size > all.length, 120_000);
		expect(texts(sick)).toHaveLength(all.length + 1);
		for (const [index, order] of sent.entries()) {
			expect(texts(sick).filter((text) => text.startsWith(`flood ${index} `))).toEqual(order);
		}
	});

	test('it is thrown out again and again, while it is written to', async () => {
		const before = texts(sick).length;
		const sent: string[] = [];
		let thrown = 0;
		await meanwhile(async (n) => {
			const text = `thrown ${n}`;
			await sick.friend.sendText(sick.me, text);
			sent.push(text);
			if (product.server.companions(sick.me.number).length > 0) {
				thrown++;
				if (n % 2 === 0) product.server.dropConnections(sick.me.number);
				else product.server.streamError(sick.me.number, 503);
			}
			await product.run(runtime, sick.account, 'session.reconnect');
		});
		expect(thrown).toBeGreaterThan(1);
		await until('it to be well again', async () => (await sickState()) === 'open', 60_000);
		await until('all of it', () => texts(sick).length >= before + sent.length, 60_000);
		expect(texts(sick).slice(before)).toEqual(sent);
	});

	test('another program takes its place, and its executions fail', async () => {
		await meanwhile(async () => {
			product.server.streamError(sick.me.number, 440);
			await until('it to yield', async () => (await sickState()) === 'stopped');
			await expect(
				product.run(runtime, sick.account, 'message.sendText', {
					chat: `+${sick.friend.number}`,
					text: 'x',
				}),
			).rejects.toMatchObject({ code: 'replaced' });
			await product.run(runtime, sick.account, 'session.reconnect');
		});
		expect(await sickState()).toBe('open');
	});
});
