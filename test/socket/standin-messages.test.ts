import { WhatsAppServer } from '../whatsapp/index';
import { Bench, type Linked } from '../whatsapp/testing/linked';

describe('the stand-in server, messages between two Baileys clients', () => {
	let server: WhatsAppServer;
	let bench: Bench;
	let anna: Linked;
	let ben: Linked;

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
		anna = await bench.linked('+1 555 0101', 'Anna');
		ben = await bench.linked('+1 555 0102', 'Ben');
	});
	afterAll(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
		expect(server.unknownQueries).toEqual([]);
		expect([...anna.phone.problems, ...ben.phone.problems]).toEqual([]);
	});

	const waiting = (of: Linked) =>
		server
			.account(of.pn)
			.device(1)
			?.outbox.pending.filter(({ tag }) => tag === 'message').length;

	it('carries texts both ways, with acks, receipts and the other form of the address', async () => {
		const id = await anna.client.say(ben.pn, 'hello Ben');
		const heard = await ben.client.text('hello Ben');
		expect(heard.pushName).toBe('Anna');
		expect(heard.upsertType).toBe('notify');
		expect(heard.key).toMatchObject({ remoteJid: anna.pn, remoteJidAlt: anna.lid, fromMe: false });
		await anna.client.status(id, 3);
		await ben.client.socket.readMessages([heard.key]);
		await anna.client.status(id, 4);

		await ben.client.say(anna.lid, 'hello Anna');
		const answer = await anna.client.text('hello Anna');
		expect(answer.key).toMatchObject({ remoteJid: ben.lid, remoteJidAlt: ben.pn });
	});

	it('gives the other devices of the sender a copy, with the recipient as chat', async () => {
		const second = await bench.companion(anna.phone);
		await anna.client.say(ben.pn, 'for Ben');
		await ben.client.text('for Ben');
		const byPhone = await second.client.text('for Ben');
		expect(byPhone.key).toMatchObject({ fromMe: true, remoteJid: ben.pn, remoteJidAlt: ben.lid });
		await anna.client.say(ben.lid, 'for Ben again');
		const byLid = await second.client.text('for Ben again');
		expect(byLid.key).toMatchObject({ fromMe: true, remoteJid: ben.lid, remoteJidAlt: ben.pn });
		expect((await anna.phone.waitForMessage('for Ben')).fromMe).toBe(true);
	});

	it('clears the badge on the own phone when a companion reads', async () => {
		await anna.client.say(ben.lid, 'read me');
		const heard = await ben.client.text('read me');
		await ben.client.socket.readMessages([heard.key]);
		const told = await ben.phone.waitUntil('the own receipt', () =>
			ben.phone.core.received.find(
				({ tag, attrs }) => tag === 'receipt' && attrs['id'] === heard.key.id,
			),
		);
		expect(told.attrs).toMatchObject({ type: 'read', recipient: anna.lid });
	});

	it('keeps messages for a device that is away, and delivers them in order as late ones', async () => {
		await ben.client.stop();
		const texts = ['one', 'two', 'three'];
		for (const text of texts) await anna.client.say(ben.pn, text);
		expect(waiting(ben)).toBe(3);
		ben = await bench.again(ben);
		expect((await ben.client.text('three')).upsertType).toBe('append');
		const heard = ben.client
			.events('messages.upsert')
			.flatMap(({ messages }) => messages.map(({ message }) => message?.extendedTextMessage?.text))
			.filter((text) => texts.includes(text ?? ''));
		expect(heard).toEqual(texts);
		await server.waitFor('all to be acknowledged', () => (waiting(ben) === 0 ? true : undefined));
	});

	it('delivers a message again that the device never acknowledged', async () => {
		// Cut off when the stanza has come in, before anything can go back.
		ben.client.socket.ws.on('CB:message', () => server.dropConnections(ben.pn));
		await anna.client.say(ben.pn, 'again');
		expect(await ben.client.closed()).toBe(428);
		expect(waiting(ben)).toBe(1);
		ben = await bench.again(ben);
		await ben.client.opened();
		await server.waitFor('the message to be acknowledged', () =>
			waiting(ben) === 0 ? true : undefined,
		);
	});

	it('refuses a message with the code it was told, once', async () => {
		server.rejectNext({ to: '+1 555 0102', code: 463 });
		const refused = await anna.client.say(ben.pn, 'no');
		expect(await anna.client.acked(refused)).toBe('463');
		const taken = await anna.client.say(ben.pn, 'yes');
		expect(await anna.client.acked(taken)).toBeUndefined();
		await ben.client.text('yes');
		expect(JSON.stringify(ben.client.events('messages.upsert'))).not.toContain(refused);
	});

	it('refuses only what fits', async () => {
		server.rejectNext({ from: '+1 555 0102', code: 479 });
		expect(await anna.client.acked(await anna.client.say(ben.pn, 'not meant'))).toBeUndefined();
		expect(await ben.client.acked(await ben.client.say(anna.pn, 'meant'))).toBe('479');
	});

	it('relays without an ack when told to', async () => {
		server.withholdAcks();
		const sent = await anna.client.socket.sendMessage(ben.pn, { text: 'unconfirmed' });
		await ben.client.text('unconfirmed');
		server.withholdAcks(false);
		// Acks come in order, so one that had been sent would be here before this one.
		await anna.client.say(ben.pn, 'confirmed');
		const acks = server.dump().match(/← <ack class='message'[^>]*>/g) ?? [];
		expect(acks.filter((line) => line.includes(sent?.key.id ?? '-'))).toEqual([]);
	});

	it('takes in and sends compressed nodes', async () => {
		server.compress();
		await anna.client.say(ben.pn, 'pressed');
		await ben.client.text('pressed');
		server.compress(false);
	});

	it('gives retries to the device that sent the message', async () => {
		await anna.client.say(ben.pn, 'first');
		await ben.client.text('first');
		const before = server.count('receipt/retry');
		// Ben's client loses its session; what Anna sends next, it cannot decrypt at first.
		await ben.client.auth.keys.set({ session: { [`${anna.phone.ids.lid}_1.1`]: null } });
		await anna.client.say(ben.pn, 'second');
		await ben.client.text('second');
		expect(server.count('receipt/retry')).toBeGreaterThan(before);
	});

	it('tells a device to upload keys when others have used them up', async () => {
		const bundle = () => server.account(anna.pn).device(1)?.bundle?.oneTime ?? [];
		bundle().splice(4);
		await ben.client.socket.assertSessions([`${anna.phone.ids.lid}:1@lid`], true);
		await server.waitFor('new keys', () => (bundle().length > 4 ? true : undefined));
		const ids = bundle().map(({ id }) => id.toString('hex'));
		expect(new Set(ids).size).toBe(ids.length);
	});

	it('does not deliver what blocked people write', async () => {
		const { blocked } = server.account(ben.pn);
		blocked.add(anna.phone.ids.lid);
		expect(await anna.client.acked(await anna.client.say(ben.pn, 'unheard'))).toBeUndefined();
		blocked.clear();
		await anna.client.say(ben.pn, 'heard');
		await ben.client.text('heard');
		expect(JSON.stringify(ben.client.events('messages.upsert'))).not.toContain('unheard');
	});

	it('hands privacy tokens from one to the other', async () => {
		const carla = await server.phone('+1 555 0103', { name: 'Carla' });
		await anna.client.say(carla.jid, 'you may answer');
		await server.waitFor('the token', () =>
			server.account(carla.number).tokensHeld.get(anna.phone.ids.lid),
		);
	});

	it('keeps keys and ciphertexts out of its dump', () => {
		const dump = server.dump();
		expect(dump).toContain('15550101:1');
		expect(dump).not.toMatch(/[0-9a-f]{100}/);
	});
});
