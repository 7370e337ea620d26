import fc from 'fast-check';
import type { proto as Proto } from '@whiskeysockets/baileys';

import { contentOf, messageSecret, textOf } from '../../src/wa/content';
import { FIELD_ROLES } from '../../src/wa/kinds';
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

describe('what only some kinds have', () => {
	it('location', () => {
		expect(
			read({ locationMessage: { degreesLatitude: 0, degreesLongitude: -43.5, name: 'Here' } })
				.location,
		).toEqual({
			latitude: 0,
			longitude: -43.5,
			name: 'Here',
			address: null,
			url: null,
			accuracy: null,
			speed: null,
			heading: null,
			live: false,
		});
		expect(
			read({ liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2 } }).location?.live,
		).toBe(true);
		expect(read({ locationMessage: {} })).not.toHaveProperty('location');
	});

	it('contacts', () => {
		const vcard =
			'BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nitem1.TEL;waid=15550100123:+1 555-010-0123\nitem1.X-ABLabel:Work\nEND:VCARD';
		const card = {
			name: 'Ada',
			phones: [{ number: '+1 555-010-0123', phone: '+15550100123', label: 'Work' }],
			emails: [],
			organization: null,
		};
		expect(read({ contactMessage: { displayName: 'x', vcard } }).contacts).toEqual([card]);
		expect(
			read({ contactsArrayMessage: { contacts: [{ vcard }, { displayName: 'Bob' }] } }).contacts,
		).toEqual([card, { name: 'Bob', phones: [], emails: [], organization: null }]);
	});

	it('poll, quiz and result', () => {
		expect(
			read({
				pollCreationMessage: {
					name: 'Lunch?',
					options: [{ optionName: 'A' }, { optionName: 'B' }],
					selectableOptionsCount: 2,
				},
			}).poll,
		).toEqual({ question: 'Lunch?', options: ['A', 'B'], selectable: 2 });
		expect(
			read({ pollCreationMessageV5: { correctAnswer: { optionName: 'A' } } }).poll?.correctAnswer,
		).toBe('A');
		expect(
			read({
				pollResultSnapshotMessage: {
					name: 'q',
					pollVotes: [{ optionName: 'A', optionVoteCount: 3 }],
				},
			}).poll?.votes,
		).toEqual([{ option: 'A', count: 3 }]);
	});

	it('event', () => {
		expect(
			read({
				eventMessage: {
					name: 'Party',
					startTime: 1_700_000_000,
					location: { degreesLatitude: 1, degreesLongitude: 2, name: 'Home' },
				},
			}).calendarEvent,
		).toMatchObject({
			name: 'Party',
			start: '2023-11-14T22:13:20.000Z',
			end: null,
			location: { name: 'Home' },
			cancelled: false,
		});
	});

	it('album and its children', () => {
		expect(read({ albumMessage: { expectedImageCount: 2, expectedVideoCount: 1 } }).album).toEqual({
			images: 2,
			videos: 1,
		});
		expect(
			read({
				imageMessage: KEY,
				messageContextInfo: {
					messageAssociation: { associationType: 1, parentMessageKey: { id: '3EB0AA' } },
				},
			}).parent,
		).toEqual({ id: '3EB0AA', relation: 'album' });
	});

	it('choices and what there is to choose', () => {
		expect(
			read({
				listResponseMessage: { title: 'Red', singleSelectReply: { selectedRowId: 'r1' } },
			}).choice,
		).toEqual({ id: 'r1', title: 'Red', description: null, params: null });
		expect(
			read({
				interactiveResponseMessage: {
					nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"b7"}' },
				},
			}).choice,
		).toMatchObject({ id: 'b7', params: '{"id":"b7"}' });
		expect(
			read({ listMessage: { sections: [{ rows: [{ rowId: 'r1', title: 'Red' }] }] } }).buttons,
		).toEqual([{ id: 'r1', title: 'Red' }]);
	});

	it('product, order and payment, in whole units of the currency', () => {
		expect(
			read({
				productMessage: {
					product: { productId: 'p', title: 'Tea', currencyCode: 'EUR', priceAmount1000: 4500 },
				},
			}).product,
		).toMatchObject({ id: 'p', price: 4.5, currency: 'EUR' });
		expect(read({ orderMessage: { orderId: 'o', totalAmount1000: 9000 } }).order?.total).toBe(9);
		expect(read({ requestPaymentMessage: { amount1000: 1000 } }).payment).toEqual({
			currency: null,
			amount: 1,
			step: 'requested',
		});
	});

	it('invitation, call and setting', () => {
		expect(
			read({
				groupInviteMessage: {
					groupJid: '120363000000000001@g.us',
					inviteCode: 'abc',
					groupName: 'G',
				},
			}).invite,
		).toEqual({ id: '120363000000000001@g.us', name: 'G', code: 'abc', expires: null });
		expect(read({ callLogMesssage: { isVideo: true, callOutcome: 1 } }).call).toMatchObject({
			video: true,
			outcome: 'missed',
		});
		expect(read({ protocolMessage: { type: 3, ephemeralExpiration: 604_800 } }).setting).toEqual({
			name: 'disappearingSeconds',
			value: 604_800,
		});
	});

	it('the advertisement that led here', () => {
		expect(
			read({
				extendedTextMessage: {
					text: 'hi',
					contextInfo: {
						externalAdReply: { title: 'Tea', sourceUrl: 'https://fb.me/x', ctwaClid: 'c' },
					},
				},
			}).ad,
		).toEqual({ title: 'Tea', body: null, url: 'https://fb.me/x', id: null, clickId: 'c' });
	});

	it('the secret for votes, which is never part of the content', () => {
		const message = wire({
			pollCreationMessage: { name: 'q' },
			messageContextInfo: { messageSecret: Uint8Array.of(7, 7) },
		});
		expect(messageSecret(message)).toEqual(Buffer.of(7, 7));
		expect(JSON.stringify(contentOf(message))).not.toMatch(/ecret/);
		expect(messageSecret({ conversation: 'x' })).toBeNull();
	});
});

