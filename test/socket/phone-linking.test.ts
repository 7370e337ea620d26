import { WhatsAppServer } from '../whatsapp/index';
import { madeUpHistory } from '../whatsapp/phone';
import { World } from '../whatsapp/phone/testing/world';

/** Unmodified Baileys clients as companions of virtual phones. */
describe('linking a client to a phone', () => {
	let world: World;
	let number = 100;
	const next = () => `+1 555 01${++number}`;
	const withHistory = { shouldSyncHistoryMessage: () => true };

	beforeAll(async () => {
		world = new World(await WhatsAppServer.start());
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => await world.stop());

	it('by QR brings what the phone has sent and received before', async () => {
		const anna = await world.phone(next(), 'Anna');
		const ben = await world.phone(next(), 'Ben');
		await ben.sendText(anna, 'before linking');
		await anna.sendText(ben, 'I know');
		await anna.waitForMessage('before linking');
		const { client } = await world.link(anna, withHistory);
		await client.waitFor('messaging-history.set', 'the end of history', ({ progress }) =>
			progress === 100 ? true : undefined,
		);
		const past = client.events('messaging-history.set').flatMap(({ messages }) => messages);
		expect(past.map(({ message, key }) => [message?.conversation, key.fromMe])).toEqual([
			['I know', true],
			['before linking', false],
		]);
		const [bootstrap] = client.events('messaging-history.set');
		expect(bootstrap!.chats.map(({ id }) => id)).toEqual([ben.lid]);
		const names = client.events('messaging-history.set').flatMap(({ contacts }) => contacts);
		expect(names).toContainEqual({ id: ben.lid, notify: 'Ben' });
		expect(client.auth.creds.myAppStateKeyId).toBe(anna.peer.appStateKey.id.toString('base64'));
		await ben.sendText(anna, 'after linking');
		await client.text('after linking');
	});

	it('by code works, however the code is typed', async () => {
		const anna = await world.phone(next(), 'Anna');
		const first = await world.client();
		await first.qr();
		const code = await first.socket.requestPairingCode(anna.number);
		const typed = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase();
		const { client } = await world.afterPairing(anna, first, await anna.enterCode(typed));
		const ben = await world.phone(next(), 'Ben');
		await ben.sendText(anna, 'hello');
		await client.text('hello');
	});

	it('by a wrong code fails, and the next code works', async () => {
		const anna = await world.phone(next(), 'Anna');
		const first = await world.client();
		await first.qr();
		await first.socket.requestPairingCode(anna.number, 'ABCD1234');
		await expect(anna.enterCode('ABCD1235')).rejects.toMatchObject({ code: 'wrong-code' });
		const code = await first.socket.requestPairingCode(anna.number);
		const companion = await anna.enterCode(code);
		await world.afterPairing(anna, first, companion);
		expect(anna.companions).toEqual([companion.device]);
	});

	it('by a QR that is no longer shown fails and says so', async () => {
		const anna = await world.phone(next(), 'Anna');
		const qr = await (await world.client()).qr();
		const old = qr.replace(/#[^,]*/, '#2@anOldReference');
		await expect(anna.scan(old)).rejects.toMatchObject({ code: 'expired-qr' });
		expect(anna.companions).toEqual([]);
	});

	it('ends from either side, and both know', async () => {
		const anna = await world.phone(next(), 'Anna');
		const one = await world.link(anna);
		const two = await world.link(anna);
		expect(anna.companions).toEqual([one.companion.device, two.companion.device]);
		anna.unlink(one.companion.device);
		expect(await one.client.closed()).toBe(401);
		expect(anna.companions).toEqual([two.companion.device]);
		await two.client.socket.logout();
		await anna.waitUntil('the phone to know', () => anna.companions.length === 0 || undefined);
	});

	it('shows a made-up history, as much of it as the phone gives at first', async () => {
		const anna = await world.phone(next(), 'Anna');
		const until = 1_700_000_000;
		anna.history = {
			...madeUpHistory({ chats: 2, groups: 1, messagesEach: 30, until }),
			atLinking: 10,
		};
		const { client } = await world.link(anna, withHistory);
		await client.waitFor('messaging-history.set', 'the end of history', ({ progress }) =>
			progress === 100 ? true : undefined,
		);
		const sets = client.events('messaging-history.set');
		expect(sets.flatMap(({ messages }) => messages)).toHaveLength(30);
		expect(new Set(sets.flatMap(({ chats }) => chats.map(({ name }) => name)))).toEqual(
			new Set(['Contact 1', 'Contact 2', 'Group 1']),
		);

		// The rest comes when the client asks for what was before its oldest message.
		const chat = '290000000000001@lid';
		const oldest = sets
			.flatMap(({ messages }) => messages)
			.filter(({ key }) => key.remoteJid === chat)
			.at(-1)!;
		expect(oldest.message?.conversation).toBe('Message 21 of 30');
		const request = await client.socket.fetchMessageHistory(
			15,
			oldest.key,
			Number(oldest.messageTimestamp) * 1000,
		);
		const more = await client.waitFor('messaging-history.set', 'older messages', (set) =>
			set.peerDataRequestSessionId === request ? set : undefined,
		);
		expect(more.messages.map(({ message }) => message?.conversation)).toEqual(
			Array.from({ length: 15 }, (_, n) => `Message ${20 - n} of 30`),
		);
	});
});
