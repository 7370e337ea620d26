import { Phone } from '../whatsapp/phone';
import { WhatsAppServer } from '../whatsapp/index';
import { type Client, makeClient } from '../whatsapp/testing/client';

/** An unmodified Baileys client as Anna's companion, and people she knows. */
describe('a phone and the client it has linked', () => {
	let server: WhatsAppServer;
	const clients: Client[] = [];

	const client = async (
		...options: Parameters<typeof makeClient> extends [unknown, ...infer R] ? R : never
	) => {
		const made = await makeClient(server, ...options);
		clients.push(made);
		return made;
	};

	/** Links a new client to a phone; resolves when it is online and has its history. */
	const link = async (phone: Phone, config = {}) => {
		const first = await client({ config });
		const companion = await phone.scan(await first.qr());
		await first.closed();
		const linked = await client({ auth: first.auth, config });
		await linked.opened();
		await companion.ready;
		return linked;
	};

	beforeAll(async () => {
		server = await WhatsAppServer.start();
	});
	afterAll(async () => {
		for (const each of clients) await each.stop();
		await server.stop();
		expect(server.failures).toEqual([]);
	});

	it('are linked by QR, with history and names', async () => {
		const anna = await Phone.create(server, { phone: '+1 555 0101', pushName: 'Anna' });
		const ben = await Phone.create(server, { phone: '+1 555 0102', pushName: 'Ben' });
		await ben.sendText(anna, 'before linking');
		await anna.waitForMessage('before linking');
		const linked = await link(anna, { shouldSyncHistoryMessage: () => true });
		const history = await linked.waitFor('messaging-history.set', 'the history', (data) => data);
		expect(history.messages.map(({ message }) => message?.conversation)).toEqual([
			'before linking',
		]);
		expect(history.chats.map(({ id }) => id)).toEqual([ben.lid]);
		await linked.waitFor('messaging-history.set', 'the end of history', ({ progress }) =>
			progress === 100 ? true : undefined,
		);
		await ben.sendText(anna, 'after linking');
		await linked.text('after linking');
		expect([...anna.problems, ...ben.problems]).toEqual([]);
	});
});
