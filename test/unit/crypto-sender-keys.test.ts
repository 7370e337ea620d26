import type { Baileys } from '../../src/baileys';
import { installCheckedSignatures } from '../../src/crypto/install';
import { secureBaileys } from '../../src/crypto/secureBaileys';
import { keepSenderKeysLean } from '../../src/crypto/senderKeys';
import { groupOfTwo } from './crypto-person';

type Group = typeof import('@whiskeysockets/baileys/lib/Signal/Group/index.js');

interface JsonBytes {
	type: 'Buffer';
	data: string | number[];
}

interface Stored {
	senderMessageKeys: JsonBytes | Array<{ iteration: number; seed: JsonBytes }>;
}

let baileys: Baileys;
let group: Group;
/** Runs `task` with Baileys' own reading and writing of records. */
let asBare: (task: () => Promise<void>) => Promise<void>;

beforeAll(async () => {
	// Not by loadBaileys(), which would make the records lean before the bare code is kept here.
	installCheckedSignatures();
	baileys = await import('@whiskeysockets/baileys');
	secureBaileys(baileys);
	group = await import('@whiskeysockets/baileys/lib/Signal/Group/index.js');
	const { SenderKeyRecord, GroupCipher } = group;
	const methods = () => ({
		record: Object.getOwnPropertyDescriptors(SenderKeyRecord.prototype),
		cipher: Object.getOwnPropertyDescriptors(GroupCipher.prototype),
		deserialize: SenderKeyRecord.deserialize,
	});
	const bare = methods();
	keepSenderKeysLean(group);
	const ours = methods();

	const use = ({ record, cipher, deserialize }: typeof bare) => {
		Object.defineProperties(SenderKeyRecord.prototype, record);
		Object.defineProperties(GroupCipher.prototype, cipher);
		SenderKeyRecord.deserialize = deserialize;
	};
	asBare = async (task) => {
		use(bare);
		await task().finally(() => use(ours));
	};
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

it('uses one key after the other, as other clients do', async () => {
	const { send } = await groupOfTwo(baileys);
	const used: Array<number | null | undefined> = [];
	for (let index = 0; index < 4; index++) {
		const message = (await send('text')).slice(1, -64);
		used.push(baileys.proto.SenderKeyMessage.decode(message).iteration);
	}
	expect(used).toEqual([0, 1, 2, 3]);
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
	const missing = await send('missing');
	await asBare(async () => {
		expect(await read(await send('later'))).toBe('later');
		// What this is about: bare Baileys cannot read the missing one any more.
		await expect(read(missing)).rejects.toThrow('Expected Buffer instead of: Object');
		await send('and makes its own record grow');
		expect(states(record(alice))[0]?.senderMessageKeys).toHaveLength(2);
	});
	expect(await read(await send('last'))).toBe('last');
	expect(await read(missing)).toBe('missing');
	expect(states(record(alice))[0]?.senderMessageKeys).toEqual([]);
	expect(states(record(bob))[0]?.senderMessageKeys).toMatchObject({ type: 'Buffer' });
});

it('leaves records that bare Baileys goes on with, but for missing messages', async () => {
	const { send, read } = await groupOfTwo(baileys);
	const missing = await send('missing');
	expect(await read(await send('first'))).toBe('first');
	await asBare(async () => {
		expect(await read(await send('second'))).toBe('second');
		await expect(read(missing)).rejects.toThrow('old counter');
	});
	expect(await read(await send('third'))).toBe('third');
});

it('keeps the keys of missing messages in little space', async () => {
	const { bob, send, read, record } = await groupOfTwo(baileys);
	let last = Buffer.alloc(0);
	const early = Buffer.from(await send('early'));
	for (let index = 0; index < 400; index++) last = Buffer.from(await send('not delivered'));
	expect(await read(last)).toBe('not delivered');
	expect(await read(early)).toBe('early');
	// 36 bytes each, in base64
	expect(record(bob)[0]?.length).toBeLessThan(400 * 48 + 1_000);
});

it('leaves it to Baileys to read bytes in other forms', () => {
	const strange = [
		{
			senderKeyId: 5,
			senderChainKey: { iteration: 1, seed: { 0: 1, 1: 2 } },
			senderSigningKey: { public: { 0: 3 }, private: { 0: 4 } },
			senderMessageKeys: [],
		},
	];
	const record = group.SenderKeyRecord.deserialize(Buffer.from(JSON.stringify(strange)));
	expect(record.getSenderKeyState(5)?.getSenderChainKey().getSeed()).toEqual(Buffer.of(1, 2));
	expect(() => group.SenderKeyRecord.deserialize(Buffer.from('not JSON'))).toThrow(SyntaxError);
});

it('is put in place once, however often it is asked for', () => {
	const { deserialize } = group.SenderKeyRecord;
	keepSenderKeysLean(group);
	expect(group.SenderKeyRecord.deserialize).toBe(deserialize);
});
