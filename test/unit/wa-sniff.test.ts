import { deflateRawSync } from 'node:zlib';

import fc from 'fast-check';
import sharp from 'sharp';

import { fitsAs, type SendAs } from '../../src/wa/media-fit';
import { sniff, SNIFF_BYTES } from '../../src/wa/sniff';

const bytes = (text: string, length = 64) =>
	Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(Math.max(0, length - text.length))]);

const mimeOf = (head: Uint8Array) => sniff(head)?.mimeType ?? null;

const pixels = { create: { width: 8, height: 8, channels: 3, background: 'red' } } as const;

/** Two frames, one above the other, as sharp wants an animation. */
const frames = () =>
	sharp(Buffer.from(Array.from({ length: 8 * 16 * 3 }, (_none, at) => (at < 192 ? 0 : 255))), {
		raw: { width: 8, height: 16, channels: 3, pageHeight: 8 },
	});

describe('images as an encoder writes them', () => {
	it.each([
		['image/jpeg', () => sharp(pixels).jpeg()],
		['image/png', () => sharp(pixels).png()],
		['image/webp', () => sharp(pixels).webp()],
		['image/gif', () => sharp(pixels).gif()],
		['image/tiff', () => sharp(pixels).tiff()],
		['image/avif', () => sharp(pixels).avif({ effort: 0 })],
	])('%s', async (mimeType, make) => {
		const found = sniff(await make().toBuffer());
		expect(found).toMatchObject({ mimeType, group: 'image' });
		expect(found?.animated ?? false).toBe(false);
	});

	it('tells moving WebP and GIF from still ones', async () => {
		expect(sniff(await frames().webp({ loop: 0 }).toBuffer())?.animated).toBe(true);
		expect(sniff(await frames().gif({ loop: 0 }).toBuffer())?.animated).toBe(true);
		expect(sniff(await sharp(pixels).webp().toBuffer())?.animated).toBe(false);
		expect(sniff(await sharp(pixels).gif().toBuffer())?.animated).toBe(false);
	});

	it('tells moving PNG from still ones', async () => {
		const png = await sharp(pixels).png().toBuffer();
		const control = Buffer.concat([
			png.subarray(0, 33),
			bytes('\0\0\0\x08acTL', 20),
			png.subarray(33),
		]);
		expect(sniff(control)).toMatchObject({ mimeType: 'image/apng', animated: true });
	});
});

const box = (name: string, body: Buffer) => {
	const head = Buffer.from(`0000${name}`, 'latin1');
	head.writeUInt32BE(8 + body.length);
	return Buffer.concat([head, body]);
};
const handler = (type: string) => box('hdlr', Buffer.from(`\0\0\0\0\0\0\0\0${type}`, 'latin1'));
const mp4 = (brand: string, ...handlers: string[]) =>
	Buffer.concat([
		box('ftyp', Buffer.from(`${brand}\0\0\0\0`, 'latin1')),
		box('moov', Buffer.concat(handlers.map(handler))),
	]);

describe('sound and video', () => {
	it.each([
		['video/mp4', mp4('isom', 'vide', 'soun')],
		['video/mp4', mp4('mp42')],
		['audio/mp4', mp4('mp42', 'soun')],
		['audio/mp4', mp4('M4A ', 'soun')],
		['video/mp4', mp4('isom', 'soun').subarray(0, -4)], // the rest may hold a video track
		['video/3gpp', mp4('3gp5')],
		['video/quicktime', mp4('qt  ')],
		['image/heic', mp4('heic')],
		['video/webm', bytes('\x1a\x45\xdf\xa3\x9fB\x82\x84webm....V_VP9..A_OPUS')],
		['audio/webm', bytes('\x1a\x45\xdf\xa3\x9fB\x82\x84webm....A_OPUS')],
		['video/x-matroska', bytes('\x1a\x45\xdf\xa3\x9fB\x82\x88matroska')],
		['audio/mpeg', bytes('ID3\x04')],
		['audio/aac', bytes('\xff\xf1\x50\x80')],
		['audio/wav', bytes('RIFF....WAVEfmt ')],
		['video/x-msvideo', bytes('RIFF....AVI LIST')],
		['audio/amr', bytes('#!AMR\n')],
		['audio/amr-wb', bytes('#!AMR-WB\n')],
		['audio/flac', bytes('fLaC')],
		['audio/aiff', bytes('FORM....AIFF')],
		['audio/ogg; codecs=opus', bytes(`OggS${'\0'.repeat(22)}\x01\x13OpusHead`)],
		['audio/ogg; codecs=vorbis', bytes(`OggS${'\0'.repeat(22)}\x01\x1e\x01vorbis`)],
		['video/x-flv', bytes('FLV\x01')],
	])('%s', (mimeType, head) => {
		expect(mimeOf(head)).toBe(mimeType);
	});

	it('wants two frames of an MP3 without a tag, where they are in sight', () => {
		// 128 kbit/s at 44.1 kHz: frames of 417 bytes.
		const frame = bytes('\xff\xfb\x90\x00', 417);
		expect(mimeOf(Buffer.concat([frame, frame]))).toBe('audio/mpeg');
		expect(mimeOf(Buffer.concat([frame, bytes('no frame')]))).toBeNull();
	});

	it('does not take text in UTF-16 for sound', () => {
		expect(mimeOf(Buffer.from('\ufeffhello there', 'utf16le'))).toBeNull();
	});
});