const leaf = fc.oneof(
	fc.string({ maxLength: 12 }),
	fc.integer(),
	fc.double(),
	fc.bigInt(),
	fc.boolean(),
	fc.constantFrom(
		null,
		undefined,
		'',
		'15550100123@s.whatsapp.net',
		'{"id":1}',
		'{"id":"x"}',
		'[]',
	),
	fc.uint8Array({ maxLength: 4 }),
	fc.date({ noInvalidDate: false }),
);

describe('strange input', () => {
	const names = [
		...Object.keys(FIELD_ROLES),
		...'message contextInfo quotedMessage key id remoteJid participant text caption name options optionName'.split(
			' ',
		),
		...'vcard contacts product amount1000 fileLength mediaKey url type editedMessage submessages'.split(
			' ',
		),
		...'noteMessage location degreesLatitude startTime mentionedJid externalAdReply sections rows'.split(
			' ',
		),
		...'hydratedTemplate hydratedButtons nativeFlowMessage buttons header body messageAssociation'.split(
			' ',
		),
		...'nativeFlowResponseMessage paramsJson correctAnswer pollVotes low high unsigned data'.split(
			' ',
		),
	];
	const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
		tree: fc.oneof(
			{ maxDepth: 8 },
			{ arbitrary: leaf, weight: 1 },
			{ arbitrary: tie('node'), weight: 4 },
		),
		node: fc.oneof(
			fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 5 }),
			fc.array(tie('tree'), { maxLength: 3 }),
		),
	}));

	/** Plain JSON: what comes back from a trip through it is the same, with nothing undefined. */
	const isPlainJson = (value: unknown) =>
		expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);

	it('never throws and stays plain JSON for arbitrary trees of protocol names', () => {
		fc.assert(
			fc.property(tree, (message) => isPlainJson(contentOf(message as Proto.IMessage))),
			{ numRuns: 1500 },
		);
	});

	it('never throws and stays plain JSON for arbitrary bytes that protobuf accepts', () => {
		let accepted = 0;
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
				let message: Proto.IMessage;
				try {
					message = proto.Message.decode(bytes);
				} catch {
					return;
				}
				accepted++;
				isPlainJson(contentOf(message));
			}),
			{ numRuns: 3000 },
		);
		expect(accepted).toBeGreaterThan(10);
	});

	it('reads the same after a trip through the JSON of protobuf', () => {
		const message = proto.Message.fromObject({
			imageMessage: { caption: 'x', fileLength: 5, seconds: 1, mediaKey: [1], directPath: '/x' },
		});
		const json = JSON.parse(JSON.stringify(message)) as Proto.IMessage;
		expect(contentOf(json)).toEqual(contentOf(message));
	});
});
