import fc from 'fast-check';
import { decodeTree, encodeTree } from '../../src/auth/tree';
import { decodeValue, encodeValue } from '../../src/auth/values';

const roundTrip = (value: unknown) => decodeTree(encodeTree(value));

const leaf = fc.oneof(
	fc.constantFrom(
		null,
		undefined,
		true,
		false,
		NaN,
		-0,
		Infinity,
		Number.MAX_SAFE_INTEGER,
		2 ** 60,
	),
	fc.integer(),
	fc.double(),
	fc.bigInt(),
	fc.string({ unit: 'binary' }),
	fc.base64String(),
	fc.uint8Array(),
	fc.uint8Array().map((bytes) => Buffer.from(bytes)),
	fc.date({ noInvalidDate: true }),
);
const key = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.base64String({ minLength: 44, maxLength: 44 }),
	fc.constantFrom('_sessions', 'me', '0', '17', '007', '1e3', '', '9007199254740993'),
);
const { tree } = fc.letrec((tie) => ({
	tree: fc.oneof(
		{ maxDepth: 4 },
		leaf,
		fc.array(tie('tree'), { maxLength: 5 }),
		fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
	),
}));

describe('the encoding of plain values', () => {
	it('gives back every value as it was', () => {
		fc.assert(
			fc.property(tree, (value) => {
				expect(roundTrip(value)).toStrictEqual(value);
			}),
			{ numRuns: 500 },
		);
	});

	it('keeps buffers and plain byte arrays apart', () => {
		const value = roundTrip({ a: Buffer.from('x'), b: new Uint8Array([1]) }) as {
			a: unknown;
			b: unknown;
		};
		expect(Buffer.isBuffer(value.a)).toBe(true);
		expect(Buffer.isBuffer(value.b)).toBe(false);
		expect(value.b).toBeInstanceOf(Uint8Array);
	});

	it('does not share memory with what it was given or read from', () => {
		const bytes = encodeTree({ a: Buffer.from('abc') });
		const { a } = decodeTree(bytes) as { a: Buffer };
		bytes.fill(0);
		expect(a.toString()).toBe('abc');
	});

	it('writes base64 strings as the bytes they stand for', () => {
		const text = Buffer.alloc(300, 7).toString('base64');
		expect(encodeTree(text).length).toBeLessThan(310);
		expect(roundTrip(text)).toBe(text);
	});

	it('keeps strings that only look like base64', () => {
		for (const text of [
			'abcdefghijklmno=',
			'AAAAAAAAAAAAAAB=',
			'AAAA BBBBCCCCDDD',
			'-_-_-_-_-_-_',
		]) {
			expect(roundTrip(text)).toBe(text);
		}
	});

	it('keeps a property named __proto__ a property', () => {
		const value: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "a": 2}');
		const back = roundTrip(value) as object;
		expect(Object.keys(back)).toEqual(['__proto__', 'a']);
		expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
	});

	it('refuses what it cannot keep', () => {
		const cycle: { self?: unknown } = {};
		cycle.self = cycle;
		for (const value of [cycle, new Map(), new Set([1]), new Float32Array(1), Symbol('s')]) {
			expect(() => encodeTree({ value })).toThrow(TypeError);
		}
	});

	it('says so when the bytes are cut short, too long or nonsense', () => {
		const bytes = encodeTree({ me: { id: '1' }, list: [1, 2, 'three'] });
		for (let end = 0; end < bytes.length; end++) {
			expect(() => decodeTree(bytes.subarray(0, end))).toThrow(
				expect.objectContaining({ code: 'damaged-data' }),
			);
		}
		for (const nonsense of [[200], [4, 1, 0], [12, 1, 250, 7, 0], [9, 255, 255, 255, 255, 15]]) {
			expect(() => decodeTree(Buffer.from(nonsense))).toThrow(
				expect.objectContaining({ code: 'damaged-data' }),
			);
		}
	});
});

describe('stored Signal values', () => {
	const senderKey = [
		{
			senderKeyId: 12345,
			senderChainKey: { iteration: 3, seed: Buffer.alloc(32, 1) },
			senderSigningKey: { public: Buffer.alloc(33, 5), private: Buffer.alloc(0) },
			senderMessageKeys: [{ iteration: 1, seed: Buffer.alloc(32, 9) }],
		},
	];

	it('are never JSON with bytes as numbers', () => {
		const stored = encodeValue('sender-key', Buffer.from(JSON.stringify(senderKey)));
		expect(stored.length).toBeLessThan(200);
		expect(stored.toString('latin1')).not.toMatch(/\d,\d|data|Buffer/);
	});

	it('give back a sender key that Baileys reads as the same', async () => {
		const { BufferJSON } = await import('@whiskeysockets/baileys');
		const given = Buffer.from(JSON.stringify(senderKey));
		const back = decodeValue(encodeValue('sender-key', given));
		expect(Buffer.isBuffer(back)).toBe(true);
		expect(JSON.parse(String(back), BufferJSON.reviver)).toEqual(senderKey);
		// And once more, from the form that we gave it.
		const again = decodeValue(encodeValue('sender-key', back));
		expect(JSON.parse(String(again), BufferJSON.reviver)).toEqual(senderKey);
	});

	it('keep bytes that are no sender key JSON as they are', () => {
		for (const text of [
			'',
			'[',
			'[{"type":"Buffer","data":"x","more":1}]',
			'{"a":1}',
			'[\xff\xfe',
		]) {
			const bytes = Buffer.from(text, 'latin1');
			const back = decodeValue(encodeValue('sender-key', bytes)) as Buffer;
			if (text.startsWith('[{')) expect(JSON.parse(back.toString())).toEqual(JSON.parse(text));
			else expect(back.equals(bytes)).toBe(true);
		}
	});
});
