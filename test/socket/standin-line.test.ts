import { connect, rootCertificates } from 'node:tls';
import WebSocket from 'ws';
import { WhatsAppServer } from '../whatsapp/index';
import { Bench, type Linked } from '../whatsapp/testing/linked';

describe('the stand-in server, connections that go wrong', () => {
	let server: WhatsAppServer;
	let bench: Bench;
	let anna: Linked;

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
		anna = await bench.linked('+1 555 0101', 'Anna');
	});
	/** Each test begins with Anna's companion online. */
	beforeEach(async () => {
		if (server.companions('+1 555 0101').length > 0) return;
		anna = await bench.again(anna);
		await anna.client.opened();
	});
	afterAll(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
	});

	it.each([401, 403, 408, 428, 500, 503, 515, 440])(
		'ends a session with %i when asked to',
		async (code) => {
			server.streamError('+1 555 0101', code);
			expect(await anna.client.closed()).toBe(code);
			anna = await bench.again(anna);
			await anna.client.opened();
		},
	);

	it('refuses a login with the reason it was told', async () => {
		server.refuseLogins(403, '+1 555 0101');
		server.dropConnections();
		expect(await anna.client.closed()).toBe(428);
		expect(await (await bench.again(anna)).client.closed()).toBe(403);
		server.refuseLogins(undefined, '+1 555 0101');
		anna = await bench.again(anna);
		await anna.client.opened();
	});

	it('replaces the first connection of a device by the second', async () => {
		const second = await bench.again(anna);
		await second.client.opened();
		expect(await anna.client.closed()).toBe(440);
		anna = second;
	});

	it('lets nobody in with another Noise key', async () => {
		const thief = { ...anna.client.auth, creds: { ...anna.client.auth.creds } };
		const { Curve } = await import('@whiskeysockets/baileys');
		thief.creds.noiseKey = Curve.generateKeyPair();
		expect(await (await bench.client({ auth: thief })).closed()).toBe(401);
		expect(server.companions('+1 555 0101')).toHaveLength(1);
	});

	it('unlinks from the phone and from the client', async () => {
		const ben = await bench.linked('+1 555 0102', 'Ben');
		const second = await bench.companion(ben.phone);
		ben.phone.unlink(1);
		expect(await ben.client.closed()).toBe(401);
		expect(await (await bench.again(ben)).client.closed()).toBe(401);

		await second.client.socket.logout();
		await server.waitFor('the phone to hear of both', () => {
			const gone = ben.phone.core.received.filter(
				({ attrs, content }) =>
					attrs['type'] === 'devices' && Array.isArray(content) && content[0]?.tag === 'remove',
			);
			return gone.length === 2 ? true : undefined;
		});
		expect(server.account('+1 555 0102').devices.size).toBe(1);
	});

	it('takes in and sends nothing while it hangs, and goes on afterwards', async () => {
		server.hang();
		const asked = server.count('blocklist');
		const answer = anna.client.socket.fetchBlocklist();
		const newcomer = await bench.client();
		expect(server.count('blocklist')).toBe(asked);
		server.resume();
		await expect(answer).resolves.toEqual([]);
		await newcomer.qr();
	});

	it('goes down and comes back on the same port, with everything it knew', async () => {
		await server.goDown();
		expect(await anna.client.closed()).toBe(428);
		const refused = await bench.again(anna);
		expect(await refused.client.closed()).not.toBe(401);
		await server.goUp();
		anna = await bench.again(anna);
		await anna.client.opened();
	});

	it('keeps the order of stanzas while it delays them', async () => {
		server.delay(20);
		const answers: string[] = [];
		const first = anna.client.socket.fetchBlocklist().then(() => answers.push('first'));
		server.delay(1);
		const second = anna.client.socket.fetchBlocklist().then(() => answers.push('second'));
		await Promise.all([first, second]);
		server.delay(0);
		expect(answers).toEqual(['first', 'second']);
	});

	it('has its own authority: a client that does not know it refuses', async () => {
		// The clients above trust it for the whole process; this one trusts public authorities only.
		const socket = new WebSocket(server.url, { ca: [...rootCertificates] });
		const message = await new Promise<string>((resolve) =>
			socket.on('error', ({ message: text }) => resolve(text)),
		);
		expect(message).toMatch(/self-signed|unable to verify/);
	});

	describe('malformed input', () => {
		const open = async () => {
			const socket = new WebSocket(server.url, { ca: server.caPem });
			await new Promise<void>((resolve, reject) => {
				socket.on('open', () => resolve());
				socket.on('error', reject);
			});
			return socket;
		};
		const hello = Buffer.concat([
			Buffer.from('WA\x06\x03', 'latin1'),
			Buffer.from([0, 0, 36, 0x12, 34, 0x0a, 32]),
			Buffer.alloc(32, 9),
		]);

		it.each<[string, Buffer | string]>([
			['no WhatsApp header', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
			['a header of another version', Buffer.from('WA\x05\x02', 'latin1')],
			['too much routing info', Buffer.from('4544000110000000', 'hex')],
			['a frame that is no handshake', Buffer.from('57410603000003ffffff', 'hex')],
			['a hello without key', Buffer.from('574106030000021200', 'hex')],
			['a key of small order', Buffer.concat([hello.subarray(0, 11), Buffer.alloc(32)])],
			[
				'a finish that does not decrypt',
				Buffer.concat([hello, Buffer.from('0000041a020a00', 'hex')]),
			],
			['text instead of bytes', 'WA'],
		])('closes a connection that sends %s', async (_what, bytes) => {
			const socket = await open();
			const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
			socket.send(bytes);
			await closed;
			// Everybody else is served as before.
			await expect(anna.client.socket.fetchBlocklist()).resolves.toEqual([]);
		});

		it('closes a logged-in connection whose frame does not decrypt, or holds no node', async () => {
			await anna.client.socket.sendRawMessage(Buffer.from([0, 248, 9, 1]));
			expect(await anna.client.closed()).toBe(428);
			anna = await bench.again(anna);
			await anna.client.opened();
			await anna.client.socket.sendRawMessage(Buffer.from([2, 1, 2, 3]));
			expect(await anna.client.closed()).toBe(428);
		});

		it('survives whoever speaks no WebSocket', async () => {
			const { port } = new URL(server.url);
			const socket = connect({ port: Number(port), host: '127.0.0.1', ca: server.caPem });
			const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
			socket.on('error', () => {});
			socket.write('nonsense\r\n\r\n');
			await closed;
			await expect(anna.client.socket.fetchBlocklist()).resolves.toEqual([]);
		});
	});
});
