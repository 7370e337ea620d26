import fc from 'fast-check';

import { fitsAsVoiceNote, inspectOggOpus, oggChecksum, OggOpusReader } from '../../src/wa/ogg';
import { sniff } from '../../src/wa/sniff';

interface Page {
	packets: Buffer[];
	granule: bigint;
	first?: boolean;
	last?: boolean;
	serial?: number;
	sequence?: number;
}

/** A page with whole packets in it, as RFC 3533 lays it out. */
function page({ packets, granule, first, last, serial = 7, sequence = 0 }: Page): Buffer {
	const lacing = packets.flatMap(({ length }) => [
		...Array.from({ length: Math.floor(length / 255) }, () => 255),
		length % 255,
	]);
	return sealed(lacing, Buffer.concat(packets), { granule, first, last, serial, sequence });
}

function sealed(
	lacing: number[],
	body: Buffer,
	{ granule, first, last, serial = 7, sequence = 0 }: Omit<Page, 'packets'>,
	continued = false,
): Buffer {
	const header = Buffer.alloc(27 + lacing.length);
	header.write('OggS');
	header[5] = (continued ? 1 : 0) | (first ? 2 : 0) | (last ? 4 : 0);
	header.writeBigInt64LE(granule, 6);
	header.writeUInt32LE(serial, 14);
	header.writeUInt32LE(sequence, 18);
	header[26] = lacing.length;
	header.set(lacing, 27);
	const whole = Buffer.concat([header, body]);
	whole.writeUInt32LE(oggChecksum(whole), 22);
	return whole;
}

function opusHead({ channels = 1, preSkip = 312, family = 0 } = {}): Buffer {
	const head = Buffer.alloc(19);
	head.write('OpusHead');
	head[8] = 1;
	head[9] = channels;
	head.writeUInt16LE(preSkip, 10);
	head.writeUInt32LE(16_000, 12);
	head[18] = family;
	return head;
}

/** A packet of 20 ms: SILK wideband (config 9), mono or stereo. */
const packet = (stereo = false, length = 40) =>
	Buffer.from([(9 << 3) | (stereo ? 4 : 0), ...Array.from({ length: length - 1 }, () => 0x55)]);

interface Voice {
	channels?: number;
	family?: number;
	stereo?: boolean;
	packets?: number;
	start?: number;
	last?: boolean;
	perPage?: number;
}

/** A whole file: header pages, then packets of 20 ms. */
function voice({
	packets = 50,
	start = 0,
	last = true,
	perPage = 10,
	stereo,
	...head
}: Voice = {}) {
	const pages = [
		page({ packets: [opusHead(head)], granule: 0n, first: true }),
		page({ packets: [Buffer.from('OpusTags........')], granule: 0n }),
	];
	for (let sent = 0; sent < packets; sent += perPage) {
		const count = Math.min(perPage, packets - sent);
		pages.push(
			page({
				packets: Array.from({ length: count }, () => packet(stereo)),
				granule: BigInt(start + (sent + count) * 960),
				last: last && sent + count === packets,
			}),
		);
	}
	return Buffer.concat(pages);
}

const inspect = async (file: Uint8Array) => {
	const result = await inspectOggOpus(file);
	if (!result.ok) throw new Error(result.detail);
	return result.value;
};

describe('oggChecksum', () => {
	it('is the CRC of the Ogg format', () => {
		// CRC-32 with polynomial 04c11db7, not reflected, no final inversion, of "123456789".
		expect(oggChecksum(Buffer.from('123456789'))).toBe(0x89a1897f);
	});
});

