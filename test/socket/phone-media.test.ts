import { randomBytes } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { WhatsAppServer } from '../whatsapp/index';
import { MediaGone, type MediaKind, type Phone } from '../whatsapp/phone';
import { type LinkedClient, World } from '../whatsapp/phone/testing/world';

/** Encrypted files between a client and phones. */
describe('media', () => {
	let world: World;
	let anna: LinkedClient;
	let ben: Phone;

	const arrived = async (id: string) =>
		await anna.client.waitFor('messages.upsert', 'the message', ({ messages }) =>
			messages.find(({ key, message }) => key.id === id && message),
		);
	const opened = async (message: Awaited<ReturnType<typeof arrived>>) => {
		const { downloadMediaMessage } = await import('@whiskeysockets/baileys');
		return await downloadMediaMessage(message, 'buffer', {});
	};

	beforeAll(async () => {
		world = new World(await WhatsAppServer.start());
		// Baileys downloads with fetch, which takes no agent: it trusts what the process trusts.
		setDefaultCACertificates([...getCACertificates('default'), world.server.caPem]);
		anna = await world.link(await world.phone('+1 555 0101', 'Anna'));
		ben = await world.phone('+1 555 0102', 'Ben');
	});
	afterEach(() => expect(world.problems).toEqual([]));
	afterAll(async () => await world.stop());

	it.each<[MediaKind, number]>([
		['image', 1000],
		['video', 70_000],
		['audio', 16],
		['document', 1],
		['sticker', 3000],
	])('of the kind %s opens on the other side, and on the own other device', async (kind, size) => {
		const file = randomBytes(size);
		const sent = await ben.sendMedia(anna.phone, kind, file, {
			fileName: 'a.bin',
			caption: 'look',
		});
		expect(await opened(await arrived(sent.id))).toEqual(file);
		const heard = await anna.phone.waitForMessage(({ id }) => id === sent.id);
		expect(heard.stanza.attrs.type).toBe('media');
		expect(await anna.phone.downloadMedia(heard)).toEqual(file);

		const content = {
			document: { document: file, mimetype: 'application/pdf' },
			image: { image: file, jpegThumbnail: '' },
			video: { video: file, jpegThumbnail: '' },
			audio: { audio: file, seconds: 1 },
			sticker: { sticker: file },
		}[kind];
		const back = (await anna.client.socket.sendMessage(ben.lid, content))!;
		const got = await ben.waitForMessage(({ id }) => id === back.key.id);
		expect(await ben.downloadMedia(got)).toEqual(file);
		const copy = await anna.phone.waitForMessage(({ id }) => id === back.key.id);
		expect(await anna.phone.downloadMedia(copy)).toEqual(file);
	});

	it('that was tampered with is refused', async () => {
		const sent = await ben.sendImage(anna.phone, randomBytes(100));
		const { message } = await anna.phone.waitForMessage(({ id }) => id === sent.id);
		const image = { ...message.imageMessage, fileSha256: randomBytes(32) };
		await expect(anna.phone.downloadMedia({ message: { imageMessage: image } })).rejects.toThrow(
			'another hash than announced',
		);
		image.mediaKey = randomBytes(32);
		await expect(anna.phone.downloadMedia({ message: { imageMessage: image } })).rejects.toThrow(
			'Bad MAC',
		);
		await expect(anna.phone.downloadMedia({ message: { conversation: 'x' } })).rejects.toThrow(
			'holds no media',
		);
	});

	it('that has gone from the server is uploaded again by the phone that has it', async () => {
		const file = randomBytes(5000);
		const sent = await ben.sendImage(anna.phone, file);
		const message = await arrived(sent.id);
		await anna.phone.downloadMedia(await anna.phone.waitForMessage(({ id }) => id === sent.id));
		world.server.expireMedia();
		await expect(opened(message)).rejects.toThrow();
		await expect(ben.downloadMedia(sent)).rejects.toThrow(MediaGone);
		const renewed = await anna.client.socket.updateMediaMessage(message);
		expect(await opened(renewed as typeof message)).toEqual(file);
		expect(anna.phone.media.requests).toEqual([sent.id]);
	});

	it('that the phone does not have either stays gone, and the client is told', async () => {
		const sent = await ben.sendImage(anna.phone, randomBytes(100));
		const message = await arrived(sent.id);
		await anna.phone.waitForMessage(({ id }) => id === sent.id);
		world.server.expireMedia(404);
		await expect(anna.client.socket.updateMediaMessage(message)).rejects.toMatchObject({
			output: { statusCode: 404 },
		});
	});
});
