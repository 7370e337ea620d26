/** How many bars WhatsApp draws for a voice note. */
export const WAVEFORM_BARS = 64;

const MAX_BINS = 2048;

/**
 * Measures the loudness of PCM as it passes and draws the 64 bars (0 to 100) of a voice note: the mean
 * of the absolute samples of each 64th of the time, the loudest being 100, as in Baileys'
 * getAudioWaveform (after wa-js). Memory does not grow with the length of the sound.
 */
export class WaveformMeter {
	/** Sums of absolute samples, each over `binSize` samples. */
	private bins: number[] = [];
	private binSize = 16;
	private sum = 0;
	private inBin = 0;
	private total = 0;
	private oddByte: number | null = null;

	/** Takes samples of one channel: -32768 to 32767, or -1 to 1. Use one kind only. */
	push(samples: Int16Array | Float32Array): void {
		for (const sample of samples) {
			this.sum += Math.abs(sample);
			this.inBin++;
			this.total++;
			if (this.inBin < this.binSize) continue;
			this.bins.push(this.sum);
			this.sum = 0;
			this.inBin = 0;
			if (this.bins.length === MAX_BINS) this.halve();
		}
	}

	/** Takes mono 16-bit little-endian PCM in pieces of any length (ffmpeg's `-f s16le -ac 1`). */
	pushPcm16(bytes: Uint8Array): void {
		const carried = this.oddByte === null ? 0 : 1;
		const whole = bytes.length + carried;
		const samples = new Int16Array(whole >> 1);
		const at = (index: number) =>
			carried === 1 ? (index === 0 ? this.oddByte : bytes[index - 1]) : bytes[index];
		for (let index = 0; index < samples.length; index++) {
			samples[index] = (at(2 * index) ?? 0) | ((at(2 * index + 1) ?? 0) << 8);
		}
		this.oddByte = whole % 2 === 1 ? (at(whole - 1) ?? null) : null;
		this.push(samples);
	}

	/** Samples seen so far. */
	get samples(): number {
		return this.total;
	}

	/** The bars; all zero for silence and for nothing. */
	finish(): Uint8Array {
		const edges = this.edges();
		const bars = Array.from({ length: WAVEFORM_BARS }, (_none, bar) => {
			const from = (bar * this.total) / WAVEFORM_BARS;
			const to = ((bar + 1) * this.total) / WAVEFORM_BARS;
			return to > from ? (this.upTo(to, edges) - this.upTo(from, edges)) / (to - from) : 0;
		});
		const loudest = Math.max(...bars);
		// The tiny addition keeps rounding from turning the loudest bar into 99.
		return Uint8Array.from(bars, (bar) =>
			loudest > 0 ? Math.min(100, Math.max(0, Math.floor((100 * bar) / loudest + 1e-9))) : 0,
		);
	}

	private halve(): void {
		this.bins = this.bins.flatMap((bin, index) =>
			index % 2 === 0 ? [bin + (this.bins[index + 1] ?? 0)] : [],
		);
		this.binSize *= 2;
	}

	/** Running sums at the edges of the bins. */
	private edges(): number[] {
		const edges = [0];
		for (const bin of this.bins) edges.push((edges.at(-1) ?? 0) + bin);
		edges.push((edges.at(-1) ?? 0) + this.sum);
		return edges;
	}

	/** The sum of the first `position` absolute samples; between edges it grows evenly. */
	private upTo(position: number, edges: readonly number[]): number {
		const bin = Math.min(Math.floor(position / this.binSize), this.bins.length);
		const size = bin < this.bins.length ? this.binSize : this.inBin;
		const share = size > 0 ? (position - bin * this.binSize) / size : 0;
		const low = edges[bin] ?? 0;
		return low + ((edges[bin + 1] ?? low) - low) * Math.min(1, share);
	}
}

/** The 64 bars of samples that are in memory. */
export function waveformOf(samples: Int16Array | Float32Array): Uint8Array {
	const meter = new WaveformMeter();
	meter.push(samples);
	return meter.finish();
}
