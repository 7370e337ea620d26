import { WhatsAppServer } from '../whatsapp/index';
import { makeClient, type Client } from '../whatsapp/testing/client';
import { Primary } from '../whatsapp/testing/primary';

describe('the stand-in server, linking', () => {
	let server: WhatsAppServer;
	const clients: Client[] = [];
	const client = async (...args: Parameters<typeof makeClient>) => {
		const made = await makeClient(...args);
		clients.push(made);
		return made;
	};

	beforeEach(async () => {
		server = await WhatsAppServer.start();
	});
	afterEach(async () => {
		for (const made of clients.splice(0)) await made.stop();
		await server.stop();
		expect(server.failures).toEqual([]);
	});

	it('links a Baileys client by QR, restarts it with 515 and logs it in', async () => {
		const anna = await Primary.create(server, '+1 555 0101', 'Anna');
		const first = await client(server);
		const { device, loggedIn } = await anna.scan(await first.qr());
		expect(device).toBe(1);
		expect(await first.closed()).toBe(515);

		const second = await client(server, { auth: first.auth });
		await second.opened();
		await loggedIn;
		expect(second.socket.user?.id).toBe('15550101:1@s.whatsapp.net');
		expect(second.socket.user?.lid).toBe(`${anna.ids.lid}:1@lid`);
		expect(server.unknownQueries).toEqual([]);
	});
});
