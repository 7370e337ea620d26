import fc from 'fast-check';

import { readWav, readWavHeader } from '../../src/wa/wav';
import { WaveformMeter, waveformOf } from '../../src/wa/waveform';

/** What Baileys' getAudioWaveform computes, for lengths that 64 divides. */
function baileys(samples: Float32Array): number[] {
	const size = samples.length / 64;
	const means = Array.from({ length: 64 }, (_none, bar) => {
		const block = samples.subarray(bar * size, (bar + 1) * size);
		return block.reduce((sum, sample) => sum + Math.abs(sample), 0) / size;
	});
	return means.map((mean) => Math.floor((100 * mean) / Math.max(...means)));
}

const tone = (length: number, loudness: (at: number) => number) =>
	Float32Array.from({ length }, (_none, at) => (at % 2 === 0 ? 1 : -1) * loudness(at / length));

describe('waveform', () => {
	it('draws 64 bars from 0 to 100 whatever the length', () => {
		fc.assert(
			fc.property(fc.float32Array({ maxLength: 5000, noNaN: true, min: -1, max: 1 }), (samples) => {
				const bars = [...waveformOf(samples)];
				expect(bars).toHaveLength(64);
				expect(Math.max(...bars)).toBeLessThanOrEqual(100);
				if (samples.some((sample) => Math.abs(sample) > 1e-30)) expect(Math.max(...bars)).toBe(100);
			}),
		);
	});

	it('agrees with Baileys', () => {
		const samples = tone(64 * 16 * 100, (at) => 0.1 + 0.9 * at * at);
		const [ours, theirs] = [[...waveformOf(samples)], baileys(samples)];
		for (const [bar, value] of ours.entries()) {
			expect(Math.abs(value - (theirs[bar] ?? 0))).toBeLessThanOrEqual(1);
		}
	});

	it('shows where it is loud', () => {
		const bars = [...waveformOf(tone(10_000, (at) => (at < 0.5 ? 0.25 : 1)))];
		expect(bars.slice(0, 31).every((bar) => bar === 25)).toBe(true);
		expect(bars.slice(33).every((bar) => bar === 100)).toBe(true);
	});

	it('is flat for silence and for nothing', () => {
		expect([...waveformOf(new Int16Array(1000))]).toEqual(Array(64).fill(0));
		expect([...waveformOf(new Int16Array(0))]).toEqual(Array(64).fill(0));
	});

	it('is the same for an hour in pieces, with the bars of a minute', () => {
		const meter = new WaveformMeter();
		const minute = 60 * 800;
		for (let each = 0; each < 60; each++) {
			meter.push(tone(minute, () => (each < 30 ? 0.5 : 1)));
		}
		expect(meter.samples).toBe(60 * minute);
		const short = waveformOf(tone(minute, (at) => (at < 0.5 ? 0.5 : 1)));
		for (const [bar, value] of meter.finish().entries()) {
			// One bin lies across the step.
			expect(Math.abs(value - (short[bar] ?? 0))).toBeLessThanOrEqual(1);
		}
	});

	it('takes 16-bit PCM cut at any byte', () => {
		const samples = Int16Array.from(
			{ length: 2000 },
			(_none, at) => ((at * 7919) % 65_536) - 32_768,
		);
		const bytes = new Uint8Array(samples.buffer);
		const whole = waveformOf(samples);
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 333 }), { minLength: 1 }), (sizes) => {
				const meter = new WaveformMeter();
				for (let at = 0, turn = 0; at < bytes.length; turn++) {
					const size = sizes[turn % sizes.length] ?? 1;
					meter.pushPcm16(bytes.subarray(at, at + size));
					at += size;
				}
				expect(meter.samples).toBe(2000);
				expect(meter.finish()).toEqual(whole);
			}),
			{ numRuns: 50 },
		);
	});
});

interface Wav {
	tag?: number;
	channels?: number;
	bits?: number;
	data?: Buffer;
	size?: number;
	extra?: Buffer;
}

function wav({
	tag = 1,
	channels = 1,
	bits = 16,
	data = Buffer.alloc(0),
	size,
	extra,
}: Wav): Buffer {
	const format = Buffer.alloc(24);
	format.write('fmt ');
	format.writeUInt32LE(16, 4);
	format.writeUInt16LE(tag, 8);
	format.writeUInt16LE(channels, 10);
	format.writeUInt32LE(8000, 12);
	format.writeUInt16LE(bits, 22);
	const head = Buffer.from('data0000');
	head.writeUInt32LE(size ?? data.length, 4);
	return Buffer.concat([Buffer.from('RIFF0000WAVE'), extra ?? Buffer.alloc(0), format, head, data]);
}

const pcm16 = (...samples: number[]) => Buffer.from(Int16Array.from(samples).buffer);

describe('readWav', () => {
	it.each<[string, Wav, number[]]>([
		['8 bit', { bits: 8, data: Buffer.of(128, 0, 192) }, [0, -1, 0.5]],
		['16 bit', { data: pcm16(0, -32_768, 16_384) }, [0, -1, 0.5]],
		['24 bit', { bits: 24, data: Buffer.of(0, 0, 0x80, 0, 0, 0x40) }, [-1, 0.5]],
		[
			'32 bit',
			{ bits: 32, data: Buffer.from(Int32Array.of(-(2 ** 31), 2 ** 30).buffer) },
			[-1, 0.5],
		],
		['float', { tag: 3, bits: 32, data: Buffer.from(Float32Array.of(-1, 0.5).buffer) }, [-1, 0.5]],
		['double', { tag: 3, bits: 64, data: Buffer.from(Float64Array.of(-1, 0.5).buffer) }, [-1, 0.5]],
		['stereo', { channels: 2, data: pcm16(0, 16_384, -32_768, -32_768) }, [0.25, -1]],
		['unknown length', { size: 0xffff_ffff, data: pcm16(16_384) }, [0.5]],
		['cut off', { size: 100, data: pcm16(16_384) }, [0.5]],
		[
			'another chunk first',
			{ extra: Buffer.from('LIST\x03\0\0\0abc\0'), data: pcm16(16_384) },
			[0.5],
		],
	])('%s', (_name, how, samples) => {
		const read = readWav(wav(how));
		expect(read.ok && [...read.value.samples]).toEqual(samples);
		expect(read.ok && read.value.seconds).toBe(samples.length / 8000);
	});

	it.each<[string, Buffer, RegExp]>([
		['no WAV', Buffer.from('ID3'), /no WAV/],
		['compressed', wav({ tag: 85 }), /compressed/],
		['no sound', wav({}).subarray(0, 36), /no sound/],
		['no channels', wav({ channels: 0 }), /makes no sense/],
		['12 bit', wav({ bits: 12 }), /makes no sense/],
		['sound first', Buffer.from('RIFF0000WAVEdata\x02\0\0\0\0\0'), /before its format/],
	])('refuses %s', (_name, bytes, detail) => {
		expect(readWavHeader(bytes)).toEqual({
			ok: false,
			code: 'bad-media',
			detail: expect.stringMatching(detail),
		});
	});

	it('never throws', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(60), (bytes, at) => {
				const file = Buffer.concat([wav({ data: pcm16(1, 2, 3) }).subarray(0, at), bytes]);
				expect(typeof readWav(file).ok).toBe('boolean');
			}),
		);
	});
});