describe('inspectOggOpus', () => {
	it('reads channels, duration and how it is coded', async () => {
		expect(await inspect(voice())).toEqual({
			channels: 1,
			inputSampleRate: 16_000,
			mappingFamily: 0,
			seconds: (50 * 960 - 312) / 48_000,
			packets: 50,
			stereoPackets: 0,
			packetMs: 20,
			mode: 'silk',
			streams: 1,
			complete: true,
		});
	});

	it('counts from where the stream begins, not from zero', async () => {
		const info = await inspect(voice({ start: 480_000 }));
		expect(info.seconds).toBeCloseTo((50 * 960 - 312) / 48_000);
	});

	it.each([
		[(0 << 3) | 0, 'silk', 10],
		[(3 << 3) | 0, 'silk', 60],
		[(13 << 3) | 0, 'hybrid', 20],
		[(16 << 3) | 0, 'celt', 2.5],
		[(31 << 3) | 1, 'celt', 40],
		[(9 << 3) | 3, 'silk', 60], // code 3, three frames
	])('first byte %d is %s of %d ms', async (toc, mode, packetMs) => {
		const file = Buffer.concat([
			page({ packets: [opusHead()], granule: 0n, first: true }),
			page({ packets: [Buffer.from('OpusTags')], granule: 0n }),
			page({ packets: [Buffer.from([toc, 3, 0])], granule: 9600n, last: true }),
		]);
		expect(await inspect(file)).toMatchObject({ mode, packetMs, packets: 1 });
	});

	it('reads the same in pieces of any size', async () => {
		const file = voice({ packets: 7, perPage: 3 });
		const whole = await inspect(file);
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
				const reader = new OggOpusReader();
				for (let at = 0, turn = 0; at < file.length; turn++) {
					const size = sizes[turn % sizes.length] ?? 1;
					reader.push(file.subarray(at, at + size));
					at += size;
				}
				expect(reader.finish()).toEqual({ ok: true, value: whole });
			}),
			{ numRuns: 50 },
		);
	});

	it('follows a packet over the end of a page', async () => {
		const long = packet(true, 600);
		const file = Buffer.concat([
			page({ packets: [opusHead()], granule: 0n, first: true }),
			page({ packets: [Buffer.from('OpusTags')], granule: 0n }),
			sealed([255, 255], long.subarray(0, 510), { granule: -1n }),
			sealed([90], long.subarray(510), { granule: 960n, last: true }, true),
		]);
		expect(await inspect(file)).toMatchObject({ packets: 1, stereoPackets: 1 });
	});

	it('takes a stream', async () => {
		async function* stream() {
			yield* [voice().subarray(0, 100), voice().subarray(100)];
		}
		expect(await inspectOggOpus(stream())).toEqual(await inspectOggOpus(voice()));
	});

	it.each<[string, Uint8Array, RegExp]>([
		['nothing', Buffer.alloc(0), /empty/],
		['an MP3', Buffer.from('ID3xxxxxxxxxxxxxxxxxxxxxxxxxxx'), /no OGG/],
		['half a page', voice().subarray(0, -5), /cut off/],
		[
			'Vorbis',
			page({ packets: [Buffer.from('\x01vorbis...............')], granule: 0n, first: true }),
			/not Opus/,
		],
		['junk between pages', Buffer.concat([voice(), Buffer.from('junk, junk')]), /damaged at byte/],
	])('refuses %s', async (_name, file, detail) => {
		expect(await inspectOggOpus(file)).toEqual({
			ok: false,
			code: 'bad-media',
			detail: expect.stringMatching(detail),
		});
	});

	it('notices a single flipped bit anywhere', async () => {
		const file = voice({ packets: 3 });
		for (let at = 0; at < file.length; at += 7) {
			const flipped = Buffer.from(file);
			flipped[at] = (flipped[at] ?? 0) ^ 0x10;
			expect((await inspectOggOpus(flipped)).ok).toBe(false);
		}
	});

	it('never throws', async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(300), async (bytes, at) => {
				const file = Buffer.concat([voice({ packets: 2 }).subarray(0, at), bytes]);
				expect(typeof (await inspectOggOpus(file)).ok).toBe('boolean');
			}),
		);
	});
});

describe('fitsAsVoiceNote', () => {
	const fits = async (file: Buffer) => fitsAsVoiceNote(await inspect(file));

	it('accepts mono Opus', async () => {
		expect((await fits(voice())).ok).toBe(true);
		expect((await fits(voice({ last: false }))).ok).toBe(true);
	});

	it.each<[string, Voice, RegExp]>([
		['stereo by its header', { channels: 2 }, /not mono/],
		['stereo packets under a mono header', { stereo: true }, /not mono/],
		['a strange mapping', { family: 255 }, /channel mapping/],
		['no sound', { packets: 0 }, /no sound/],
	])('refuses %s', async (_name, how, detail) => {
		expect(await fits(voice(how))).toMatchObject({ detail: expect.stringMatching(detail) });
	});

	it('refuses two streams in one file', async () => {
		const second = page({ packets: [opusHead()], granule: 0n, first: true, serial: 8 });
		expect(await fits(Buffer.concat([voice(), second]))).toMatchObject({
			detail: expect.stringMatching(/more than one stream/),
		});
	});
});

it('is what sniff calls OGG/Opus', () => {
	expect(sniff(voice())?.mimeType).toBe('audio/ogg; codecs=opus');
});
