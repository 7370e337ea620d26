/** What Baileys is given to read stanzas and addresses, against its own functions. */
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { quickDecoder, type Decoding } from '../../src/crypto/binaryNodeReader';
import { quickJidDecode } from '../../src/crypto/jids';

type Baileys = typeof import('@whiskeysockets/baileys');

let baileys: Baileys;
let decode: ReturnType<typeof quickDecoder>;

beforeAll(async () => {
	baileys = await import('@whiskeysockets/baileys');
	const constants = await import('@whiskeysockets/baileys/lib/WABinary/constants.js');
	decode = quickDecoder({
		...(baileys as unknown as Pick<Decoding, 'jidEncode' | 'decompressingIfRequired'>),
		constants: constants as unknown as Decoding['constants'],
	});
});

/** What both give, or the error that both throw; how many times that was a stanza. */
async function sameOf(frames: readonly Uint8Array[]): Promise<number> {
	const outcome = async (read: (frame: Buffer) => Promise<unknown>, frame: Uint8Array) => {
		try {
			return { read: await read(Buffer.from(frame)) };
		} catch (error) {
			return { error: (error as Error).message };
		}
	};
	let stanzas = 0;
	for (const frame of frames) {
		const ours = await outcome(decode, frame);
		expect(ours).toStrictEqual(await outcome(baileys.decodeBinaryNode, frame));
		if ('read' in ours) stanzas += 1;
	}
	return stanzas;
}

const byte = fc.integer({ min: 0, max: 255 });
const raw = (...parts: Array<number | Uint8Array | string>) =>
	Buffer.concat(parts.map((part) => (typeof part === 'number' ? [part] : part)).map(toBuffer));
const toBuffer = (part: number[] | Uint8Array | string) =>
	typeof part === 'string' ? Buffer.from(part) : Buffer.from(part);

/** Every form of text there is, well made and not. */
const text = fc.oneof(
	{ weight: 6, arbitrary: fc.integer({ min: 1, max: 235 }).map((token) => raw(token)) },
	fc.tuple(fc.integer({ min: 236, max: 239 }), byte).map(([tag, index]) => raw(tag, index)),
	fc.string({ maxLength: 20, unit: 'binary' }).map((of) => raw(252, Buffer.byteLength(of), of)),
	fc.uint8Array({ maxLength: 9 }).map((of) => raw(253, 0, 0, of.length, of)),
	fc.uint8Array({ maxLength: 9 }).map((of) => raw(254, 0, 0, 0, of.length, of)),
	fc
		.tuple(fc.constantFrom(251, 255), fc.uint8Array({ maxLength: 12 }), fc.boolean())
		.map(([tag, of, odd]) => raw(tag, of.length | (odd ? 128 : 0), of)),
	fc
		.array(fc.constantFrom(0x12, 0x9a, 0xb0, 0x55), { maxLength: 12 })
		.map((of) => raw(255, of.length, Buffer.from(of))),
	fc.constant(raw(0)),
);
const jid = fc.oneof(
	fc.tuple(text, text).map(([user, server]) => raw(250, user, server)),
	fc
		.tuple(fc.constantFrom(0, 1, 2, 128, 129, 130), byte, text)
		.map(([domain, device, user]) => raw(247, domain, device, user)),
	fc
		.tuple(text, byte, byte, text)
		.map(([user, high, low, server]) => raw(246, user, high, low, server)),
	fc
		.tuple(text, fc.uint8Array({ minLength: 4, maxLength: 4 }), text)
		.map(([user, numbers, server]) => raw(245, user, numbers, server)),
);
const word = fc.oneof({ weight: 4, arbitrary: text }, jid);
const bytes = fc.uint8Array({ maxLength: 40 }).map((of) => raw(252, of.length, of));

const { node } = fc.letrec<{ node: Buffer }>((tie) => ({
	node: fc
		.tuple(
			word,
			fc.array(fc.tuple(word, word), { maxLength: 3 }),
			fc.option(
				fc.oneof(
					{ maxDepth: 3, depthIdentifier: 'node' },
					{ weight: 3, arbitrary: bytes },
					{ weight: 1, arbitrary: word },
					{
						weight: 3,
						arbitrary: fc
							.array(tie('node'), { maxLength: 4 })
							.map((nodes) => raw(249, 0, nodes.length, ...nodes)),
					},
				),
			),
		)
		.map(([tag, attrs, content]) =>
			raw(248, 1 + 2 * attrs.length + (content ? 1 : 0), tag, ...attrs.flat(), content ?? ''),
		),
}));

describe('stanzas', () => {
	it('are read as Baileys reads them, and refused with its words', async () => {
		const given = fc.sample(node, 3_000).map((of) => raw(0, of));
		expect(await sameOf(given)).toBeGreaterThan(500);
	});

	it('are read alike when they are cut off or damaged', async () => {
		const damaged = fc
			.tuple(node, fc.nat(), fc.nat(), byte)
			// No lengths with a sign: Baileys would read them for ever.
			.filter(([of]) => !of.includes(254))
			.map(([of, cut, at, value]) => {
				const frame = raw(0, of).subarray(0, 1 + (cut % (of.length + 1)));
				if (frame.length > 1) frame[1 + (at % (frame.length - 1))] = value % 254;
				return frame;
			});
		await sameOf(fc.sample(damaged, 3_000));
		await sameOf([Buffer.alloc(0), Buffer.of(0), Buffer.of(0, 248), Buffer.of(0, 255)]);
	});

	it('are read when they come compressed', async () => {
		const given = fc.sample(node, 100).map((of) => raw(2, deflateSync(of)));
		expect(await sameOf(given)).toBeGreaterThan(10);
		await sameOf([Buffer.of(2, 1, 2, 3)]);
	});

	it('are read as they were written', async () => {
		const stanza = {
			tag: 'message',
			attrs: { from: '123456789012345:3@lid', id: '3EB0ABCDEF0123456789AB', t: '1700000000' },
			content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.alloc(300, 5) }],
		};
		expect(await decode(baileys.encodeBinaryNode(stanza))).toStrictEqual(stanza);
	});
});

test('addresses are taken apart as Baileys does', () => {
	const part = fc.stringMatching(/^[0-9a-z_:.-]{0,12}$/);
	const server = fc.constantFrom(
		's.whatsapp.net',
		'lid',
		'hosted',
		'hosted.lid',
		'g.us',
		'toString',
	);
	const address = fc.oneof(
		fc.tuple(part, server).map((of) => of.join('@')),
		fc.stringMatching(/^[0-9]{0,5}(_[0-9a]{0,3}){0,2}(:[0-9a]{0,3}){0,2}@(lid|g\.us|c\.us)$/),
		fc.stringMatching(/^[@:_a1]{0,8}$/),
		fc.constantFrom(undefined, null, 5, {}),
	);
	fc.assert(
		fc.property(address, (each) => {
			expect(quickJidDecode(each)).toStrictEqual(baileys.jidDecode(each as string));
		}),
		{ numRuns: 2_000 },
	);
});
