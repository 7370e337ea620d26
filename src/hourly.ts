/** Work that is done at once and then every hour, until it is stopped. */
import type { Clock } from './clock';
import { errorName, type Log } from './log';

const EVERY_MS = 60 * 60_000;

export interface HourlyDeps {
	work(): Promise<unknown>;
	/** What the log says when it fails; it is tried again after an hour. */
	failed: string;
	clock: Clock;
	log: Log;
}

export class Hourly {
	private cancel: () => void = () => {};
	private over = false;

	constructor(private readonly deps: HourlyDeps) {}

	get stopped(): boolean {
		return this.over;
	}

	/** Resolves when it was done for the first time. */
	async start(): Promise<void> {
		const { work, failed, clock, log } = this.deps;
		this.cancel();
		try {
			await work();
		} catch (error) {
			log.warn(failed, { error: errorName(error) });
		}
		this.cancel();
		if (!this.over) this.cancel = clock.after(EVERY_MS, () => void this.start());
	}

	stop(): void {
		this.over = true;
		this.cancel();
	}
}
