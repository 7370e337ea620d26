import type { Clock } from '../clock';

/**
 * Lets numbers of one process connect a few at a time and not in one instant: fifty logins in a
 * second from one address look like an attack to WhatsApp, and cost as much CPU at once. A number
 * whose server or proxy hangs gives its place up after a while, so that it holds up nobody.
 */
export interface GateLimits {
	/** How many may be connecting at the same time. */
	atOnce: number;
	/** The least time between two beginnings, milliseconds. */
	apartMs: number;
	/** How long one may keep its place, milliseconds. */
	patienceMs: number;
}

export const GATE_LIMITS: GateLimits = { atOnce: 4, apartMs: 100, patienceMs: 5_000 };

interface Waiting {
	go(): void;
}

export class ConnectGate {
	private readonly waiting: Waiting[] = [];
	private inside = 0;
	private lastStart = -Infinity;
	private cancelTimer?: () => void;

	constructor(
		private readonly clock: Clock,
		private readonly limits: GateLimits = GATE_LIMITS,
	) {}

	/**
	 * Resolves when it may begin. Call the returned function when it is connected, or is not going to
	 * be; more calls do nothing.
	 * @param signal gives the place in the queue up; then it rejects with the signal's reason
	 */
	async enter(signal?: AbortSignal): Promise<() => void> {
		signal?.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const entry: Waiting = {
				go: () => {
					signal?.removeEventListener('abort', onAbort);
					resolve();
				},
			};
			const onAbort = () => {
				const at = this.waiting.indexOf(entry);
				if (at >= 0) this.waiting.splice(at, 1);
				reject(signal?.reason as Error);
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.waiting.push(entry);
			this.pump();
		});
		let left = false;
		const leave = () => {
			if (left) return;
			left = true;
			cancel();
			this.inside--;
			this.pump();
		};
		const cancel = this.clock.after(this.limits.patienceMs, leave);
		return leave;
	}

	private pump(): void {
		if (this.cancelTimer || this.waiting.length === 0 || this.inside >= this.limits.atOnce) return;
		const wait = this.lastStart + this.limits.apartMs - this.clock.now();
		if (wait > 0) {
			this.cancelTimer = this.clock.after(wait, () => {
				this.cancelTimer = undefined;
				this.pump();
			});
			return;
		}
		this.inside++;
		this.lastStart = this.clock.now();
		this.waiting.shift()?.go();
		this.pump();
	}
}