/** A ZIP file's beginning: local headers, the first one stored. */
const zip = (...entries: Array<[name: string, content: string]>) =>
	Buffer.concat(
		entries.map(([name, content], index) => {
			const body = index === 0 ? Buffer.from(content) : deflateRawSync(content);
			const head = Buffer.alloc(30);
			head.write('PK\x03\x04', 'latin1');
			head.writeUInt16LE(name.length, 26);
			return Buffer.concat([head, Buffer.from(name), body]);
		}),
	);

describe('documents and the like', () => {
	it.each([
		['application/pdf', bytes('%PDF-1.7')],
		['application/pdf', bytes('\r\n\r\n%PDF-1.4')],
		['application/zip', zip(['a.txt', 'hello'])],
		['application/zip', bytes('PK\x05\x06')],
		[
			'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
			zip(['[Content_Types].xml', '<x/>'], ['word/document.xml', 'x']),
		],
		[
			'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
			zip(['[Content_Types].xml', '<x/>'], ['xl/workbook.xml', 'x']),
		],
		[
			'application/vnd.openxmlformats-officedocument.presentationml.presentation',
			zip(['[Content_Types].xml', '<x/>'], ['ppt/presentation.xml', 'x']),
		],
		['application/epub+zip', zip(['mimetype', 'application/epub+zip'], ['META-INF/x', ''])],
		[
			'application/vnd.oasis.opendocument.text',
			zip(['mimetype', 'application/vnd.oasis.opendocument.text'], ['x', '']),
		],
		['application/gzip', bytes('\x1f\x8b\x08')],
		['application/x-bzip2', bytes('BZh91AY&SY')],
		['application/vnd.microsoft.portable-executable', bytes('MZ\x90\0\x03\0\0\0')],
		['image/bmp', bytes('BM\x36\x03\0\0\0\0\0\0')],
		['application/vnd.rar', bytes('Rar!\x1a\x07\x01')],
		['application/x-tar', bytes(`${'x'.repeat(257)}ustar`, 512)],
		['text/html', bytes('\n<!DOCTYPE html><html>')],
		['text/html', bytes('<!-- x --><HTML >')],
		['image/svg+xml', bytes('<?xml version="1.0"?>\n<svg xmlns="x">')],
		['application/xml', bytes('<?xml version="1.0"?><feed>')],
	])('%s', (mimeType, head) => {
		expect(mimeOf(head)).toBe(mimeType);
	});

	it('says nothing about plain text and nothing', () => {
		expect(sniff(Buffer.from('hello, this is a note'))).toBeNull();
		expect(sniff(Buffer.alloc(0))).toBeNull();
		for (const text of ['{"a":1}', 'BMW is a car', 'MZ', 'ID3 tags', 'caffeine', 'BZhello', 'PK']) {
			expect(sniff(Buffer.from(text))).toBeNull();
		}
	});
});

describe('sniff', () => {
	it('never throws, and looks at the beginning only', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(
					'',
					'RIFF....WEBP',
					'OggS',
					'\0\0\0\x18ftypisom',
					'PK\x03\x04',
					'\xff\xfb\x90',
					'GIF89a',
				),
				fc.uint8Array({ maxLength: 100 }),
				(start, rest) => {
					const head = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
					const long = Buffer.concat([head, Buffer.alloc(SNIFF_BYTES)]);
					expect(sniff(Buffer.concat([long, Buffer.from('%PDF-ustar')]))).toEqual(sniff(long));
					expect(() => sniff(head)).not.toThrow();
				},
			),
		);
	});
});

describe('fitsAs', () => {
	const jpeg = bytes('\xff\xd8\xff\xe0');
	const html = bytes('<!doctype html>');

	it.each<[SendAs, Uint8Array]>([
		['image', jpeg],
		['sticker', jpeg],
		['sticker', bytes('RIFF....WEBPVP8X....\x02')],
		['video', mp4('isom', 'vide')],
		['gif', mp4('isom', 'vide')],
		['ptv', mp4('3gp5')],
		['audio', bytes('ID3\x04')],
		['audio', mp4('isom')],
		['voice', bytes('ID3\x04')],
	])('%s', (as, head) => {
		expect(fitsAs(head, as).ok).toBe(true);
	});

	it.each<[SendAs, Uint8Array, RegExp]>([
		['image', Buffer.alloc(0), /empty \(0 bytes\)/],
		['image', html, /web page, not an image.*error or login page/],
		['audio', html, /web page, not audio/],
		['image', bytes('%PDF-1.7'), /application\/pdf, not an image/],
		['image', Buffer.from('some text'), /not those of an image/],
		['image', bytes('<svg xmlns="x">'), /SVG/],
		['sticker', bytes('ID3\x04'), /audio\/mpeg, not a sticker/],
		['video', jpeg, /image\/jpeg, not a video/],
		['video', bytes('RIFF....AVI LIST'), /do not play video\/x-msvideo.*convert/],
		['gif', bytes('GIF89a'), /GIFs as MP4/],
		['voice', jpeg, /image\/jpeg, not a voice note/],
	])('%s: %j is refused', (as, head, detail) => {
		expect(fitsAs(head, as)).toEqual({
			ok: false,
			code: 'bad-media',
			detail: expect.stringMatching(detail),
		});
	});
});
