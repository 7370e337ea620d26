import type { proto as Proto } from '@whiskeysockets/baileys';

import { contentOf, textOf } from '../../src/wa/content';
import { findMedia } from '../../src/wa/media';

let proto: typeof Proto;

beforeAll(async () => {
	({ proto } = await import('@whiskeysockets/baileys'));
});

/** A message as it comes off the wire: class instances, Longs and Buffers. */
const wire = (message: Proto.IMessage): Proto.IMessage =>
	proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

const read = (message: Proto.IMessage) => contentOf(wire(message));

const EMPTY = {
	text: null,
	media: null,
	quoted: null,
	mentions: [],
	mentionsAll: false,
	forwarded: false,
	forwardingScore: 0,
	viewOnce: false,
	disappearsAfter: 0,
	edited: false,
};

const KEY = { mediaKey: Uint8Array.of(1), url: 'https://mmg.whatsapp.net/x', directPath: '/x' };

describe('text', () => {
	it('of plain and extended texts', () => {
		expect(read({ conversation: 'hello' })).toEqual({ ...EMPTY, kind: 'text', text: 'hello' });
		expect(textOf({ extendedTextMessage: { text: 'hello' } })).toBe('hello');
	});

	it('with a link preview', () => {
		expect(
			read({
				extendedTextMessage: {
					text: 'see https://example.com',
					matchedText: 'https://example.com',
					title: 'Example',
					description: 'A site',
				},
			}).link,
		).toEqual({ url: 'https://example.com', title: 'Example', description: 'A site' });
		expect(read({ conversation: 'x' })).not.toHaveProperty('link');
	});

	it('with mentions, forwarding and timer', () => {
		expect(
			read({
				extendedTextMessage: {
					text: '@1 @2',
					contextInfo: {
						mentionedJid: ['100000000000001:3@lid', '15550100123@s.whatsapp.net', 'junk'],
						nonJidMentions: 1,
						isForwarded: true,
						forwardingScore: 5,
						expiration: 86_400,
					},
				},
			}),
		).toMatchObject({
			mentions: ['100000000000001@lid', '15550100123@s.whatsapp.net'],
			mentionsAll: true,
			forwarded: true,
			forwardingScore: 5,
			disappearsAfter: 86_400,
		});
	});

	it.each<[string, string, Proto.IMessage]>([
		['caption', 'look', { imageMessage: { caption: 'look' } }],
		[
			'caption of a document',
			'read',
			{ documentWithCaptionMessage: { message: { documentMessage: { caption: 'read' } } } },
		],
		['poll question', 'Lunch?', { pollCreationMessageV3: { name: 'Lunch?' } }],
		['event name', 'Party', { eventMessage: { name: 'Party' } }],
		['button', 'Yes', { buttonsResponseMessage: { selectedDisplayText: 'Yes' } }],
		['template button', 'No', { templateButtonReplyMessage: { selectedDisplayText: 'No' } }],
		['list row', 'Red', { listResponseMessage: { title: 'Red' } }],
		['native flow', 'Done', { interactiveResponseMessage: { body: { text: 'Done' } } }],
		['buttons', 'Pick\nBy us', { buttonsMessage: { contentText: 'Pick', footerText: 'By us' } }],
		[
			'template',
			'Hi\nYour code',
			{
				templateMessage: {
					hydratedTemplate: { hydratedTitleText: 'Hi', hydratedContentText: 'Your code' },
				},
			},
		],
		['cards', 'Sale', { interactiveMessage: { body: { text: 'Sale' } } }],
		['live location', 'On my way', { liveLocationMessage: { caption: 'On my way' } }],
		['group invite', 'Join us', { groupInviteMessage: { caption: 'Join us' } }],
		['order', 'Two please', { orderMessage: { message: 'Two please' } }],
		['comment', 'Nice', { commentMessage: { message: { conversation: 'Nice' } } }],
		['payment note', 'Rent', { requestPaymentMessage: { noteMessage: { conversation: 'Rent' } } }],
		['answer', 'Blue', { questionResponseMessage: { text: 'Blue' } }],
		[
			'AI',
			'A\nB',
			{ richResponseMessage: { submessages: [{ messageText: 'A' }, { messageText: 'B' }] } },
		],
	])('of %s', (_name, text, message) => {
		expect(read(message).text).toBe(text);
	});
});

