import type { Clock } from '../clock';

/** One moment on both clocks. */
export interface Moment {
	readonly wall: number;
	readonly counted: number;
}

/**
 * How long a lease can be relied on, by two clocks at once: the one on the wall, which may be set,
 * and the one that only counts, which may stand still while the machine sleeps. It is over when
 * either says so.
 */
export class Validity {
	private end: Moment = { wall: -Infinity, counted: -Infinity };

	constructor(private readonly clock: Clock) {}

	get now(): Moment {
		return { wall: this.clock.now(), counted: performance.now() };
	}

	/** Milliseconds, 0 when it is over. */
	get left(): number {
		const { wall, counted } = this.now;
		return Math.max(0, Math.min(this.end.wall - wall, this.end.counted - counted));
	}

	/** It lasts for `ms` from that moment on. */
	last(from: Moment, ms: number): void {
		this.end = { wall: from.wall + ms, counted: from.counted + ms };
	}
}
