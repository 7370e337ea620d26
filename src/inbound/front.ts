/**
 * Events that a trigger has read and its cursor has not passed, oldest first. The cursor passes only
 * what is settled, and nothing that is not.
 */
import { errorName, type Log } from '../log';
import type { Cursors } from '../storage/roles';

export class Front {
	private readonly order: Array<{ seq: string; settled: boolean }> = [];
	private saving: Promise<void> = Promise.resolve();
	private unsaved?: string;

	constructor(private readonly deps: { trigger: string; cursors: Cursors; log: Log }) {}

	/** The next event that was read. */
	add(seq: string, settled = false): void {
		this.order.push({ seq, settled });
		if (settled) this.advance();
	}

	/** There is nothing more to do for this event. */
	settled(seq: string): void {
		const place = this.order.find((each) => each.seq === seq);
		if (place) place.settled = true;
		this.advance();
	}

	/** Forgets what was read; the cursor stays. */
	clear(): void {
		this.order.length = 0;
	}

	/** Resolves when the cursor is stored as far as it has come. */
	async saved(): Promise<void> {
		await this.saving;
	}

	/** Moves the cursor; writes are chained, so that none overtakes another. */
	private advance(): void {
		let last: string | undefined;
		while (this.order[0]?.settled) last = this.order.shift()?.seq;
		if (last === undefined) return;
		const idle = this.unsaved === undefined;
		this.unsaved = last;
		if (idle) this.saving = this.saving.then(() => this.save());
	}

	/** One write however many events were settled meanwhile. */
	private async save(): Promise<void> {
		const seq = this.unsaved;
		this.unsaved = undefined;
		if (seq === undefined) return;
		const { cursors, trigger, log } = this.deps;
		try {
			await cursors.set(trigger, seq);
		} catch (error) {
			log.warn('the cursor could not be saved', { error: errorName(error) });
		}
	}
}
