/**
 * Where messages wait for their time: answers before others, those before new conversations, and
 * each kind in the order in which it came. One timer for all; whenever something changes, all are
 * looked at again.
 */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { Decision, Line } from './types';

const ORDER: Readonly<Record<Line, number>> = { reply: 0, known: 1, new: 2 };

export interface Guest<T> {
	/** Pure; asked again and again. */
	decide(now: number): Decision;
	/** It may go: takes up what it needs, in the same moment. */
	admit(decision: Decision, now: number): T;
	/** How long it would wait for a pause, and for everything else. Milliseconds since the epoch. */
	pauseUntil: number;
	limitUntil: number;
	signal: AbortSignal;
}

interface Waiting {
	readonly seq: number;
	line: Line;
	notBefore: number;
	/** Looks at it; true when it is done with. */
	look(now: number): boolean;
	fail(error: unknown): void;
}

/** Why a message is not let through now. */
export class HeldBack extends Error {
	constructor(readonly decision: Exclude<Decision, { kind: 'go' }>) {
		super(decision.because);
	}
}

export class Room {
	private readonly waiting = new Set<Waiting>();
	private seq = 0;
	private cancel: () => void = () => {};
	private closesAt = Infinity;

	constructor(private readonly clock: Clock) {}

	/** How many wait. */
	get size(): number {
		return this.waiting.size;
	}

	/**
	 * Resolves when the guest is admitted.
	 * @throws HeldBack, what the signal says, or LinkedError `closing`
	 */
	async enter<T>(guest: Guest<T>): Promise<T> {
		guest.signal.throwIfAborted();
		if (this.waiting.size === 0) {
			const now = this.clock.now();
			const decision = guest.decide(now);
			if (decision.kind === 'go') return guest.admit(decision, now);
		}
		return await new Promise<T>((resolve, reject) => {
			const onAbort = () => waiting.fail(guest.signal.reason);
			const leave = () => {
				this.waiting.delete(waiting);
				guest.signal.removeEventListener('abort', onAbort);
			};
			const waiting: Waiting = {
				seq: this.seq++,
				line: guest.decide(this.clock.now()).line,
				notBefore: 0,
				look: (now) => {
					const decision = guest.decide(now);
					waiting.line = decision.line;
					if (decision.kind === 'go') {
						leave();
						resolve(guest.admit(decision, now));
						return true;
					}
					const patience = this.patience(guest, decision);
					if (patience === undefined) {
						waiting.notBefore = decision.kind === 'wait' ? decision.until : Infinity;
						return false;
					}
					waiting.fail(patience);
					return true;
				},
				fail: (error) => {
					leave();
					reject(error as Error);
				},
			};
			this.waiting.add(waiting);
			guest.signal.addEventListener('abort', onAbort, { once: true });
			this.pump();
		});
	}

	/** Something is known that was not before: everybody is looked at again. */
	poke(): void {
		for (const each of this.waiting) each.notBefore = 0;
		if (this.waiting.size > 0) this.pump();
	}

	/** Who would wait beyond this is told now. */
	close(at: number): void {
		this.closesAt = at;
		this.poke();
	}

	stop(): void {
		this.cancel();
	}

	/** Why it does not wait; undefined when it does. */
	private patience(
		guest: Guest<unknown>,
		decision: Exclude<Decision, { kind: 'go' }>,
	): Error | undefined {
		if (decision.kind === 'refuse') return new HeldBack(decision);
		const end = decision.of === 'pace' ? guest.pauseUntil : guest.limitUntil;
		if (decision.until > end) return new HeldBack(decision);
		return decision.until > this.closesAt ? new LinkedError('closing') : undefined;
	}

	private pump(): void {
		this.cancel();
		const now = this.clock.now();
		const inOrder = [...this.waiting].sort(
			(a, b) => ORDER[a.line] - ORDER[b.line] || a.seq - b.seq,
		);
		let next = Infinity;
		for (const each of inOrder) {
			if (!this.waiting.has(each)) continue;
			if (each.notBefore <= now && each.look(now)) continue;
			next = Math.min(next, each.notBefore);
		}
		// Timers longer than this fire at once.
		const ms = Math.min(next - now, 2 ** 31 - 1);
		this.cancel = Number.isFinite(next)
			? this.clock.after(Math.max(1, ms), () => this.pump())
			: () => {};
	}
}
