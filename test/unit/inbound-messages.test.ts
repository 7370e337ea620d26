/** Messages kept for retries and quotes: what of them is kept. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { createSealer } from '../../src/auth';
import { loadBaileys } from '../../src/baileys';
import { systemClock } from '../../src/clock';
import { encoded } from '../../src/inbound/encoded';
import { Messages } from '../../src/inbound/messages';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';

const storage = openStorage({ kind: 'memory' }, { clock: systemClock, log: silentLog });
afterAll(async () => await storage.close());

test('a message is kept with its key, content, time and author, and nothing of its moment', async () => {
	const baileys = await loadBaileys();
	const { facts } = storage.account('account');
	const messages = new Messages(facts, createSealer('test key', 'account'), baileys);
	const message = baileys.proto.WebMessageInfo.create({
		key: { remoteJid: '200000000000101@lid', id: 'A' },
		...{ message: { conversation: 'hello' }, messageTimestamp: 1_790_000_000, pushName: 'Anna' },
		...{ status: 3, broadcast: true, starred: true, messageStubParameters: ['x'] },
	}) as WAMessage;
	await messages.keep([message]);
	const kept = await messages.get('A');
	expect(JSON.parse(JSON.stringify(kept))).toEqual({
		key: { remoteJid: '200000000000101@lid', id: 'A', fromMe: false },
		message: { conversation: 'hello' },
		messageTimestamp: expect.anything() as unknown,
		pushName: 'Anna',
	});
	// The inbox keeps all of it, from the same bytes.
	const all = baileys.proto.WebMessageInfo.decode(encoded(message, baileys));
	expect(all).toMatchObject({ status: 3, starred: true });
	expect(encoded(message, baileys)).toBe(encoded(message, baileys));
});

describe('what is kept of an own message', () => {
	const ANNA = '200000000000101@lid';
	const EVA = '200000000000666@lid';
	const GROUP = '120363000000000777@g.us';
	const { REVOKE, MESSAGE_EDIT } = { REVOKE: 0, MESSAGE_EDIT: 14 } as const;
	let account = 0;

	async function stage() {
		const baileys = await loadBaileys();
		const { facts } = storage.account(`account ${++account}`);
		const open = () => new Messages(facts, createSealer('test key', 'account'), baileys);
		return { open, messages: open() };
	}
	const text = (key: WAMessage['key'], conversation: string): WAMessage => ({
		key,
		message: { conversation },
	});
	const change = (
		key: WAMessage['key'],
		of: WAMessage['key'],
		conversation?: string,
	): WAMessage => ({
		key,
		message: {
			protocolMessage: conversation
				? { type: MESSAGE_EDIT, key: of, editedMessage: { conversation } }
				: { type: REVOKE, key: of },
		},
	});
	const own = { remoteJid: ANNA, id: 'OWN1', fromMe: true };
	const evas = (id: string, remoteJid = EVA) => ({
		remoteJid,
		id,
		fromMe: false,
		participant: EVA,
	});

	test('is what this number said, whatever others send under its id', async () => {
		const { messages, open } = await stage();
		await messages.keepOwn(text(own, 'mine'));
		await messages.keep([
			text(evas('OWN1'), 'not mine'),
			change(evas('E1'), own, 'not mine'),
			change(evas('E2'), own),
			change(evas('E3', GROUP), own),
		]);
		expect(await messages.find(own)).toEqual({ conversation: 'mine' });
		expect((await messages.get('OWN1'))?.messageStubType).toBeUndefined();
		// Nor after a restart, when nobody remembers which ids are own ones.
		const later = open();
		await later.keep([text(evas('OWN1'), 'not mine')]);
		expect(await later.find(own)).not.toEqual({ conversation: 'not mine' });
	});

	test('is changed by this number, and deleted by an admin of its group too', async () => {
		const { messages } = await stage();
		await messages.keepOwn(text(own, 'mine'));
		await messages.keep([change({ ...own, id: 'OWN2' }, own, 'changed')]);
		expect(await messages.find(own)).toEqual({ conversation: 'changed' });
		await messages.keep([change({ ...own, id: 'OWN3' }, own)]);
		expect((await messages.get('OWN1'))?.messageStubType).toBe(1);
		const inGroup = { ...own, id: 'OWN4', remoteJid: GROUP };
		await messages.keepOwn(text(inGroup, 'mine'));
		await messages.keep([change(evas('E4', GROUP), inGroup, 'not mine')]);
		expect(await messages.find(inGroup)).toEqual({ conversation: 'mine' });
		await messages.keep([change(evas('E5', GROUP), inGroup)]);
		expect((await messages.get('OWN4'))?.messageStubType).toBe(1);
	});
});
