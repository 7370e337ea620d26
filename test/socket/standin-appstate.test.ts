import { WhatsAppServer } from '../whatsapp/index';
import { Bench, type Linked } from '../whatsapp/testing/linked';

describe('the stand-in server, app state and history', () => {
	let server: WhatsAppServer;
	let bench: Bench;
	let one: Linked;
	let two: Linked;
	const history = { config: { shouldSyncHistoryMessage: () => true, syncFullHistory: false } };

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
		one = await bench.linked('+1 555 0101', 'Anna', history);
		two = await bench.companion(one.phone, history);
	});
	afterAll(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
		expect(server.unknownQueries).toEqual([]);
	});

	it('lets the phone share keys and history with a new companion', async () => {
		await one.client.waitFor('messaging-history.set', 'the history', ({ progress }) =>
			progress === 100 ? true : undefined,
		);
		expect(one.client.auth.creds.myAppStateKeyId).toBeTruthy();
	});

	it('brings a change of one device to the others', async () => {
		const chat = '15550102@s.whatsapp.net';
		await one.client.socket.chatModify({ pin: true }, chat);
		const seen = await two.client.waitFor('chats.update', 'the pin', (chats) =>
			chats.find(({ id, pinned }) => id === chat && pinned),
		);
		expect(seen.id).toBe(chat);
		expect(server.account('+1 555 0101').appState.version('regular_low')).toBe(1);

		await two.client.socket.chatModify({ pin: false }, chat);
		await one.client.waitFor('chats.update', 'the pin to go', (chats) =>
			chats.find(({ id, pinned }) => id === chat && !pinned),
		);
		expect(server.account('+1 555 0101').appState.version('regular_low')).toBe(2);
	});

	it('refuses a patch on an old version with 409 and sends what came between', async () => {
		const answer = await one.client.socket.query({
			tag: 'iq',
			attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
			content: [
				{
					tag: 'sync',
					attrs: {},
					content: [
						{
							tag: 'collection',
							attrs: { name: 'regular_low', version: '1', return_snapshot: 'false' },
							content: [{ tag: 'patch', attrs: {}, content: Buffer.from([0x2a, 0]) }],
						},
					],
				},
			],
		});
		const text = JSON.stringify(answer);
		expect(text).toContain('"code":"409"');
		expect(text).toContain('"tag":"patch"');
		expect(server.account('+1 555 0101').appState.version('regular_low')).toBe(2);
	});

	it('gives a device that comes later everything from the beginning', async () => {
		await one.client.socket.chatModify({ pin: true }, '15550103@s.whatsapp.net');
		const three = await bench.companion(one.phone, history);
		await three.client.waitFor('creds.update', 'the sync to be through', (creds) =>
			creds.accountSyncCounter ? true : undefined,
		);
		const states = await three.client.auth.keys.get('app-state-sync-version', ['regular_low']);
		expect(states['regular_low']?.version).toBe(3);
		expect(Object.keys(states['regular_low']?.indexValueMap ?? {})).toHaveLength(2);
	});
});
