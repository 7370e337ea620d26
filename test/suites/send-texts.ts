/** Texts and what may be said of every message. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { jpeg } from '../helpers/mediaFiles';
import { chat, type Sender } from '../helpers/sender';
import { until } from '../helpers/until';
import type { Phone } from '../whatsapp';
import type { SendStage } from './send-stage';

export function textTests(stage: SendStage): void {
	let sender: Sender;
	let anna: Phone;
	let ben: Phone;
	const { to } = stage;
	const got = stage.got.bind(stage);
	beforeAll(() => void ({ sender, anna, ben } = stage));

	test('a text arrives as written, and the result names message, chat and time', async () => {
		const text = 'Hello *you*,\nit is _me_ 👋';
		const sent = await sender.send('sendText', { ...to, text });
		expect(sent).toEqual({
			messageId: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
			chat: anna.lid,
			timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
			status: 'accepted',
		});
		const message = await got(anna, sent.messageId);
		expect(message.text).toBe(text);
		expect(message.message.messageContextInfo?.messageSecret).toHaveLength(32);
		// The own phone has it too, as written by this number.
		expect(await got(sender.me, sent.messageId)).toMatchObject({
			text,
			fromMe: true,
			chat: anna.lid,
		});
	});

	test('a text quotes, mentions people and disappears', async () => {
		const group = await anna.createGroup('Friends', [sender.me, ben]);
		const question = await anna.sendText(group, 'who comes?');
		await sender.heard(question.id);
		const sent = await sender.send('sendText', {
			chat: chat(group),
			text: 'I do, and @15550100102 too',
			options: { replyTo: question.id, mentions: '+1 555 010 0102', timer: '604800' },
		});
		const { message } = await got(ben, sent.messageId);
		const text = message.extendedTextMessage;
		expect(text?.text).toBe(`I do, and @${ben.ids.lid} too`);
		expect(text?.contextInfo).toMatchObject({
			stanzaId: question.id,
			participant: anna.lid,
			quotedMessage: { conversation: 'who comes?' },
			mentionedJid: [ben.lid],
			expiration: 604_800,
		});

		const all = await sender.send('sendText', {
			chat: chat(group),
			text: 'everybody, please',
			options: { mentionAll: true },
		});
		const everyone = await got(ben, all.messageId);
		expect(everyone.message.extendedTextMessage?.contextInfo?.nonJidMentions).toBe(1);
	});

	test('a message takes the timer of its chat, unless told otherwise', async () => {
		const hello = await ben.sendText(sender.me, 'this goes', { expiration: 86_400 });
		await sender.heard(hello.id);
		const kept = await sender.send('sendText', { chat: chat(ben.lid), text: 'as set' });
		const stays = await sender.send('sendText', {
			chat: chat(ben.lid),
			text: 'never',
			options: { timer: '0' },
		});
		const expiration = async (id: string) =>
			(await got(ben, id)).message.extendedTextMessage?.contextInfo?.expiration ?? 0;
		expect(await expiration(kept.messageId)).toBe(86_400);
		expect(await expiration(stays.messageId)).toBe(0);
	});

	test('typing is shown before the message', async () => {
		const before = anna.presence.seen.length;
		const sent = await sender.send('sendText', { ...to, text: 'typed', options: { typing: 1 } });
		await got(anna, sent.messageId);
		expect(anna.presence.seen.slice(before).map(({ state }) => state)).toEqual([
			'composing',
			'paused',
		]);
	});

	test('a link shows title and picture of its page, unless that is not wanted or private', async () => {
		const picture = await jpeg(400, 200);
		let asked = 0;
		const web = createServer((request, response) => {
			asked++;
			if (request.url === '/picture.jpg') {
				response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
				return;
			}
			response.writeHead(200, { 'content-type': 'text/html' });
			response.end(
				'<title>News</title><meta property="og:description" content="of the day">' +
					'<meta property="og:image" content="/picture.jpg">',
			);
		});
		await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
		const place = `127.0.0.1:${(web.address() as AddressInfo).port}`;
		const text = `read http://${place}/today.`;
		const shown = async (options = {}) => {
			const sent = await sender.send('sendText', { ...to, text, options });
			const { message } = await got(anna, sent.messageId);
			expect(message.extendedTextMessage?.text).toBe(text);
			return message.extendedTextMessage;
		};
		try {
			// This machine is private, so its pages are not fetched unless the host of n8n says so.
			expect((await shown())?.title ?? '').toBe('');
			process.env.WHATSAPP_LINKED_PREVIEW_HOSTS = place;
			const preview = await shown();
			expect(preview).toMatchObject({
				matchedText: `http://${place}/today`,
				title: 'News',
				description: 'of the day',
			});
			const thumbnail = await sharp(preview?.jpegThumbnail ?? Buffer.alloc(0)).metadata();
			expect(thumbnail).toMatchObject({ format: 'jpeg', width: 192, height: 96 });
			expect((await shown({ linkPreview: false }))?.title ?? '').toBe('');
			const before = asked;
			const dry = await sender.send('sendText', { ...to, text, safety: { dryRun: true } });
			expect(dry).toMatchObject({ dryRun: true });
			expect(asked).toBe(before);
		} finally {
			delete process.env.WHATSAPP_LINKED_PREVIEW_HOSTS;
			web.close();
		}
	});

	test('a contact is told once, and not with every text, that it may write to us', async () => {
		const carla = await sender.server.phone('+1 555 010 0103', { name: 'Carla' });
		const about = { chat: chat(carla.lid) };
		const told = () => sender.server.count('privacy/tokens');
		const before = told();
		await sender.send('sendText', { ...about, text: 'first' });
		await until('the contact to be told, and that to be noted', async () => {
			const { keys } = (await sender.socket()).authState;
			const { [carla.lid]: token } = await keys.get('tctoken', [carla.lid]);
			return token?.senderTimestamp !== undefined;
		});
		await sender.send('sendText', { ...about, text: 'second' });
		const third = await sender.send('sendText', { ...about, text: 'third' });
		await got(carla, third.messageId);
		expect(told() - before).toBe(1);
	});
}
