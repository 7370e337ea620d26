/** Pictures, videos, stickers and files of any kind. */
import sharp from 'sharp';
import { sniff } from '../../src/wa/sniff';
import { jpeg, movingGif, mp4, png, testFfmpeg, wav, webp } from '../helpers/mediaFiles';
import type { Sender } from '../helpers/sender';
import { withFiles, type SendStage } from './send-stage';

export function pictureTests(stage: SendStage): void {
	let sender: Sender;
	const { to } = stage;
	const sendFile = stage.sendFile.bind(stage);
	beforeAll(() => void ({ sender } = stage));

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
}
