/** Download Media: what ends up in n8n's binary data of what phones have sent. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { chat, type Sender } from '../helpers/sender';
import type { Phone } from '../whatsapp';

export function downloadMediaSuite(start: () => Promise<Sender>): void {
	let sender: Sender;
	let anna: Phone;
	const ANNA = '+1 555 010 0101';

	beforeAll(async () => {
		sender = await start();
		anna = await sender.server.phone(ANNA, { name: 'Anna' });
	});
	afterAll(async () => await sender.stop());

	/** A file from Anna that the number has seen. */
	async function sent(
		...given: Parameters<Phone['sendMedia']> extends [unknown, ...infer R] ? R : never
	) {
		const message = await anna.sendMedia(sender.me, ...given);
		await sender.heard(message.id);
		return message;
	}

	const by = (id: string, more: IDataObject = {}) => ({ from: 'id', messageId: id, ...more });

	async function content(item: INodeExecutionData | undefined, field = 'data') {
		const binary = item?.binary?.[field] as IBinaryData;
		return { binary, file: await Container.get(BinaryDataService).getAsBuffer(binary) };
	}

	async function download(parameters: IDataObject, items?: INodeExecutionData[]) {
		const [item] = await sender.items('downloadMedia', parameters, { items });
		return { json: item!.json, ...(await content(item)) };
	}

	/** All files that n8n keeps. */
	async function stored(): Promise<string[]> {
		const all = await readdir(sender.engine.home, { recursive: true, withFileTypes: true });
		return all
			.filter((entry) => entry.isFile() && entry.parentPath.includes('binary_data'))
			.map((entry) => join(entry.parentPath, entry.name));
	}

	test.each([
		['image', {}, 'image/jpeg', /^image-\w+\.jpg$/],
		['video', {}, 'video/mp4', /^video-\w+\.mp4$/],
		['audio', { voice: true }, 'audio/ogg; codecs=opus', /^voice-\w+\.ogg$/],
		['sticker', {}, 'image/webp', /^sticker-\w+\.webp$/],
		['document', { fileName: 'bill.pdf' }, 'application/pdf', /^bill\.pdf$/],
	] as const)('the %s of a message by its ID', async (kind, options, mimeType, name) => {
		const file = randomBytes(70_001);
		const { id } = await sent(kind, file, options);
		const got = await download(by(id));
		expect(got.file.equals(file)).toBe(true);
		expect(got.binary).toMatchObject({ mimeType, fileName: expect.stringMatching(name) });
		expect(got.json).toMatchObject({
			messageId: id,
			size: file.length,
			mimeType,
			askedPhone: false,
		});
	});

	test('files of any size, the smallest too, whatever the size of the pieces they come in', async () => {
		for (const size of [0, 1, 15, 16, 17, 65_536, 300_000]) {
			const file = randomBytes(size);
			const { id } = await sent('document', file, { fileName: `${size}.bin` });
			expect((await download(by(id))).file.equals(file)).toBe(true);
		}
	});

	test('names of strangers lead nowhere, and a type that says nothing is looked up', async () => {
		const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
		const options = {
			fileName: '../../etc/\u202egpj.passwd',
			mimetype: 'application/octet-stream',
		};
		const { id } = await sent('document', png, options);
		expect((await download(by(id))).binary).toMatchObject({
			fileName: '_.._etc_gpj.passwd',
			mimeType: 'image/png',
		});
		const named = await download(by(id, { options: { fileName: 'mine.png' } }));
		expect(named.binary.fileName).toBe('mine.png');
		const field = await sender.items('downloadMedia', by(id, { binaryPropertyName: 'picture' }));
		expect((await content(field[0], 'picture')).file).toEqual(png);
	});

	test('of the incoming item, and of the message that it answers', async () => {
		const file = randomBytes(5_000);
		const picture = await sent('image', file, { caption: 'look' });
		const item = { json: { messageId: picture.id, chat: anna.lid, kind: 'image' } };
		expect((await download({}, [item])).file.equals(file)).toBe(true);

		const seen = await sender.me.waitForMessage(({ id }) => id === picture.id);
		const answer = await anna.sendText(sender.me, 'this one', { quote: seen });
		await sender.heard(answer.id);
		const reply = { json: { messageId: answer.id, quoted: { id: picture.id } } };
		const quoted = await download({ which: 'quoted' }, [reply]);
		expect(quoted.file.equals(file)).toBe(true);
		expect(quoted.json.messageId).toBe(picture.id);
		// From the answer alone: what it quotes was sent along.
		const byAnswer = await download(by(answer.id, { which: 'quoted' }));
		expect(byAnswer.file.equals(file)).toBe(true);
		expect(
			await sender.refusal('downloadMedia', by(picture.id, { which: 'quoted' })),
		).toMatchObject({
			code: 'bad-parameter',
		});
	});

	test('of a message that is only known from the item, as WhatsApp had it', async () => {
		const file = randomBytes(3_000);
		const ben = await sender.server.phone('+1 555 010 0102', { name: 'Ben' });
		const { id, message } = await anna.sendMedia(ben, 'image', file);
		const { imageMessage } = message;
		const base64 = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('base64');
		const raw = {
			key: { remoteJid: anna.lid, id, fromMe: false },
			message: {
				imageMessage: {
					url: imageMessage?.url,
					directPath: imageMessage?.directPath,
					mimetype: 'image/jpeg',
					mediaKey: base64(imageMessage?.mediaKey),
					fileSha256: base64(imageMessage?.fileSha256),
					fileEncSha256: base64(imageMessage?.fileEncSha256),
				},
			},
		};
		const got = await download({}, [{ json: { messageId: id, raw: raw as never } }]);
		expect(got.file.equals(file)).toBe(true);
	});

	test('of a channel, where files are not encrypted but still checked', async () => {
		const file = randomBytes(90_000);
		const directPath = await sender.server.media.keep(Readable.from([file]));
		const fileSha256 = createHash('sha256').update(file).digest('base64');
		const raw = {
			key: { remoteJid: '120363000000000002@newsletter', id: '3EB0C0C0C0C0C0C0', fromMe: false },
			message: { videoMessage: { directPath, fileSha256, mimetype: 'video/mp4' } },
		};
		const items = [{ json: { messageId: '3EB0C0C0C0C0C0C0', raw: raw as never } }];
		expect((await download({}, items)).file.equals(file)).toBe(true);
		sender.server.media.corruptDownloads = 1;
		expect(await sender.refusal('downloadMedia', {}, { items })).toMatchObject({
			code: 'media-damaged',
		});
	});

	test('of a message that this number sent itself', async () => {
		const file = randomBytes(4_000);
		const data = { data: file.toString('base64'), mimeType: 'text/csv', fileName: 'own.csv' };
		const items = [{ json: {}, binary: { data } }];
		const own = await sender.send('sendFile', { chat: chat(ANNA) }, { items });
		const got = await download(by(own.messageId));
		expect(got.file.equals(file)).toBe(true);
		expect(got.binary).toMatchObject({ fileName: 'own.csv', mimeType: 'text/csv' });
	});

	test('of a status, and of what may be seen once where it is sent to linked devices', async () => {
		const file = randomBytes(2_000);
		const once = await sent('image', file, { viewOnce: true });
		expect((await download(by(once.id))).file.equals(file)).toBe(true);
		const status = await anna.sendMedia('status@broadcast', 'image', file, {
			audience: [sender.me.jid],
		});
		await sender.heard(status.id);
		expect((await download(by(status.id))).file.equals(file)).toBe(true);
		const item = { json: { messageId: '3EB0FFFFFFFFFFFFFFFF', kind: 'viewOnce', viewOnce: true } };
		expect(await sender.refusal('downloadMedia', {}, { items: [item] })).toMatchObject({
			code: 'view-once',
		});
	});

	describe('a file that WhatsApp does not have any more', () => {
		test.each([404, 410] as const)('(%i) is asked for again, once', async (status) => {
			const file = randomBytes(9_000);
			const { id } = await sent('document', file, { fileName: 'old.pdf' });
			// The phone has it when it was opened there.
			await sender.me.downloadMedia(await sender.me.waitForMessage((each) => each.id === id));
			sender.server.expireMedia(status);
			const got = await download(by(id));
			expect(got.file.equals(file)).toBe(true);
			expect(got).toMatchObject({ json: { askedPhone: true }, binary: { fileName: 'old.pdf' } });
			// Where it is now is remembered.
			expect((await download(by(id))).json.askedPhone).toBe(false);
			expect(sender.me.media.requests.filter((each) => each === id)).toHaveLength(1);
		});

		test('is an error that says so when the phone does not have it either, or is not asked', async () => {
			const { id } = await sent('image', randomBytes(100));
			sender.server.expireMedia();
			const refused = await sender.refusal('downloadMedia', by(id));
			expect(refused).toMatchObject({ code: 'media-unavailable' });
			expect(refused.message).toContain('phone');
			const asked = sender.me.media.requests.length;
			const options = { askPhone: false };
			expect(await sender.refusal('downloadMedia', by(id, { options }))).toMatchObject({
				code: 'media-unavailable',
			});
			expect(sender.me.media.requests).toHaveLength(asked);
		});

		test('of a quoted message is asked for, too', async () => {
			const file = randomBytes(400);
			const picture = await sent('image', file);
			const seen = await sender.me.waitForMessage(({ id }) => id === picture.id);
			await sender.me.downloadMedia(seen);
			const answer = await anna.sendText(sender.me, 'again', { quote: seen });
			await sender.heard(answer.id);
			sender.server.expireMedia();
			const got = await download(by(answer.id, { which: 'quoted' }));
			expect(got.file.equals(file)).toBe(true);
			expect(got.json.askedPhone).toBe(true);
		});
	});

	test('a file that somebody changed on its way is an error, and nothing of it is kept', async () => {
		const file = randomBytes(200_000);
		const { id } = await sent('document', file, { fileName: 'contract.pdf' });
		const before = await stored();
		sender.server.media.corruptDownloads = 1;
		expect(await sender.refusal('downloadMedia', by(id))).toMatchObject({ code: 'media-damaged' });
		expect(await stored()).toEqual(before);
		expect((await download(by(id))).file.equals(file)).toBe(true);
	});

	test.each([
		['the hash of the file', { fileSha256: randomBytes(32) }],
		['the hash of the encrypted file', { fileEncSha256: randomBytes(32) }],
		['the key', { mediaKey: randomBytes(32) }],
	])('%s that does not fit is an error, and nothing is kept', async (_what, wrong) => {
		const uploaded = await anna.media.upload(randomBytes(50_000), 'document');
		const documentMessage = { ...uploaded, ...wrong, mimetype: 'text/plain', fileName: 'a.txt' };
		const { id } = await anna.sendMessage(sender.me, { documentMessage });
		await sender.heard(id);
		const before = await stored();
		expect(await sender.refusal('downloadMedia', by(id))).toMatchObject({ code: 'media-damaged' });
		expect(await stored()).toEqual(before);
	});

	test('a download that breaks off goes on where it was, a host that is away is asked again', async () => {
		const file = randomBytes(2_000_000);
		const { id } = await sent('document', file, { fileName: 'long.bin' });
		sender.server.media.brokenDownloads = 2;
		sender.server.media.refuseDownloads.push(503);
		expect((await download(by(id))).file.equals(file)).toBe(true);
		expect(sender.server.media.brokenDownloads).toBe(0);
		sender.server.media.refuseDownloads.push(503, 503);
		expect(await sender.refusal('downloadMedia', by(id))).toMatchObject({
			code: 'media-download-failed',
			message: expect.stringContaining('503'),
		});
	});

	test('a message without a file, without the key, unknown or from elsewhere is a clear error', async () => {
		const text = await anna.sendText(sender.me, 'no file');
		await sender.heard(text.id);
		const code = async (parameters: IDataObject, items?: INodeExecutionData[]) =>
			(await sender.refusal('downloadMedia', parameters, { items })).code;
		expect(await code(by(text.id))).toBe('no-media');
		expect(await code(by('3EB0000000000000AAAA'))).toBe('not-found');
		expect(await code(by('not an id'))).toBe('bad-parameter');
		expect(await code({}, [{ json: { text: 'hello' } }])).toBe('bad-parameter');
		const { mediaKey: _none, ...keyless } = await anna.media.upload(randomBytes(10), 'image');
		const without = await anna.sendMessage(sender.me, { imageMessage: keyless });
		await sender.heard(without.id);
		expect(await code(by(without.id))).toBe('media-key-missing');
		const uploaded = await anna.media.upload(randomBytes(10), 'image');
		const elsewhere = { ...uploaded, url: 'https://127.0.0.1:1/secret', directPath: undefined };
		const strange = await anna.sendMessage(sender.me, { imageMessage: elsewhere });
		await sender.heard(strange.id);
		expect(await code(by(strange.id))).toBe('media-download-failed');
		const large = await sent('document', randomBytes(5_000), { fileName: 'large.bin' });
		const options = { maxMegabytes: 0.001 };
		expect(await code(by(large.id, { options }))).toBe('media-over-limit');
		expect(await code(by(large.id, { options: { chat: chat('nobody') } }))).toBe('bad-recipient');
	});
}
