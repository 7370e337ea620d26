import { fail, ok, type Failure, type Result } from './result';

export interface WavFormat {
	/** Whole numbers or floating point. */
	encoding: 'integer' | 'float';
	channels: number;
	/** Hz. */
	sampleRate: number;
	/** Bits of one sample of one channel. */
	bits: number;
	/** Where the samples begin. */
	dataOffset: number;
	/** Bytes of samples; null when the writer did not know it (a stream). */
	dataLength: number | null;
}

const no = (detail: string): Failure => fail('bad-media', detail);

/** Reads the header of a WAV file (RIFF, plain PCM or float, also "extensible"). */
export function readWavHeader(bytes: Uint8Array): Result<WavFormat> {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (!/^RIFF[^]{4}WAVE/.test(data.toString('latin1', 0, 12))) return no('It is no WAV file.');
	let format: Omit<WavFormat, 'dataOffset' | 'dataLength'> | null = null;
	let at = 12;
	while (at + 8 <= data.length) {
		const name = data.toString('latin1', at, at + 4);
		const size = data.readUInt32LE(at + 4);
		const body = at + 8;
		if (name === 'fmt ') {
			const read = readFormat(data.subarray(body, body + size));
			if (!read.ok) return read;
			format = read.value;
		} else if (name === 'data') {
			if (format === null) return no('The WAV file has sound before its format.');
			// Writers to a pipe leave 0 or the largest number.
			const unknown = size === 0 || size >= 0xffff_fff0;
			return ok({ ...format, dataOffset: body, dataLength: unknown ? null : size });
		}
		at = body + size + (size % 2);
	}
	return no('The WAV file has no sound in it.');
}

/** The sound of a whole WAV file as mono samples from -1 to 1. */
export function readWav(
	bytes: Uint8Array,
): Result<{ samples: Float32Array; sampleRate: number; seconds: number }> {
	const header = readWavHeader(bytes);
	if (!header.ok) return header;
	const { encoding, channels, sampleRate, bits, dataOffset, dataLength } = header.value;
	const width = bits / 8;
	const available = bytes.length - dataOffset;
	const frames = Math.floor(Math.min(dataLength ?? available, available) / (width * channels));
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const scale = 2 ** (bits - 1);
	const sample = (at: number): number => {
		if (encoding === 'float') return bits === 64 ? data.readDoubleLE(at) : data.readFloatLE(at);
		// Eight bits are unsigned, all others signed.
		return bits === 8 ? (data.readUInt8(at) - 128) / 128 : data.readIntLE(at, width) / scale;
	};
	const samples = new Float32Array(frames);
	for (let frame = 0; frame < frames; frame++) {
		let sum = 0;
		for (let channel = 0; channel < channels; channel++) {
			sum += sample(dataOffset + (frame * channels + channel) * width);
		}
		samples[frame] = sum / channels;
	}
	return ok({ samples, sampleRate, seconds: frames / sampleRate });
}

function readFormat(chunk: Buffer): Result<Omit<WavFormat, 'dataOffset' | 'dataLength'>> {
	if (chunk.length < 16) return no('The format of the WAV file is cut off.');
	let tag = chunk.readUInt16LE(0);
	// WAVE_FORMAT_EXTENSIBLE keeps the real tag at the start of its sub-format.
	if (tag === 0xfffe && chunk.length >= 26) tag = chunk.readUInt16LE(24);
	const channels = chunk.readUInt16LE(2);
	const sampleRate = chunk.readUInt32LE(4);
	const bits = chunk.readUInt16LE(14);
	const encoding = tag === 1 ? 'integer' : tag === 3 ? 'float' : null;
	if (encoding === null) return no('The WAV file is compressed; only plain PCM is read here.');
	const widths = encoding === 'integer' ? [8, 16, 24, 32] : [32, 64];
	if (channels < 1 || channels > 32 || sampleRate < 1 || !widths.includes(bits)) {
		return no('The WAV file has a format that makes no sense.');
	}
	return ok({ encoding, channels, sampleRate, bits });
}
