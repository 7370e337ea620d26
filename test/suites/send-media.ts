/** Files: what the virtual phone downloads, decrypts and is told about them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import sharp from 'sharp';
import { fitsAsVoiceNote, inspectOggOpus } from '../../src/wa/ogg';
import { sniff } from '../../src/wa/sniff';
import {
	jpeg,
	movingGif,
	mp4,
	png,
	testFfmpeg,
	wav,
	webp,
	withFfmpeg,
} from '../helpers/mediaFiles';
import { chat, type Sender, type Sent } from '../helpers/sender';
import type { Phone } from '../whatsapp';

export function sendMediaSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	const ANNA = '+1 555 010 0101';
	const to = { chat: chat(ANNA) };

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
	});
	afterAll(async () => await sender.stop());
	beforeEach(() => {
		// A host without ffmpeg, whatever this one has.
		process.env.FFMPEG_PATH = '/nowhere/ffmpeg';
	});

	/** An item with files, held in memory as n8n's default mode has it. */
	const withFiles = (files: Record<string, [Buffer, string?]>): INodeExecutionData => ({
		json: {},
		binary: Object.fromEntries(
			Object.entries(files).map(([name, [content, fileName]]) => [
				name,
				{ data: content.toString('base64'), mimeType: 'application/octet-stream', fileName },
			]),
		),
	});

	/** Sends a file and resolves with what the phone got. */
	async function sendFile(
		operation: string,
		content: Buffer,
		more: IDataObject = {},
		name?: string,
	) {
		const items = [withFiles({ data: [content, name] })];
		const sent = await sender.send(operation, { ...to, ...more }, { items });
		return await received(sent);
	}

	async function received(sent: Sent) {
		const got = await anna.waitForMessage(({ id }) => id === sent.messageId);
		return { ...got, file: await anna.downloadMedia(got) };
	}

	test('a JPEG and a PNG arrive untouched, with thumbnail and size', async () => {
		const picture = await jpeg(600, 400);
		const got = await sendFile('sendImage', picture, { caption: 'look *here*' });
		expect(got.file).toEqual(picture);
		const image = got.message.imageMessage;
		expect(image).toMatchObject({
			mimetype: 'image/jpeg',
			caption: 'look *here*',
			width: 600,
			height: 400,
		});
		expect(Number(image?.fileLength)).toBe(picture.length);
		const thumbnail = await sharp(image?.jpegThumbnail ?? Buffer.alloc(0)).metadata();
		expect(thumbnail).toMatchObject({ format: 'jpeg', width: 100, height: 67 });
		expect(got.stanza.attrs.type).toBe('media');

		const other = await png();
		const second = await sendFile('sendImage', other);
		expect(second.file).toEqual(other);
		expect(second.message.imageMessage?.mimetype).toBe('image/png');
		// The own phone can open it too.
		const own = await sender.me.waitForMessage(({ id }) => id === second.id);
		expect(await sender.me.downloadMedia(own)).toEqual(other);
	});

	test('a picture that phones do not show is converted, a turned one keeps its looks', async () => {
		const got = await sendFile('sendImage', await webp(50, 30));
		expect(sniff(got.file)?.mimeType).toBe('image/jpeg');
		expect(got.message.imageMessage).toMatchObject({
			mimetype: 'image/jpeg',
			width: 50,
			height: 30,
		});
		const turned = await sharp(await jpeg(80, 20))
			.withMetadata({ orientation: 6 })
			.toBuffer();
		const seen = await sendFile('sendImage', turned);
		expect(seen.file).toEqual(turned);
		expect(seen.message.imageMessage).toMatchObject({ width: 20, height: 80 });
	});

	test.each([
		['sendVideo', 'videoMessage'],
		['sendGif', 'videoMessage'],
		['sendVideoNote', 'ptvMessage'],
	] as const)('%s sends an MP4 untouched, with duration and size', async (operation, field) => {
		const video = mp4({ seconds: 7, width: 640, height: 360, turned: 90, index: 'last' });
		const got = await sendFile(operation, video);
		expect(got.file).toEqual(video);
		expect(got.message[field]).toMatchObject({
			mimetype: 'video/mp4',
			seconds: 7,
			width: 360,
			height: 640,
		});
		expect(got.message[field]?.gifPlayback ?? false).toBe(operation === 'sendGif');
	});

	test('what may be seen once is marked as such', async () => {
		const options = { viewOnce: true };
		const picture = await jpeg();
		const image = await sendFile('sendImage', picture, { options });
		expect(image.file).toEqual(picture);
		expect(image.message.viewOnceMessage?.message?.imageMessage?.viewOnce).toBe(true);
		const video = await sendFile('sendVideo', mp4(), { options });
		expect(video.message.viewOnceMessage?.message?.videoMessage?.viewOnce).toBe(true);
		const voice = await sendFile('sendVoice', wav(1), { options });
		const inner = voice.message.viewOnceMessageV2Extension?.message?.audioMessage;
		expect(inner).toMatchObject({ viewOnce: true, ptt: true });
	});

	test('a file of any kind keeps its bytes and its name', async () => {
		const content = Buffer.from('a;b\n1;2\n');
		const got = await sendFile('sendFile', content, { caption: 'numbers' }, 'table.csv');
		expect(got.file).toEqual(content);
		expect(got.message.documentMessage).toMatchObject({
			fileName: 'table.csv',
			caption: 'numbers',
		});
		const pdf = Buffer.from('%PDF-1.7\n...');
		const named = await sendFile(
			'sendFile',
			pdf,
			{ options: { fileName: 'invoice.pdf' } },
			'x.bin',
		);
		expect(named.message.documentMessage).toMatchObject({
			fileName: 'invoice.pdf',
			mimetype: 'application/pdf',
		});
	});

	describe('a voice note', () => {
		const plays = async (file: Buffer) => {
			const read = await inspectOggOpus(file);
			if (!read.ok) throw new Error(read.detail);
			expect(fitsAsVoiceNote(read.value).ok).toBe(true);
			expect(read.value.complete).toBe(true);
			return read.value;
		};

		test('of WAV becomes mono OGG/Opus with duration and a waveform that grows', async () => {
			const got = await sendFile('sendVoice', wav(3));
			expect((await plays(got.file)).seconds).toBeCloseTo(3, 1);
			const { audioMessage } = got.message;
			expect(audioMessage).toMatchObject({
				ptt: true,
				mimetype: 'audio/ogg; codecs=opus',
				seconds: 3,
			});
			const bars = [...(audioMessage?.waveform ?? [])];
			expect(bars).toHaveLength(64);
			expect(Math.max(...bars)).toBe(100);
			expect(bars[8]!).toBeLessThan(bars[32]!);
			expect(bars[32]!).toBeLessThan(bars[60]!);
		});

		test('of MP3 and of stereo OGG is converted, too, and sounds the same', async () => {
			const mp3 = withFfmpeg(wav(2, 22_050), ['-f', 'mp3']);
			const fromMp3 = await sendFile('sendVoice', mp3);
			expect((await plays(fromMp3.file)).seconds).toBeCloseTo(2, 0);
			const stereo = withFfmpeg(wav(2), ['-c:a', 'libopus', '-ac', '2', '-f', 'ogg']);
			const fromOgg = await sendFile('sendVoice', stereo);
			expect(fromOgg.file).not.toEqual(stereo);
			expect((await plays(fromOgg.file)).seconds).toBeCloseTo(2, 1);
			// The tone is still the tone: 440 Hz cross zero 880 times a second.
			for (const { file } of [fromMp3, fromOgg]) {
				const pcm = withFfmpeg(file, ['-f', 's16le', '-ac', '1', '-ar', '48000']);
				let crossings = 0;
				for (let at = 48_000; at < 2 * 72_000; at += 2) {
					crossings +=
						Math.sign(pcm.readInt16LE(at)) !== Math.sign(pcm.readInt16LE(at + 2)) ? 1 : 0;
				}
				expect(Math.abs(crossings - 880)).toBeLessThan(15);
			}
		});

		test('that is right already is not touched', async () => {
			const right = withFfmpeg(wav(1), ['-c:a', 'libopus', '-ac', '1', '-f', 'ogg']);
			const got = await sendFile('sendVoice', right);
			expect(got.file).toEqual(right);
			expect(got.message.audioMessage?.waveform).toHaveLength(64);
		});

		test('of a kind that only ffmpeg reads is made with it, or refused without', async () => {
			const aac = withFfmpeg(wav(2), ['-c:a', 'aac', '-f', 'adts']);
			const items = [withFiles({ data: [aac] })];
			expect(await sender.refusal('sendVoice', to, { items })).toMatchObject({
				code: 'not-convertible',
			});
			process.env.FFMPEG_PATH = testFfmpeg();
			const got = await sendFile('sendVoice', aac);
			expect((await plays(got.file)).seconds).toBeCloseTo(2, 0);
		});
	});

	test('sound as an audio file goes untouched where phones play it', async () => {
		const mp3 = withFfmpeg(wav(2), ['-f', 'mp3']);
		const got = await sendFile('sendAudio', mp3);
		expect(got.file).toEqual(mp3);
		expect(got.message.audioMessage).toMatchObject({ mimetype: 'audio/mpeg', seconds: 2 });
		expect(got.message.audioMessage?.ptt ?? false).toBe(false);
		const converted = await sendFile('sendAudio', wav(1));
		expect(converted.message.audioMessage?.mimetype).toBe('audio/ogg; codecs=opus');
	});

	test('a picture becomes a sticker, a moving one stays moving', async () => {
		const still = await sendFile('sendSticker', await png(300, 100));
		expect(await sharp(still.file).metadata()).toMatchObject({
			format: 'webp',
			width: 512,
			height: 512,
			hasAlpha: true,
		});
		expect(still.message.stickerMessage).toMatchObject({
			mimetype: 'image/webp',
			width: 512,
			height: 512,
		});
		const moving = await sendFile('sendSticker', await movingGif());
		const { pages, pageHeight, width } = await sharp(moving.file, { pages: -1 }).metadata();
		expect({ pages, pageHeight, width }).toEqual({ pages: 2, pageHeight: 512, width: 512 });
		expect(moving.message.stickerMessage?.isAnimated).toBe(true);
		// Already right: untouched.
		const again = await sendFile('sendSticker', still.file);
		expect(again.file).toEqual(still.file);
	});

	test('with ffmpeg a GIF becomes a video and videos get their first picture', async () => {
		const items = [withFiles({ data: [await movingGif()] })];
		expect(await sender.refusal('sendGif', to, { items })).toMatchObject({
			code: 'not-convertible',
		});
		process.env.FFMPEG_PATH = testFfmpeg();
		const got = await sendFile('sendGif', await movingGif());
		expect(sniff(got.file)?.mimeType).toBe('video/mp4');
		expect(got.message.videoMessage).toMatchObject({ gifPlayback: true, width: 32, height: 24 });
		expect(sniff(got.message.videoMessage?.jpegThumbnail ?? Buffer.alloc(0))?.mimeType).toBe(
			'image/jpeg',
		);
	});

	test('several pictures and videos are one album, in order', async () => {
		const files = { a: [await jpeg(20, 20)], b: [mp4()], c: [await png(20, 20)] } as const;
		const items = [withFiles(structuredCloneFiles(files))];
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
		const ben = await sender.server.phone('+1 555 010 0102', { name: 'Ben' });
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

	describe('a file from a web address', () => {
		let web: Server;
		let base: string;
		let picture: Buffer;

		beforeAll(async () => {
			picture = await jpeg(30, 30);
			web = createServer((request, response) => {
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

	function structuredCloneFiles(files: Record<string, readonly [Buffer]>) {
		return Object.fromEntries(
			Object.entries(files).map(([name, [content]]) => [name, [content] as [Buffer]]),
		);
	}
}
