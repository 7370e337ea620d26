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
