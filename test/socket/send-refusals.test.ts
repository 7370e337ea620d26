/** What cannot be sent: each mistake has its own error, which says what to do, and nothing goes out. */
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import { jpeg, mp4 } from '../helpers/mediaFiles';
import { chat, Sender } from '../helpers/sender';
import type { Phone } from '../whatsapp';

let sender: Sender;
let anna: Phone;
const ANNA = '+1 555 010 0101';
const to = { chat: chat(ANNA) };

beforeAll(async () => {
	sender = await Sender.start({}, 'filesystem');
	anna = await sender.server.phone(ANNA, { name: 'Anna' });
	process.env.FFMPEG_PATH = '/nowhere/ffmpeg';
});
afterAll(async () => await sender.stop());
afterEach(() => {
	expect(anna.messages.filter(({ from }) => from === sender.me.lid && !expected.has)).toEqual([]);
});
const expected = { has: false };

const file = (content: Buffer, field = 'data'): INodeExecutionData => ({
	json: {},
	binary: { [field]: { data: content.toString('base64'), mimeType: 'image/jpeg' } },
});

const choices = (count: number) => ({
	choice: Array.from({ length: count }, (_none, index) => ({ text: `choice ${index}` })),
});

test.each<[string, string, IDataObject, string, RegExp]>([
	['an empty text', 'sendText', { text: '={{ "" }}' }, 'empty-text', /empty/],
	['a text of spaces', 'sendText', { text: ' \n ' }, 'empty-text', /empty/],
	[
		'a text of 70 000 characters',
		'sendText',
		{ text: 'x'.repeat(70_000) },
		'text-too-long',
		/70000/,
	],
	['a text over the limit', 'sendText', { text: 'x'.repeat(65_537) }, 'text-too-long', /65537/],
	[
		'13 options',
		'sendPoll',
		{ question: 'q', choices: choices(13) },
		'bad-parameter',
		/at most 12/,
	],
	['one option', 'sendPoll', { question: 'q', choices: choices(1) }, 'bad-parameter', /at least 2/],
	[
		'no question',
		'sendPoll',
		{ question: '={{ "" }}', choices: choices(2) },
		'bad-parameter',
		/question/,
	],
	['a latitude of 91', 'sendLocation', { latitude: 91, longitude: 0 }, 'bad-parameter', /latitude/],
	['no contact', 'sendContacts', { contacts: {} }, 'bad-parameter', /No contact/],
	['an event without date', 'sendEvent', { name: 'x', start: 'soon' }, 'bad-parameter', /Start/],
	[
		'a word as reaction',
		'react',
		{ messageId: 'ABCD1234', emoji: 'nice' },
		'bad-parameter',
		/emoji/,
	],
	['two emoji', 'react', { messageId: 'ABCD1234', emoji: '👍👍' }, 'bad-parameter', /one emoji/],
	['an unknown message', 'edit', { messageId: 'ABCD1234', text: 'x' }, 'not-found', /lately/],
	['no message ID', 'pin', { messageId: ' ', seconds: 86_400 }, 'bad-parameter', /Message ID/],
	[
		'a reply to an unknown message',
		'sendText',
		{ text: 'x', options: { replyTo: 'ABCD1234' } },
		'not-found',
		/reply to/,
	],
	[
		'everyone in a chat of two',
		'sendText',
		{ text: 'x', options: { mentionAll: true } },
		'bad-parameter',
		/groups only/,
	],
	['an album of one', 'sendAlbum', { binaryPropertyNames: 'a' }, 'bad-parameter', /2 to 30/],
	[
		'no viewers',
		'sendStatus',
		{ people: '={{ "" }}', content: 'text', text: 'x' },
		'bad-parameter',
		/Viewers/,
	],
])('%s', async (_name, operation, parameters, code, message) => {
	const refusal = await sender.refusal(operation, { ...to, ...parameters });
	expect(refusal.code).toBe(code);
	expect(refusal.message).toMatch(message);
});

test.each([
	['nothing', '={{ "" }}', 'bad-recipient'],
	['a word', 'Anna', 'bad-recipient'],
	['too few digits', '+1 555', 'bad-phone'],
	['an e-mail address', 'anna@example.com', 'bad-recipient'],
	['a number that is not on WhatsApp', '+1 555 010 0188', 'not-on-whatsapp'],
])('%s as recipient', async (_name, value, code) => {
	const refusal = await sender.refusal('sendText', { chat: chat(value), text: 'x' });
	expect(refusal.code).toBe(code);
});

test('a number that is not on WhatsApp is looked up once', async () => {
	const asked = () => sender.server.count('usync');
	const there = { chat: chat('+1 555 010 0187'), text: 'x' };
	expect((await sender.refusal('sendText', there)).code).toBe('not-on-whatsapp');
	const before = asked();
	expect((await sender.refusal('sendText', there)).code).toBe('not-on-whatsapp');
	expect(asked()).toBe(before);
});

