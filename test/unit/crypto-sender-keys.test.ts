import { loadBaileys, type Baileys } from '../../src/baileys';
import { keepSenderKeysLean } from '../../src/crypto/senderKeys';
import { groupOfTwo } from './crypto-person';

type Group = typeof import('@whiskeysockets/baileys/lib/Signal/Group/index.js');

interface Stored {
	senderMessageKeys: Array<{ iteration: number; seed: { type: 'Buffer'; data: unknown } }>;
}

let baileys: Baileys;
let group: Group;
let bareSerialize: Group['SenderKeyRecord']['prototype']['serialize'];

beforeAll(async () => {
	baileys = await loadBaileys();
	group = await import('@whiskeysockets/baileys/lib/Signal/Group/index.js');
	bareSerialize = group.SenderKeyRecord.prototype.serialize;
	keepSenderKeysLean(group);
});

const states = (record: Buffer[]) => JSON.parse(String(record[0])) as Stored[];

it('keeps no keys of messages that one has sent oneself', async () => {
	const { alice, send, record } = await groupOfTwo(baileys);
	await send('first');
	const [{ length }] = record(alice) as [Buffer];
	for (let index = 0; index < 20; index++) await send('more');
	expect(states(record(alice))[0]?.senderMessageKeys).toEqual([]);
	expect(record(alice)[0]?.length).toBeLessThan(length + 10);
});

it('reads messages that arrive in another order, each of them once', async () => {
	const { send, read } = await groupOfTwo(baileys);
	const sent: Uint8Array[] = [];
	for (const text of ['0', '1', '2', '3', '4', '5']) sent.push(await send(text));
	for (const index of [3, 0, 5, 1, 2, 4]) {
		expect(await read(sent[index] as Uint8Array)).toBe(String(index));
	}
	await expect(read(sent[2] as Uint8Array)).rejects.toThrow('old counter');
});

it('goes on with a record that bare Baileys wrote, keys of missing messages included', async () => {
	const { alice, bob, send, read, record } = await groupOfTwo(baileys);
	const lean = group.SenderKeyRecord.prototype.serialize;
	group.SenderKeyRecord.prototype.serialize = bareSerialize;
	const missing = await send('missing');
	try {
		expect(await read(await send('later'))).toBe('later');
		// What this is about: bare Baileys cannot read the missing one any more.
		await expect(read(missing)).rejects.toThrow('Expected Buffer instead of: Object');
	} finally {
		group.SenderKeyRecord.prototype.serialize = lean;
	}
	expect(Array.isArray(states(record(bob))[0]?.senderMessageKeys[0]?.seed.data)).toBe(true);

	expect(await read(await send('last'))).toBe('last');
	expect(await read(missing)).toBe('missing');
	expect(typeof states(record(bob))[0]?.senderMessageKeys[0]?.seed.data).toBe('string');
	expect(states(record(alice))[0]?.senderMessageKeys).toEqual([]);
});

it('is put in place once, however often it is asked for', () => {
	const { serialize } = group.SenderKeyRecord.prototype;
	keepSenderKeysLean(group);
	expect(group.SenderKeyRecord.prototype.serialize).toBe(serialize);
});
