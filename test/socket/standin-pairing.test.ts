import { WhatsAppServer } from '../whatsapp/index';
import { Primary } from '../whatsapp/testing/primary';

import { Bench } from '../whatsapp/testing/linked';
describe('the stand-in server, linking', () => {
	let server: WhatsAppServer;
	let bench: Bench;

	beforeEach(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
	});
	afterEach(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
	});

	it('links a Baileys client by QR, restarts it with 515 and logs it in', async () => {
		const anna = await Primary.create(server, '+1 555 0101', 'Anna');
		const first = await bench.client();
		const { device, loggedIn } = await anna.scan(await first.qr());
		expect(device).toBe(1);
		expect(await first.closed()).toBe(515);

		const second = await bench.client({ auth: first.auth });
		await second.opened();
		await loggedIn;
		expect(second.socket.user?.id).toBe('15550101:1@s.whatsapp.net');
		expect(second.socket.user?.lid).toBe(`${anna.ids.lid}:1@lid`);
		expect(server.unknownQueries).toEqual([]);
	});

	it('links by an eight-character code, and tells a wrong one', async () => {
		const anna = await server.phone('+1 555 0101', { name: 'Anna' });
		const first = await bench.client();
		await first.qr();
		const code = await first.socket.requestPairingCode('15550101');
		const { ready } = await anna.enterCode(`${code.slice(0, 4)}-${code.slice(4)}`);
		expect(await first.closed()).toBe(515);
		const second = await bench.client({ auth: first.auth });
		await second.opened();
		await ready;
		expect(second.socket.user?.id).toBe('15550101:1@s.whatsapp.net');

		const third = await bench.client();
		await third.qr();
		await third.socket.requestPairingCode('15550101', 'AAAAAAAA');
		await expect(anna.enterCode('BBBBBBBB')).rejects.toThrow(/code is wrong/);
	});

	it('answers a code request for a number without account as any other', async () => {
		const client = await bench.client();
		await client.qr();
		await client.socket.requestPairingCode('15550199');
		await server.waitFor('the request', () =>
			server.count('md/link_code_companion_reg') === 1 ? true : undefined,
		);
		// Still open to being scanned.
		const anna = await server.phone('+1 555 0101', { name: 'Anna' });
		await anna.scan(await client.qr());
		expect(await client.closed()).toBe(515);
	});

	it('logs a linked device in again without a scan, and again', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		await anna.client.stop();
		const second = await bench.again(anna);
		await second.client.opened();
		await second.client.stop();
		await (await bench.again(second)).client.opened();
		expect(server.unknownQueries).toEqual([]);
	});

	it('links two devices of one account under numbers of their own', async () => {
		const anna = await bench.linked('+1 555 0101', 'Anna');
		const second = await bench.companion(anna.phone);
		expect(second.client.socket.user?.id).toBe('15550101:2@s.whatsapp.net');
		expect(server.companions('+1 555 0101')).toHaveLength(2);
	});

	it('ends an unused connection when its references have run out', async () => {
		const hasty = await WhatsAppServer.start({ qrFirstMs: 30, qrNextMs: 10 });
		const other = new Bench(hasty);
		const client = await other.client();
		const qr = await client.qr();
		expect(await client.closed()).toBe(428);
		const anna = await Primary.create(hasty, '+1 555 0101', 'Anna');
		await expect(anna.scan(qr)).rejects.toThrow(/unknown or has expired/);
		await other.stop();
	});

	it('refuses a reference whose time is over while later ones still work', async () => {
		const short = await WhatsAppServer.start({ qrFirstMs: 1, qrNextMs: 60_000 });
		const other = new Bench(short);
		const anna = await Primary.create(short, '+1 555 0101', 'Anna');
		// After the sixth the client gives up: for both scans there are four of these times.
		const client = await other.client({ config: { qrTimeout: 1_000 } });
		const first = await client.qr();
		const second = await client.waitFor('connection.update', 'the next QR', ({ qr }) =>
			qr === first ? undefined : qr,
		);
		await expect(anna.scan(first)).rejects.toThrow(/unknown or has expired/);
		await anna.scan(second);
		expect(await client.closed()).toBe(515);
		await other.stop();
	});

	it('refuses a scan of somebody who changed the secret, and takes no device on', async () => {
		const anna = await Primary.create(server, '+1 555 0101', 'Anna');
		const client = await bench.client();
		await expect(anna.scan(await client.qr(), { secret: true })).rejects.toThrow(
			/closed the connection/,
		);
		await client.closed();
		expect(server.account('+1 555 0101').devices.size).toBe(1);
	});

	it('refuses a companion whose device signature is wrong', async () => {
		const anna = await Primary.create(server, '+1 555 0101', 'Anna');
		const client = await bench.client();
		const qr = await client.qr();
		const { Curve } = await import('@whiskeysockets/baileys');
		// Signs with another key than the one it registered.
		const other = Curve.generateKeyPair();
		Object.assign(client.auth.creds.signedIdentityKey, { private: other.private });
		await expect(anna.scan(qr)).rejects.toThrow(/bad device signature/);
		expect(server.account('+1 555 0101').devices.size).toBe(1);
	});

	it('notices a QR text with the Noise key of another connection', async () => {
		const anna = await Primary.create(server, '+1 555 0101', 'Anna');
		const [one, two] = [await bench.client(), await bench.client()];
		const [ref] = (await one.qr()).split('#')[1]?.split(',') ?? [];
		const [, noise] = (await two.qr()).split('#')[1]?.split(',') ?? [];
		const pairing = anna.link.pair({
			ref: ref ?? '',
			platform: 'android',
			companionNoiseKey: Buffer.from(noise ?? '', 'base64'),
			identityFor: () => Promise.reject(new Error('must not be asked')),
		});
		await expect(pairing).rejects.toThrow(/another key/);
	});

	it('makes QR texts as long as the real ones', async () => {
		expect(await (await bench.client()).qr()).toHaveLength(289);
	});
});