test.each<[string, string, () => Promise<Buffer>, string, RegExp]>([
	[
		'a corrupt image',
		'sendImage',
		async () => corrupt(await jpeg(200, 200)),
		'bad-media',
		/damaged/,
	],
	['half an image', 'sendImage', async () => half(await jpeg(200, 200)), 'bad-media', /cut off/],
	['zero bytes', 'sendImage', async () => Buffer.alloc(0), 'bad-media', /0 bytes/],
	['zero bytes as file', 'sendFile', async () => Buffer.alloc(0), 'bad-media', /0 bytes/],
	['a video as image', 'sendImage', async () => mp4(), 'bad-media', /video\/mp4/],
	['a text as image', 'sendImage', async () => Buffer.from('hello'), 'bad-media', /not those/],
	['an image as video', 'sendVideo', async () => await jpeg(), 'bad-media', /image\/jpeg/],
	['a broken video', 'sendVideo', async () => mp4({ index: 'none' }), 'bad-media', /cut off/],
	['sound as video', 'sendVideo', async () => mp4({ handler: 'soun' }), 'bad-media', /audio\/mp4/],
	['an image as voice note', 'sendVoice', async () => await jpeg(), 'bad-media', /image\/jpeg/],
])('%s', async (_name, operation, content, code, message) => {
	const refusal = await sender.refusal(operation, to, { items: [file(await content())] });
	expect(refusal.code).toBe(code);
	expect(refusal.message).toMatch(message);
});

test('a wrong field name is answered with the names that there are', async () => {
	const items = [file(await jpeg(), 'picture')];
	const refusal = await sender.refusal('sendImage', to, { items });
	expect(refusal.code).toBe('bad-parameter');
	expect(refusal.message).toContain('no binary field "data"; it has: picture');
});

test('a file of 3 GB is refused before it is read', async () => {
	const data = await Container.get(BinaryDataService).store(
		{ type: 'execution', workflowId: 'workflow', executionId: '3' },
		Buffer.from('x'),
		{ data: '', mimeType: 'application/zip' },
	);
	const path = Container.get(BinaryDataService).getPath(data.id!);
	const handle = openSync(path, 'r+');
	// Sparse: it takes no room.
	ftruncateSync(handle, 3 * 1024 ** 3);
	closeSync(handle);
	const uploads = sender.server.media.uploads;
	const refusal = await sender.refusal('sendFile', to, { items: [{ json: {}, binary: { data } }] });
	expect(refusal.code).toBe('media-too-large');
	expect(refusal.message).toContain('3072 MB; the limit is 2048 MB');
	expect(sender.server.media.uploads).toBe(uploads);
	rmSync(path);
});

test('a file over the limit of the media server is refused', async () => {
	sender.server.media.maxBytes = 1_000;
	try {
		const items = [file(Buffer.alloc(2_000, 1))];
		expect((await sender.refusal('sendFile', to, { items })).code).toBe('media-too-large');
	} finally {
		sender.server.media.maxBytes = 2 * 1024 ** 3;
	}
});

describe('with messages that are there', () => {
	beforeAll(() => {
		expected.has = true;
	});

	test('the message of somebody else is not edited', async () => {
		const theirs = await anna.sendText(sender.me, 'mine');
		await sender.heard(theirs.id);
		const refusal = await sender.refusal('edit', {
			chat: chat(anna.lid),
			messageId: theirs.id,
			text: 'yours',
		});
		expect(refusal.code).toBe('not-yours');
		expect(
			(await sender.refusal('deleteForEveryone', { chat: chat(anna.lid), messageId: theirs.id }))
				.code,
		).toBe('not-yours');
	});

	test('a message of another chat is not found in this one', async () => {
		const ben = await sender.server.phone('+1 555 010 0102', { name: 'Ben' });
		const sent = await sender.send('sendText', { ...to, text: 'for Anna' });
		const refusal = await sender.refusal('pin', {
			chat: chat(ben.lid),
			messageId: sent.messageId,
			seconds: 86_400,
		});
		expect(refusal).toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('another chat'),
		});
	});

	test('a rejection says its code and what it means', async () => {
		sender.server.rejectNext({ code: 479 });
		const refusal = await sender.refusal('sendText', { ...to, text: 'x' });
		expect(refusal).toMatchObject({
			code: 'rejected',
			message: expect.stringContaining('Code 479'),
		});
		// Whom WhatsApp refuses with 463 is left alone afterwards.
		const ben = { chat: chat('+1 555 010 0102') };
		sender.server.rejectNext({ code: 463 });
		expect((await sender.refusal('sendText', { ...ben, text: 'y' })).code).toBe('restricted');
	});

	test('without an answer of the server the result says unknown', async () => {
		sender.server.withholdAcks();
		const sent = await sender.send('sendText', { ...to, text: 'who knows' });
		expect(sent.status).toBe('unknown');
		sender.server.withholdAcks(false);
		await anna.waitForMessage('who knows');
	});
});

const half = (content: Buffer): Buffer => content.subarray(0, content.length >> 1);

function corrupt(content: Buffer): Buffer {
	const broken = Buffer.from(content);
	broken.fill(0x55, 30, 400);
	return broken;
}
