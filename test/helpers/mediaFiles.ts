/** Small files of the kinds that people send, made here. */
import { spawnSync } from 'node:child_process';
import sharp from 'sharp';

/** The real ffmpeg that tests use; the host may have none. */
export function testFfmpeg(): string {
	return (require('@ffmpeg-installer/ffmpeg') as { path: string }).path;
}

export const jpeg = async (width = 60, height = 40): Promise<Buffer> =>
	await noise(width, height).jpeg({ quality: 90 }).toBuffer();

export const png = async (width = 60, height = 40): Promise<Buffer> =>
	await noise(width, height).png().toBuffer();

export const webp = async (width = 60, height = 40): Promise<Buffer> =>
	await noise(width, height).webp().toBuffer();

/** A GIF of two frames. */
export async function movingGif(): Promise<Buffer> {
	const frame = async (background: string) =>
		await sharp({ create: { width: 32, height: 24, channels: 3, background } })
			.png()
			.toBuffer();
	return await sharp([await frame('red'), await frame('blue')], { join: { animated: true } })
		.gif({ delay: [100, 100] })
		.toBuffer();
}

function noise(width: number, height: number) {
	const raw = Buffer.from(
		Array.from({ length: width * height * 3 }, (_none, at) => (at * 37) % 251),
	);
	return sharp(raw, { raw: { width, height, channels: 3 } });
}

/** Sound of `seconds`: a tone that grows louder, 16-bit PCM. */
export function wav(seconds = 2, rate = 44_100, channels = 2): Buffer {
	const frames = Math.floor(seconds * rate);
	const body = Buffer.alloc(frames * channels * 2);
	for (let frame = 0; frame < frames; frame++) {
		const value = Math.sin((2 * Math.PI * 440 * frame) / rate) * 20_000 * (frame / frames);
		for (let channel = 0; channel < channels; channel++) {
			body.writeInt16LE(Math.round(value), (frame * channels + channel) * 2);
		}
	}
	const head = Buffer.alloc(44);
	head.write('RIFF', 0);
	head.writeUInt32LE(36 + body.length, 4);
	head.write('WAVEfmt ', 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(channels, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * channels * 2, 28);
	head.writeUInt16LE(channels * 2, 32);
	head.writeUInt16LE(16, 34);
	head.write('data', 36);
	head.writeUInt32LE(body.length, 40);
	return Buffer.concat([head, body]);
}

/** Converts with the real ffmpeg. @param format of the output, e.g. `['-f', 'mp3']` */
export function withFfmpeg(input: Buffer, output: readonly string[]): Buffer {
	const { stdout, status, stderr } = spawnSync(
		testFfmpeg(),
		['-hide_banner', '-i', 'pipe:0', ...output, 'pipe:1'],
		{ input, maxBuffer: 64 * 1024 * 1024 },
	);
	if (status !== 0) throw new Error(stderr.toString('utf8').slice(-500));
	return stdout;
}

const box = (type: string, ...body: Buffer[]): Buffer => {
	const content = Buffer.concat(body);
	const head = Buffer.alloc(8);
	head.writeUInt32BE(8 + content.length);
	head.write(type, 4, 'latin1');
	return Buffer.concat([head, content]);
};

export interface Mp4Options {
	seconds?: number;
	width?: number;
	height?: number;
	/** Degrees clockwise. */
	turned?: 0 | 90;
	/** Bytes of sound and picture. */
	bytes?: number;
	handler?: 'vide' | 'soun';
	/** Where the index is. */
	index?: 'first' | 'last' | 'none';
}

/** The outside of an MP4; what is in it plays nowhere. */
export function mp4(options: Mp4Options = {}): Buffer {
	const { seconds = 3, width = 320, height = 240, turned = 0, bytes = 5_000 } = options;
	const header = Buffer.alloc(100);
	header.writeUInt32BE(1_000, 12);
	header.writeUInt32BE(seconds * 1_000, 16);
	const track = Buffer.alloc(84);
	const matrix = turned === 90 ? [0, 1, -1, 0] : [1, 0, 0, 1];
	const [a = 0, b = 0, c = 0, d = 0] = matrix.map((value) => value * 65_536);
	for (const [at, value] of [
		[40, a],
		[44, b],
		[52, c],
		[56, d],
	] as const) {
		track.writeInt32BE(value, at);
	}
	track.writeUInt32BE(width * 65_536, 76);
	track.writeUInt32BE(height * 65_536, 80);
	const handler = Buffer.alloc(24);
	handler.write(options.handler ?? 'vide', 8, 'latin1');
	const index = box(
		'moov',
		box('mvhd', header),
		box('trak', box('tkhd', track), box('mdia', box('hdlr', handler))),
	);
	const type = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'));
	const body = box('mdat', Buffer.alloc(bytes, 'frame'));
	switch (options.index ?? 'first') {
		case 'first':
			return Buffer.concat([type, index, body]);
		case 'last':
			return Buffer.concat([type, body, index]);
		case 'none':
			return Buffer.concat([type, body]);
	}
}
