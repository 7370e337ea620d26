import fc from 'fast-check';
import type { proto as Proto } from '@whiskeysockets/baileys';

import { contentOf } from '../../src/wa/content';
import { FIELD_ROLES } from '../../src/wa/kinds';

let proto: typeof Proto;

beforeAll(async () => {
	({ proto } = await import('@whiskeysockets/baileys'));
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

	it('is not brought down by sheer size', () => {
		const many = 300_000;
		const vcard = `TEL;${'a,'.repeat(many)}:1\nTEL${';'.repeat(many)}:2`;
		const large: Proto.IMessage[] = [
			{ highlyStructuredMessage: { params: Array<string>(many).fill('x') } },
			{ contactMessage: { vcard } },
			{
				extendedTextMessage: {
					text: 'x',
					contextInfo: { mentionedJid: Array<string>(many).fill('x') },
				},
			},
			{ pollCreationMessage: { options: Array<object>(many).fill({}) } },
			{ richResponseMessage: { submessages: Array<object>(many).fill({ messageText: 'x' }) } },
		];
		for (const message of large) expect(typeof contentOf(message).kind).toBe('string');
	});
});