describe('media', () => {
	it('of an image, with its size as a number although the wire has a Long', () => {
		expect(
			read({
				imageMessage: {
					...KEY,
					mimetype: 'image/jpeg',
					caption: 'look',
					fileLength: 123_456,
					width: 640,
					height: 480,
				},
			}).media,
		).toEqual({
			kind: 'image',
			mimeType: 'image/jpeg',
			size: 123_456,
			seconds: null,
			fileName: null,
			caption: 'look',
			width: 640,
			height: 480,
			downloadable: true,
			viewOnce: false,
		});
	});

	it('of a voice note, a document and a sticker', () => {
		expect(read({ audioMessage: { ...KEY, ptt: true, seconds: 3 } }).media).toMatchObject({
			kind: 'voice',
			seconds: 3,
		});
		expect(
			read({ documentMessage: { ...KEY, fileName: 'a.pdf', pageCount: 2 } }).media,
		).toMatchObject({ kind: 'file', fileName: 'a.pdf', pages: 2 });
		expect(read({ stickerMessage: { ...KEY, isAnimated: true } }).media).toMatchObject({
			kind: 'sticker',
			animated: true,
		});
	});

	it('is view once whether the wrapper or the medium says so', () => {
		for (const message of [
			{ viewOnceMessage: { message: { imageMessage: KEY } } },
			{ imageMessage: { ...KEY, viewOnce: true } },
		]) {
			expect(read(message)).toMatchObject({ viewOnce: true, media: { viewOnce: true } });
		}
	});

	it('is downloadable only with address and key', () => {
		expect(read({ imageMessage: { url: 'https://x' } }).media?.downloadable).toBe(false);
		expect(read({ imageMessage: { mediaKey: KEY.mediaKey } }).media?.downloadable).toBe(false);
		expect(
			read({ imageMessage: { directPath: '/x', mediaKey: KEY.mediaKey } }).media?.downloadable,
		).toBe(true);
	});

	it('of the header of a message with buttons', () => {
		const message = { buttonsMessage: { contentText: 'x', imageMessage: KEY } };
		expect(read(message)).toMatchObject({ kind: 'buttons', text: 'x', media: { kind: 'image' } });
		expect(findMedia(wire(message))).toMatchObject({ transport: 'image', node: { url: KEY.url } });
	});

	it('keeps keys and addresses out of the JSON', () => {
		expect(JSON.stringify(read({ imageMessage: KEY }))).not.toMatch(/mediaKey|mmg\.whatsapp/);
	});
});

describe('quotes', () => {
	it('say who, which and what', () => {
		expect(
			read({
				extendedTextMessage: {
					text: 'yes',
					contextInfo: {
						stanzaId: '3EB0AA',
						participant: '100000000000001:2@lid',
						remoteJid: 'status@broadcast',
						quotedMessage: { imageMessage: { ...KEY, caption: 'coming?' } },
					},
				},
			}).quoted,
		).toMatchObject({
			id: '3EB0AA',
			from: '100000000000001@lid',
			chat: 'status@broadcast',
			kind: 'image',
			text: 'coming?',
			media: { kind: 'image' },
		});
	});

	it('of which only the id is known', () => {
		const contextInfo = { stanzaId: '3EB0AA' };
		expect(read({ imageMessage: { contextInfo } }).quoted).toEqual({
			id: '3EB0AA',
			from: null,
			chat: null,
			kind: null,
			text: null,
			media: null,
		});
	});
});

describe('messages about messages', () => {
	const key = {
		id: '3EB0AA',
		remoteJid: '120363000000000001@g.us',
		participant: '100000000000001@lid',
		fromMe: false,
	};
	const target = {
		id: '3EB0AA',
		chat: '120363000000000001@g.us',
		from: '100000000000001@lid',
		fromMe: false,
	};

	it('reaction, and its removal', () => {
		expect(read({ reactionMessage: { key, text: '👍' } })).toEqual({
			...EMPTY,
			kind: 'reaction',
			target,
			reaction: '👍',
		});
		expect(read({ reactionMessage: { key, text: '' } })).toMatchObject({ reaction: null, target });
	});

	it('edit, with the new content', () => {
		const message = {
			protocolMessage: { type: 14, key, editedMessage: { imageMessage: { caption: 'new' } } },
		};
		for (const outer of [message, { editedMessage: { message } }]) {
			expect(read(outer)).toMatchObject({
				kind: 'edit',
				newKind: 'image',
				text: 'new',
				target,
				edited: true,
			});
		}
	});

	it('edited content as Baileys hands it on', () => {
		expect(read({ editedMessage: { message: { conversation: 'new' } } })).toMatchObject({
			kind: 'text',
			text: 'new',
			edited: true,
		});
	});

	it('deletion', () => {
		expect(read({ protocolMessage: { type: 0, key } })).toEqual({
			...EMPTY,
			kind: 'delete',
			target,
		});
	});

	it('pin, for how long, and unpin', () => {
		expect(
			read({
				pinInChatMessage: { key, type: 1 },
				messageContextInfo: { messageAddOnDurationInSecs: 604_800 },
			}),
		).toMatchObject({ kind: 'pin', target, pinned: true, pinnedFor: 604_800 });
		expect(read({ pinInChatMessage: { key, type: 2 } }).pinned).toBe(false);
	});

	it.each<[string, Proto.IMessage]>([
		['pollVote', { pollUpdateMessage: { pollCreationMessageKey: key } }],
		['eventResponse', { encEventResponseMessage: { eventCreationMessageKey: key } }],
		['reaction', { encReactionMessage: { targetMessageKey: key } }],
		['edit', { secretEncryptedMessage: { targetMessageKey: key } }],
	])('%s that is still encrypted', (kind, message) => {
		expect(read(message)).toMatchObject({ kind, target, encrypted: true });
	});
});
