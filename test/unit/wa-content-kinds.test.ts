import type { proto as Proto } from '@whiskeysockets/baileys';

import { contentOf, messageSecret } from '../../src/wa/content';

let proto: typeof Proto;

beforeAll(async () => {
	({ proto } = await import('@whiskeysockets/baileys'));
});

/** A message as it comes off the wire: class instances, Longs and Buffers. */
const wire = (message: Proto.IMessage): Proto.IMessage =>
	proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

const read = (message: Proto.IMessage) => contentOf(wire(message));

const KEY = { mediaKey: Uint8Array.of(1), url: 'https://mmg.whatsapp.net/x', directPath: '/x' };

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
