import { deflateSync } from 'node:zlib';
import type { BinaryNode } from '../whatsapp/contract';
import { decodeNode, encodeNode, frame, FrameReader } from '../whatsapp/server/frames';
import { loadWa, type Wa } from '../whatsapp/server/wa';

/**
 * Bytes as they went over the wire, spelled out: lists (f8 n), tokens (one byte, or ec..ef and one
 * more), addresses (fa pair, f7 with device and domain), packed digits (ff) and hex (fb), texts (fc).
 */
const VECTORS: Array<[string, string, BinaryNode]> = [
	[
		'an iq with the address of the server and digits as id',
		'00 f807 19 11 fa 00 03 04 14 08 ff 05 1678549119',
		{ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'result', id: '1678549119' } },
	],
	[
		'a keep-alive: a child without attributes',
		'00 f80a 19 08 ee04 16 57 04 29 11 03 f801 f801 56',
		{
			tag: 'iq',
			attrs: { id: '27', xmlns: 'w:p', type: 'get', to: 's.whatsapp.net' },
			content: [{ tag: 'ping', attrs: {}, content: undefined }],
		},
	],
	[
		'a message from a device by LID, with bytes inside',
		'00 f80c 13 06 f7 01 03 ff88200000000000101f 08 fb06 3eb0c4a1f00d 04 38 1a ff05 1760000000' +
			' 18 fc08 416e6e6120e29895 f801 f806 1d 51 45 04 4d fc03 33080a',
		{
			tag: 'message',
			attrs: {
				from: '200000000000101:3@lid',
				id: '3EB0C4A1F00D',
				type: 'text',
				t: '1760000000',
				notify: 'Anna ☕',
			},
			content: [
				{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.from('33080a', 'hex') },
			],
		},
	],
	[
		'a receipt to a device by phone number, a token of two bytes',
		'00 f807 07 08 fc06 41352d312e32 11 f7 00 0c ff04 15550102 04 ec0b',
		{
			tag: 'receipt',
			attrs: { id: 'A5-1.2', to: '15550102:12@s.whatsapp.net', type: 'retry' },
			content: undefined,
		},
	],
	[
		'a tag that is no token',
		'00 f804 fc02 6962 06 03 f801 f803 12 41 2d',
		{
			tag: 'ib',
			attrs: { from: 's.whatsapp.net' },
			content: [{ tag: 'offline', attrs: { count: '0' }, content: undefined }],
		},
	],
	[
		'a text longer than a byte can count',
		`00 f803 1f 89 fd00012c ${'78'.repeat(300)}`,
		{ tag: 'presence', attrs: { name: 'x'.repeat(300) }, content: undefined },
	],
];

const bytes = (spaced: string) => Buffer.from(spaced.replace(/ /g, ''), 'hex');

describe('frames of the stand-in server', () => {
	let wa: Wa;
	beforeAll(async () => {
		wa = await loadWa();
	});

	it.each(VECTORS)('reads and writes %s', (_what, hex, node) => {
		expect(decodeNode(wa, bytes(hex))).toEqual(node);
		expect(encodeNode(wa, node).toString('hex')).toBe(bytes(hex).toString('hex'));
	});

	it.each(VECTORS)(
		'reads it compressed as well, and writes it so when asked: %s',
		(_w, hex, node) => {
			const zlib = Buffer.concat([Buffer.from([2]), deflateSync(bytes(hex).subarray(1))]);
			expect(decodeNode(wa, zlib)).toEqual(node);
			const written = encodeNode(wa, node, true);
			expect(written[0]).toBe(2);
			expect(decodeNode(wa, written)).toEqual(node);
		},
	);

	it.each([
		['nothing', ''],
		['a list without a tag', '00 f800'],
		['a list that ends early', '00 f807 19 11'],
		['a text that ends early', '00 f802 fc09 6962'],
		['an unknown tag byte', '00 f802 f1'],
		['bytes after the node', '00 f801 56 00'],
		['what is not zlib', '02 f801 56'],
		['a compressed node that is none', `02 ${deflateSync(Buffer.from('x')).toString('hex')}`],
	])('refuses %s', (_what, hex) => {
		expect(() => decodeNode(wa, bytes(hex))).toThrow();
	});

	it('refuses what would not stop growing', () => {
		const bomb = Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(64 * 1024 * 1024))]);
		expect(() => decodeNode(wa, bomb)).toThrow();
	});

	describe('cut out of a stream', () => {
		const one = frame(Buffer.from('one'));
		const two = frame(Buffer.alloc(3_000, 2));
		const header = Buffer.from('57410603', 'hex');
		const routed = Buffer.concat([bytes('4544 0001 000004 0805080a'), header]);

		it.each([
			['the plain header', header],
			['routing info before it', routed],
		])('whatever the pieces, after %s', (_what, intro) => {
			const stream = Buffer.concat([intro, one, two]);
			for (const size of [1, 2, 7, 1000, stream.length]) {
				const reader = new FrameReader();
				const frames: Buffer[] = [];
				for (let at = 0; at < stream.length; at += size) {
					frames.push(...reader.push(stream.subarray(at, at + size)).map((f) => Buffer.from(f)));
				}
				expect(frames.map((f) => f.length)).toEqual([3, 3_000]);
				expect(frames[0]?.toString()).toBe('one');
				expect(reader.routing?.toString('hex')).toBe(intro === routed ? '0805080a' : undefined);
			}
		});

		it.each(['5741 0602', '58', '4545', '4544 0001 00ffff'])('refuses %s as a beginning', (hex) => {
			expect(() => new FrameReader().push(Buffer.concat([bytes(hex), Buffer.alloc(8)]))).toThrow();
		});
	});
});
