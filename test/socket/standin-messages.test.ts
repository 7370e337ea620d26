import { WhatsAppServer } from '../whatsapp/index';
import { Bench } from '../whatsapp/testing/linked';

describe('the stand-in server, messages between two Baileys clients', () => {
	let server: WhatsAppServer;
	let bench: Bench;

	beforeEach(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
	});
	afterEach(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
		expect(server.unknownQueries).toEqual([]);
	});

	it('carries texts both ways, with acks, receipts and the other form of the address', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna', {
			config: { markOnlineOnConnect: true },
		});
		const ben = await bench.linked('+1 555 0102', 'Ben', { config: { markOnlineOnConnect: true } });

		const sent = await anna.client.say(ben.pn, 'hello Ben');
		const heard = await ben.client.text('hello Ben');
		expect(heard.pushName).toBe('Anna');
		expect(heard.upsertType).toBe('notify');
		expect([heard.key.remoteJid, heard.key.remoteJidAlt].sort()).toEqual(
			[anna.pn, anna.lid].sort(),
		);
		await anna.client.status(sent, 3);

		await ben.client.socket.readMessages([heard.key]);
		await anna.client.status(sent, 4);

		await ben.client.socket.sendMessage(heard.key.remoteJid ?? '', { text: 'hello Anna' });
		expect((await anna.client.text('hello Anna')).pushName).toBe('Ben');
	});

	it('gives the other devices of the sender a copy', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const second = await bench.companion(anna.phone);
		const ben = await bench.linked('+1 555 0102', 'Ben');
		await anna.client.say(ben.pn, 'for Ben');
		await ben.client.text('for Ben');
		const copy = await second.client.text('for Ben');
		expect(copy.key).toMatchObject({ fromMe: true, remoteJid: ben.pn, remoteJidAlt: ben.lid });
	});

	it('keeps messages for a device that is away, and delivers them in order as late ones', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		await ben.client.stop();
		for (const text of ['one', 'two', 'three']) {
			await anna.client.say(ben.pn, text);
		}
		const back = await bench.again(ben);
		const third = await back.client.text('three');
		expect(third.upsertType).toBe('append');
		const texts = back.client
			.events('messages.upsert')
			.flatMap(({ messages }) =>
				messages.map(({ message }) => message?.conversation ?? message?.extendedTextMessage?.text),
			);
		expect(texts.filter(Boolean)).toEqual(['one', 'two', 'three']);
		await server.waitFor('all to be acknowledged', () =>
			server.account(ben.pn).device(1)?.outbox.size === 0 ? true : undefined,
		);
	});

	it('delivers a message again that the device never acknowledged', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		const outbox = server.account(ben.pn).device(1)?.outbox;
		const waiting = () => outbox?.pending.filter(({ tag }) => tag === 'message').length;
		// Cut off when the stanza has come in, before anything can go back.
		ben.client.socket.ws.on('CB:message', () => server.dropConnections(ben.pn));
		await anna.client.say(ben.pn, 'again');
		expect(await ben.client.closed()).toBe(428);
		expect(waiting()).toBe(1);
		const back = await bench.again(ben);
		await back.client.opened();
		await server.waitFor('the message to be acknowledged at last', () =>
			waiting() === 0 ? true : undefined,
		);
	});

	it('refuses a message with the code it was told, once', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		server.rejectNext({ to: '+1 555 0102', code: 463 });
		const refused = await anna.client.say(ben.pn, 'no');
		expect(await anna.client.acked(refused)).toBe('463');
		await anna.client.say(ben.pn, 'yes');
		await ben.client.text('yes');
	});

	it('gives retries to the device that sent the message', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		await anna.client.say(ben.pn, 'first');
		const heard = await ben.client.text('first');
		// Ben's client loses its session; what Anna sends next, it cannot decrypt at first.
		const address = `${anna.phone.ids.lid}_1.1`;
		await ben.client.auth.keys.set({ session: { [address]: null } });
		await anna.client.say(ben.pn, 'second');
		await ben.client.text('second');
		expect(server.count('receipt/retry')).toBeGreaterThan(0);
		expect(heard.key.fromMe).toBe(false);
	});

	it('tells a device to upload keys when others have used them up', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		const device = server.account(anna.pn).device(1);
		device?.bundle?.oneTime.splice(4);
		expect(device?.bundle?.oneTime).toHaveLength(4);
		await ben.client.socket.assertSessions([`${anna.phone.ids.lid}:1@lid`], true);
		await server.waitFor('new keys', () =>
			(device?.bundle?.oneTime.length ?? 0) > 4 ? true : undefined,
		);
	});

	it('does not deliver what blocked people write', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const ben = await bench.linked('+1 555 0102', 'Ben');
		server.account(ben.pn).blocked.add(anna.phone.ids.lid);
		await anna.client.say(ben.pn, 'unheard');
		server.account(ben.pn).blocked.clear();
		await anna.client.say(ben.pn, 'heard');
		await ben.client.text('heard');
		expect(JSON.stringify(ben.client.events('messages.upsert'))).not.toContain('unheard');
	});
});
