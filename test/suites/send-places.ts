/** Where files come from and where they go: web, albums, status, a media server that refuses. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sniff } from '../../src/wa/sniff';
import { jpeg, mp4, png, wav } from '../helpers/mediaFiles';
import { chat, type Sender } from '../helpers/sender';
import type { Phone } from '../whatsapp';
import { child } from '../whatsapp/phone/nodes';
import { ANNA, withFiles, type SendStage } from './send-stage';

export function placeTests(stage: SendStage): void {
	let sender: Sender;
	let anna: Phone;
	const { to } = stage;
	const sendFile = stage.sendFile.bind(stage);
	const received = stage.received.bind(stage);
	beforeAll(() => void ({ sender, anna } = stage));

	test('several pictures and videos are one album, in order', async () => {
		const files = { a: [await jpeg(20, 20)], b: [mp4()], c: [await png(20, 20)] } as const;
		const items = [withFiles(files)];
		const sent = await sender.send(
			'sendAlbum',
			{ ...to, binaryPropertyNames: 'a, b, c', caption: 'all of us' },
			{ items },
		);
		const album = await anna.waitForMessage(({ id }) => id === sent.messageId);
		expect(album.message.albumMessage).toMatchObject({
			expectedImageCount: 2,
			expectedVideoCount: 1,
		});
		const ids = sent.messageIds as string[];
		for (const [index, content] of [files.a[0], files.b[0], files.c[0]].entries()) {
			const part = await anna.waitForMessage(({ id }) => id === ids[index]);
			expect(await anna.downloadMedia(part)).toEqual(content);
			expect(part.message.messageContextInfo?.messageAssociation).toMatchObject({
				associationType: 1,
				parentMessageKey: { id: sent.messageId },
			});
			expect(part.text).toBe(index === 0 ? 'all of us' : undefined);
		}
		const order = anna.messages
			.map(({ id }) => id)
			.filter((id) => [sent.messageId, ...ids].includes(id));
		expect(order).toEqual([sent.messageId, ...ids]);
	});

	test('a status reaches the chosen viewers, and nobody else', async () => {
		const { ben } = stage;
		const text = await sender.send('sendStatus', {
			people: ANNA,
			content: 'text',
			text: 'out for lunch',
			options: { background: '#102030' },
		});
		const seen = await anna.waitForMessage(({ id }) => id === text.messageId);
		expect(seen).toMatchObject({ chat: 'status@broadcast', text: 'out for lunch' });
		expect(seen.message.extendedTextMessage?.backgroundArgb).toBe(0xff102030);
		const picture = await jpeg();
		const sent = await sender.send(
			'sendStatus',
			{ people: `${ANNA}`, content: 'media', caption: 'view' },
			{ items: [withFiles({ data: [picture] })] },
		);
		const got = await received(sent);
		expect(got.file).toEqual(picture);
		expect(got.chat).toBe('status@broadcast');
		await sender.me.waitForMessage(({ id }) => id === sent.messageId);
		expect(ben.messages.filter(({ chat: where }) => where === 'status@broadcast')).toEqual([]);
	});

	test('files and texts go to a channel, which everybody may read', async () => {
		const { ben } = stage;
		const { id, invite } = await sender.me.channels.create('News');
		await ben.channels.follow(id);
		const picture = await jpeg(50, 50);
		const sound = wav(1);
		for (const [operation, content, kind] of [
			['sendImage', picture, 'image'],
			['sendVideo', mp4(), 'video'],
			['sendVoice', sound, 'ptt'],
			['sendFile', Buffer.from('a;b'), 'document'],
		] as const) {
			// By its link, too.
			const to = operation === 'sendImage' ? id : `https://whatsapp.com/channel/${invite}`;
			const items = [withFiles({ data: [content] })];
			const sent = await sender.send(operation, { chat: chat(to) }, { items });
			expect(sent).toMatchObject({ chat: id, status: 'accepted' });
			const got = await stage.got(ben, sent.messageId);
			const file = await ben.downloadMedia(got);
			if (operation === 'sendVoice') expect(sniff(file)?.mimeType).toMatch(/^audio\/ogg/);
			else expect(file).toEqual(content);
			const plaintext = child(got.stanza, 'plaintext');
			expect([got.stanza.attrs.type, plaintext?.attrs.mediatype]).toEqual(['media', kind]);
			// Nobody needs a key.
			expect(JSON.stringify(got.message)).not.toMatch(/"mediaKey|Secret/);
		}
		const text = await sender.send('sendText', { chat: chat(id), text: 'news' });
		expect((await stage.got(ben, text.messageId)).text).toBe('news');
		const items = [withFiles({ data: [picture] })];
		const once = { chat: chat(id), options: { viewOnce: true } };
		expect(await sender.refusal('sendImage', once, { items })).toMatchObject({
			code: 'bad-parameter',
			message: expect.stringContaining('View Once'),
		});
	});

	describe('a file from a web address', () => {
		let web: Server;
		let base: string;
		let picture: Buffer;
		let asked = 0;

		beforeAll(async () => {
			picture = await jpeg(30, 30);
			web = createServer((request, response) => {
				asked++;
				switch (request.url) {
					case '/a%20picture.jpg':
						response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
						break;
					case '/login.jpg':
						response.writeHead(200, { 'content-type': 'image/jpeg' });
						response.end('<!DOCTYPE html><html><body>Please log in</body></html>');
						break;
					default:
						response.writeHead(404).end('no');
				}
			});
			await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
			base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
		});
		afterAll(() => web.close());

		const from = (path: string) => ({ ...to, inputType: 'url', url: `${base}${path}` });

		test('is fetched and named after it', async () => {
			const image = await received(await sender.send('sendImage', from('/a%20picture.jpg')));
			expect(image.file).toEqual(picture);
			const file = await received(await sender.send('sendFile', from('/a%20picture.jpg')));
			expect(file.message.documentMessage?.fileName).toBe('a picture.jpg');
		});

		test('is not even fetched in a dry run', async () => {
			const before = asked;
			const dry = { safety: { dryRun: true } };
			const said = await sender.send('sendImage', { ...from('/a%20picture.jpg'), ...dry });
			expect(said).toMatchObject({ dryRun: true, decision: { allowed: true } });
			expect(asked).toBe(before);
			expect(
				await sender.refusal('sendImage', { ...to, inputType: 'url', url: 'a.jpg', ...dry }),
			).toMatchObject({ code: 'bad-parameter' });
		});

		test('is refused when it is not what it is called, or not there', async () => {
			expect(await sender.refusal('sendImage', from('/login.jpg'))).toMatchObject({
				code: 'bad-media',
				message: expect.stringContaining('web page'),
			});
			expect(await sender.refusal('sendImage', from('/nothing'))).toMatchObject({
				code: 'download-failed',
				message: expect.stringContaining('404'),
			});
			expect(
				await sender.refusal('sendImage', { ...to, inputType: 'url', url: 'file:///etc/passwd' }),
			).toMatchObject({ code: 'bad-parameter' });
		});
	});

	test('a dry run looks at the file and uploads nothing', async () => {
		const { uploads } = sender.server.media;
		const sent = sender.server.count('message');
		const asked = sender.server.count('w:m');
		const dry = { ...to, safety: { dryRun: true } };
		const items = [withFiles({ data: [await jpeg()] })];
		expect(await sender.send('sendImage', dry, { items })).toMatchObject({
			status: 'dryRun',
			dryRun: true,
			decision: { allowed: true },
		});
		expect(await sender.send('sendFile', dry, { items })).toMatchObject({ dryRun: true });
		const broken = [withFiles({ data: [Buffer.alloc(0)] })];
		expect(await sender.refusal('sendImage', dry, { items: broken })).toMatchObject({
			code: 'bad-media',
		});
		expect([sender.server.media.uploads, sender.server.count('message')]).toEqual([uploads, sent]);
		expect(sender.server.count('w:m')).toBe(asked);
	});

	test('a refused upload is tried anew with a fresh connection, a lasting one is an error', async () => {
		sender.server.media.refuseUploads.push(401);
		const picture = await jpeg();
		expect((await sendFile('sendImage', picture)).file).toEqual(picture);
		sender.server.media.refuseUploads.push(503, 503);
		const items = [withFiles({ data: [picture] })];
		expect(await sender.refusal('sendImage', to, { items })).toMatchObject({
			code: 'upload-failed',
			message: expect.stringContaining('503'),
		});
	});
}
