/** What a message says is known from before it was encoded; it has to be what the bytes say. */
import type { proto as Proto } from '@whiskeysockets/baileys';
import fc from 'fast-check';
import { loadBaileys, type Baileys } from '../../src/baileys';
import { kept, saidIn } from '../../src/history/project';
import { contentOf } from '../../src/wa/content';

let baileys: Baileys;
beforeAll(async () => (baileys = await loadBaileys()));

// Halves of surrogate pairs, too: protobuf has no such thing.
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.constant('a\ud83d b'));
const JPEG = Buffer.from('preview');
const message: fc.Arbitrary<Proto.IMessage> = fc.oneof(
	text.map((conversation) => ({ conversation, messageContextInfo: { messageSecret: JPEG } })),
	fc.tuple(text, text).map(([a, b]) => ({
		extendedTextMessage: { text: a, title: b, matchedText: b, jpegThumbnail: JPEG },
	})),
	text.map((caption) => ({ imageMessage: { caption, jpegThumbnail: JPEG } })),
	fc.tuple(text, text).map(([fileName, caption]) => ({ documentMessage: { fileName, caption } })),
	fc.tuple(text, fc.array(text)).map(([name, options]) => ({
		pollCreationMessageV3: { name, options: options.map((optionName) => ({ optionName })) },
	})),
	fc.tuple(text, text).map(([name, address]) => ({ locationMessage: { name, address } })),
	text.map((displayName) => ({ contactMessage: { displayName, vcard: `FN:${displayName}` } })),
	fc.tuple(text, text).map(([name, description]) => ({ eventMessage: { name, description } })),
);

test.each([true, false])('what is said, with media %j', (media) => {
	const { proto } = baileys;
	const encode = (lean: Proto.IMessage) => proto.Message.encode(lean).finish();
	fc.assert(
		fc.property(message, (given) => {
			const { content } = kept(given, contentOf(given), { encode, media });
			const copy = Buffer.from(content!);
			expect(saidIn(content!, proto)).toEqual(saidIn(copy, proto));
		}),
	);
});
