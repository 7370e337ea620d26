import { randomBytes } from 'node:crypto';
import type { Phone } from '../whatsapp/phone';
import { WhatsAppServer } from '../whatsapp/index';
import { Bench, type Linked } from '../whatsapp/testing/linked';

describe('the stand-in server, media', () => {
	let server: WhatsAppServer;
	let bench: Bench;
	let anna: Linked;
	let ben: Phone;
	let baileys: typeof import('@whiskeysockets/baileys');
	const file = randomBytes(300_000);

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		bench = new Bench(server);
		anna = await bench.linked('+1 555 0101', 'Anna');
		ben = await server.phone('+1 555 0102', { name: 'Ben' });
		baileys = await import('@whiskeysockets/baileys');
	});
	afterAll(async () => {
		await bench.stop();
		expect(server.failures).toEqual([]);
		expect(server.unknownQueries).toEqual([]);
	});

	const document = async () => {
		const sent = await anna.client.socket.sendMessage(ben.jid, {
			document: file,
			mimetype: 'application/octet-stream',
			fileName: 'file.bin',
		});
		return await ben.waitForMessage(({ id }) => id === sent?.key.id);
	};
	const fromBen = async (caption: string) => {
		await ben.sendMedia(anna.phone, 'document', file, { caption, fileName: 'file.bin' });
		return await anna.client.waitFor('messages.upsert', caption, ({ messages }) =>
			messages.find(({ message }) => JSON.stringify(message ?? {}).includes(caption)),
		);
	};

	it('carries an encrypted file both ways', async () => {
		const uploads = server.media.uploads;
		expect(await ben.downloadMedia(await document())).toEqual(file);
		const heard = await fromBen('for Anna');
		expect(await baileys.downloadMediaMessage(heard, 'buffer', {})).toEqual(file);
		expect(server.media.uploads).toBe(uploads + 2);
	});

	it('serves ranges', async () => {
		const heard = await fromBen('in parts');
		const content =
			heard.message?.documentMessage ??
			heard.message?.documentWithCaptionMessage?.message?.documentMessage;
		if (!content) throw new Error('no document');
		const stream = await baileys.downloadContentFromMessage(content, 'document', {
			startByte: 1000,
			endByte: 2000,
		});
		const parts: Buffer[] = [];
		for await (const part of stream) parts.push(part as Buffer);
		expect(Buffer.concat(parts)).toEqual(file.subarray(1000, 2000));
		const beyond = await fetch(content.url ?? '', { headers: { range: 'bytes=99999999-' } });
		expect(beyond.status).toBe(416);
	});

	it('loses old files, and the phone uploads them again when asked', async () => {
		const heard = await fromBen('soon gone');
		// Anna's phone has seen it too, so it can help.
		const onPhone = await anna.phone.waitForMessage(({ id }) => id === heard.key.id);
		await anna.phone.downloadMedia(onPhone);
		server.expireMedia();
		await expect(baileys.downloadMediaMessage(heard, 'buffer', {})).rejects.toMatchObject({
			output: { statusCode: 410 },
		});
		const again = await anna.client.socket.updateMediaMessage(heard);
		expect(await baileys.downloadMediaMessage(again, 'buffer', {})).toEqual(file);
	});

	it('serves a tampered file when told to, which clients notice', async () => {
		const heard = await fromBen('tampered');
		const onPhone = await anna.phone.waitForMessage(({ id }) => id === heard.key.id);
		server.media.corruptDownloads = 1;
		await expect(anna.phone.downloadMedia(onPhone)).rejects.toThrow(/hash|MAC/);
		expect(await anna.phone.downloadMedia(onPhone)).toEqual(file);
	});

	it('refuses uploads when told to, without auth, and with another hash', async () => {
		server.media.refuseUploads.push(500);
		await expect(document()).rejects.toThrow();
		const post = (path: string) =>
			fetch(`${server.mediaUrl}${path}`, { method: 'POST', body: 'x' });
		expect((await post('/mms/image/abc?auth=wrong')).status).toBe(401);
		expect((await post(`/mms/image/abc?auth=${server.media.auth}`)).status).toBe(400);
		expect((await post('/elsewhere')).status).toBe(404);
		expect((await fetch(`${server.mediaUrl}/v/t62/unknown.enc`)).status).toBe(404);
	});
});
