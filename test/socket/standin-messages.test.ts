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

		const sent = await anna.client.socket.sendMessage(ben.pn, { text: 'hello Ben' });
		const heard = await ben.client.text('hello Ben');
		expect(heard.pushName).toBe('Anna');
		expect(heard.upsertType).toBe('notify');
		expect([heard.key.remoteJid, heard.key.remoteJidAlt].sort()).toEqual(
			[anna.pn, anna.lid].sort(),
		);
		await anna.client.status(sent?.key.id, 3);

		await ben.client.socket.readMessages([heard.key]);
		await anna.client.status(sent?.key.id, 4);

		await ben.client.socket.sendMessage(heard.key.remoteJid ?? '', { text: 'hello Anna' });
		expect((await anna.client.text('hello Anna')).pushName).toBe('Ben');
	});

	it('gives the other devices of the sender a copy', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const second = await bench.companion(anna.primary);
		const ben = await bench.linked('+1 555 0102', 'Ben');
		await anna.client.socket.sendMessage(ben.pn, { text: 'for Ben' });
		await ben.client.text('for Ben');
		const copy = await second.client.text('for Ben');
		expect(copy.key).toMatchObject({ fromMe: true, remoteJid: ben.pn, remoteJidAlt: ben.lid });
	});
});
