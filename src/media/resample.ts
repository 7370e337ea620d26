/** Sound of any rate to another, piece by piece, with a windowed sinc (no hiss, no aliases). */

/** Samples on each side that one output sample is made of. */
const REACH = 16;
const PHASES = 256;

export class Resampler {
	private readonly step: number;
	private readonly table: Float32Array[];
	/** The samples still needed; `origin` is the position of the first in the whole. */
	private held = new Float32Array(REACH);
	private origin = -REACH;
	/** Where the next output sample is taken from, in input samples. */
	private next = 0;

	constructor(from: number, to: number) {
		this.step = from / to;
		// Where the rate falls, what the new rate cannot carry is filtered out.
		const cutoff = Math.min(1, to / from);
		this.table = Array.from({ length: PHASES + 1 }, (_none, phase) =>
			kernel(phase / PHASES, cutoff),
		);
	}

	push(samples: Float32Array): Float32Array {
		const joined = new Float32Array(this.held.length + samples.length);
		joined.set(this.held);
		joined.set(samples, this.held.length);
		const end = this.origin + joined.length;
		const count = Math.max(0, Math.ceil((end - REACH - this.next) / this.step));
		const out = new Float32Array(count);
		let made = 0;
		while (made < count && Math.floor(this.next) + REACH < end) {
			out[made++] = this.at(joined, this.next - this.origin);
			this.next += this.step;
		}
		const keepFrom = Math.min(
			joined.length,
			Math.max(0, Math.floor(this.next) - REACH - this.origin),
		);
		this.held = joined.slice(keepFrom);
		this.origin += keepFrom;
		return out.subarray(0, made);
	}

	/** The last samples. */
	finish(): Float32Array {
		return this.push(new Float32Array(REACH));
	}

	private at(samples: Float32Array, position: number): number {
		const whole = Math.floor(position);
		const taps = this.table[Math.round((position - whole) * PHASES)]!;
		let sum = 0;
		for (let tap = 0; tap < taps.length; tap++) {
			sum += (samples[whole - REACH + 1 + tap] ?? 0) * taps[tap]!;
		}
		return sum;
	}
}

function kernel(fraction: number, cutoff: number): Float32Array {
	const taps = new Float32Array(2 * REACH);
	let total = 0;
	for (let tap = 0; tap < taps.length; tap++) {
		const x = tap - REACH + 1 - fraction;
		const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
		const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / REACH);
		taps[tap] = sinc * Math.max(0, window);
		total += taps[tap]!;
	}
	return taps.map((value) => value / total);
}
