/** Every kind of message that people can write, made by a phone of the stand-in. */
import type { AccountSettings } from '../../src/settings';
import type { Runtime } from '../../src/runtime';
import { eventsOf } from '../helpers/eventsHeard';
import { Product, type Heard } from '../helpers/product';
import type { Phone } from '../whatsapp';
import type { proto } from '../whatsapp/phone/proto';

let product: Product;
let runtime: Runtime;
let account: AccountSettings;
let me: Phone;
let anna: Phone;
let heard: Heard;

const event = eventsOf(() => heard);

beforeAll(async () => {
	product = await Product.start();
	runtime = product.runtime();
	account = product.account();
	me = await product.phone('Me');
	anna = await product.phone('Anna');
	await product.link(runtime, account, me);
	heard = await product.listen(runtime, account, 'w/all', () => true);
});

afterAll(async () => {
	await heard?.close();
	await product?.stop();
});

const bytes = Buffer.from('not really');

test.each([
	['image', 'image', { caption: 'the sea' }],
	['video', 'video', { caption: 'waves' }],
	['audio', 'audio', {}],
	['audio', 'voice', { voice: true }],
	['sticker', 'sticker', {}],
	['document', 'file', { fileName: 'bill.pdf' }],
] as const)('media: %s as %s', async (kind, known, options) => {
	await anna.sendMedia(me, kind, bytes, options);
	const caption = 'caption' in options ? options.caption : null;
	expect(await event('message.received')).toMatchObject({
		kind: known,
		text: caption,
		media: { kind: known, size: bytes.length, downloadable: true, caption },
	});
});

const seller = '15550100199@s.whatsapp.net';
const KINDS: Array<[string, proto.IMessage, object]> = [
	[
		'a link with a preview',
		{
			extendedTextMessage: {
				text: 'see https://example.com/a',
				matchedText: 'https://example.com/a',
				title: 'Example',
				description: 'A page',
			},
		},
		{ kind: 'text', text: 'see https://example.com/a', link: { title: 'Example' } },
	],
	[
		'a live location',
		{
			liveLocationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.4, caption: 'on my way' },
		},
		{ kind: 'liveLocation', text: 'on my way', location: { latitude: 52.5, live: true } },
	],
	[
		'a poll',
		{
			pollCreationMessageV3: {
				name: 'Lunch?',
				options: [{ optionName: 'Pizza' }, { optionName: 'Soup' }],
				selectableOptionsCount: 1,
			},
		},
		{ kind: 'poll', text: 'Lunch?', poll: { options: ['Pizza', 'Soup'] } },
	],
	[
		'an event',
		{ eventMessage: { name: 'Rehearsal', startTime: 1_800_000_000, location: { name: 'Hall' } } },
		{ kind: 'event', text: 'Rehearsal', calendarEvent: { name: 'Rehearsal' } },
	],
	[
		'an album',
		{ albumMessage: { expectedImageCount: 2, expectedVideoCount: 1 } },
		{ kind: 'album', album: { images: 2, videos: 1 } },
	],
	[
		'a button that was pressed',
		{
			buttonsResponseMessage: {
				selectedButtonId: 'yes',
				selectedDisplayText: 'Yes, please',
				type: 1,
			},
		},
		{ kind: 'buttonReply', text: 'Yes, please', choice: { id: 'yes', title: 'Yes, please' } },
	],
	[
		'a row that was chosen from a list',
		{
			listResponseMessage: {
				title: 'Tuesday',
				listType: 1,
				singleSelectReply: { selectedRowId: 'tue' },
			},
		},
		{ kind: 'listReply', text: 'Tuesday', choice: { id: 'tue', title: 'Tuesday' } },
	],
	[
		'a product',
		{
			productMessage: {
				businessOwnerJid: seller,
				product: { productId: 'p1', title: 'Mug', currencyCode: 'EUR', priceAmount1000: 9_500 },
			},
		},
		{ kind: 'product', product: { id: 'p1', title: 'Mug' } },
	],
	[
		'an order',
		{
			orderMessage: {
				orderId: 'o1',
				orderTitle: 'Two mugs',
				itemCount: 2,
				totalAmount1000: 19_000,
				totalCurrencyCode: 'EUR',
				sellerJid: seller,
			},
		},
		{ kind: 'order', order: { id: 'o1', items: 2, total: 19, currency: 'EUR' } },
	],
	['a kind that this version does not know', {}, { kind: 'unsupported', text: null, media: null }],
];

test.each(KINDS)('%s', async (_what, message, expected) => {
	await anna.sendMessage(me, message);
	expect(await event('message.received')).toMatchObject(expected);
});

test.each(['view_once', 'view_once_unavailable_fanout'])(
	'a message to be seen once on the phone is told, without its content (%s)',
	async (type) => {
		const sent = await anna.sendWithheld(me, { viewOnceMessage: { message: {} } }, type);
		expect(await event('message.received')).toMatchObject({
			kind: 'viewOnce',
			messageId: sent.id,
			from: { lid: anna.lid, name: 'Anna' },
			text: null,
			media: null,
		});
	},
);

test('an answer of a bot, which linked devices do not get, is told', async () => {
	const sent = await anna.sendWithheld(me, { conversation: 'hm' }, 'bot_unavailable_fanout');
	expect(await event('message.undecryptable')).toMatchObject({
		chat: anna.lid,
		messageId: sent.id,
		reason: 'answer of a bot',
	});
});
