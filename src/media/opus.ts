/**
 * Voice notes without ffmpeg: WAV, MP3 and any OGG/Opus to mono OGG/Opus with WebAssembly codecs,
 * piece by piece, so that an hour costs no more memory than a second.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { Sniffed } from '../wa/sniff';
import { readWav, readWavHeader } from '../wa/wav';
import { WaveformMeter } from '../wa/waveform';
import { OggOpusWriter, opusPackets } from './oggPages';
import { Resampler } from './resample';

const RATE = 48_000;
/** 20 ms. */
const FRAME = 960;
/** What libopus puts before the sound at 48 kHz. */
const LOOKAHEAD = 312;
const BITRATE = 32_000;
/** Frames between two breaths of the event loop: about 10 ms of work. */
const FRAMES_AT_ONCE = 50;

/** Sound as it is decoded: one channel, -1 to 1. */
interface Piece {
	samples: Float32Array;
	rate: number;
}

/** Whether this kind can be decoded here. */
export const canDecode = ({ mimeType }: Sniffed): boolean =>
	['audio/wav', 'audio/mpeg', 'audio/ogg; codecs=opus'].includes(mimeType);

/** Writes `output` as a voice note. @throws when the file is damaged */
export async function encodeVoice(input: string, found: Sniffed, output: string): Promise<void> {
	const { default: OpusScript } = await import('opusscript');
	const encoder = new OpusScript(RATE, 1, OpusScript.Application.VOIP);
	encoder.setBitrate(BITRATE);
	const writer = new OggOpusWriter(LOOKAHEAD, randomInt(2 ** 32 - 1));
	const file = createWriteStream(output);
	const write = async (bytes: Buffer | undefined) => {
		if (bytes && !file.write(bytes)) await once(file, 'drain');
	};
	try {
		await write(writer.start());
		const frame = new Frame();
		let total = 0;
		let frames = 0;
		const take = async (samples: Float32Array) => {
			total += samples.length;
			for (const full of frame.push(samples)) {
				await write(writer.add(encoder.encode(full, FRAME), FRAME));
				if (++frames % FRAMES_AT_ONCE === 0) await setImmediate();
			}
		};
		let resampler: Resampler | undefined;
		for await (const { samples, rate } of decode(input, found)) {
			resampler ??= new Resampler(rate, RATE);
			await take(resampler.push(samples));
		}
		if (resampler) await take(resampler.finish());
		if (total === 0) throw new Error('There is no sound in it');
		const sound = total;
		// Silence until the encoder has given out everything that it holds back.
		await take(new Float32Array(LOOKAHEAD + FRAME - 1 - ((total + LOOKAHEAD - 1) % FRAME)));
		await write(writer.end(sound));
		file.end();
		await finished(file);
	} finally {
		file.destroy();
		encoder.delete();
	}
}

/** The 64 bars of an OGG/Opus file. */
export async function waveformOfOpus(path: string): Promise<Uint8Array> {
	const meter = new WaveformMeter();
	for await (const { samples } of decodeOpus(path, 8_000)) meter.push(samples);
	return meter.finish();
}

async function* decode(path: string, found: Sniffed): AsyncGenerator<Piece> {
	switch (found.mimeType) {
		case 'audio/wav':
			return yield* decodeWav(path);
		case 'audio/mpeg':
			return yield* decodeMp3(path);
		default:
			return yield* decodeOpus(path, RATE);
	}
}

async function* decodeWav(path: string): AsyncGenerator<Piece> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		// Writers put tags and padding before the sound; 1 MB is more than any seen.
		const head = Buffer.alloc(Math.min(size, 1024 * 1024));
		await file.read(head, 0, head.length, 0);
		const header = readWavHeader(head);
		if (!header.ok) throw new Error(header.detail);
		const { channels, bits, sampleRate, dataOffset, dataLength } = header.value;
		const width = (bits / 8) * channels;
		const preface = Buffer.from(head.subarray(0, dataOffset));
		// Every piece becomes a small WAV file of its own, whose length its bytes tell.
		preface.writeUInt32LE(0, dataOffset - 4);
		const end = Math.min(size, dataLength === null ? size : dataOffset + dataLength);
		const step = width * 16_384;
		for (let at = dataOffset; at < end; at += step) {
			const body = Buffer.alloc(Math.min(step, end - at));
			const { bytesRead } = await file.read(body, 0, body.length, at);
			const piece = readWav(Buffer.concat([preface, body.subarray(0, bytesRead)]));
			if (!piece.ok) throw new Error(piece.detail);
			yield { samples: piece.value.samples, rate: sampleRate };
		}
	} finally {
		await file.close();
	}
}

async function* decodeMp3(path: string): AsyncGenerator<Piece> {
	const { MPEGDecoder } = await import('mpg123-decoder');
	const decoder = new MPEGDecoder();
	await decoder.ready;
	try {
		for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
			const { channelData, sampleRate, samplesDecoded } = decoder.decode(chunk);
			if (samplesDecoded > 0) yield { samples: mix(channelData, samplesDecoded), rate: sampleRate };
		}
	} finally {
		decoder.free();
	}
}

async function* decodeOpus(path: string, rate: 8_000 | 48_000): AsyncGenerator<Piece> {
	const { default: OpusScript } = await import('opusscript');
	// One channel: libopus mixes stereo down by itself.
	const decoder = new OpusScript(rate, 1, OpusScript.Application.VOIP);
	try {
		let packets = 0;
		for await (const packet of opusPackets(createReadStream(path) as AsyncIterable<Buffer>)) {
			const pcm = decoder.decode(packet);
			const samples = new Float32Array(pcm.length / 2);
			for (let at = 0; at < samples.length; at++) samples[at] = pcm.readInt16LE(2 * at) / 32_768;
			yield { samples, rate };
			if (++packets % FRAMES_AT_ONCE === 0) await setImmediate();
		}
	} finally {
		decoder.delete();
	}
}

function mix(channels: readonly Float32Array[], length: number): Float32Array {
	const [first = new Float32Array(length), ...others] = channels;
	if (others.length === 0) return first.subarray(0, length);
	const mixed = new Float32Array(length);
	for (let at = 0; at < length; at++) {
		let sum = first[at] ?? 0;
		for (const other of others) sum += other[at] ?? 0;
		mixed[at] = sum / channels.length;
	}
	return mixed;
}

/** Collects samples to frames of 16-bit PCM. */
class Frame {
	private readonly bytes = Buffer.alloc(FRAME * 2);
	private filled = 0;

	*push(samples: Float32Array): Generator<Buffer> {
		for (const sample of samples) {
			const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
			this.bytes.writeInt16LE(value, 2 * this.filled++);
			if (this.filled < FRAME) continue;
			this.filled = 0;
			yield this.bytes;
		}
	}
}
