/**
 * Executions that another process claimed before this trigger began. In queue mode a worker may go
 * on with one while the main process restarts; it must not run twice. But a process that was killed
 * still seems to live for a while (its sign expires), so a claim is not believed at once: taking the
 * dead for living loses the event.
 */
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import type { Cursors } from '../storage/roles';
import type { Item } from './handOver';

export interface Claimed {
	item: Item;
	process: string;
	execution?: string;
}

export interface ElsewhereDeps {
	trigger: string;
	cursors: Cursors;
	/** This process: of what it claimed itself there is no doubt. */
	process?: string;
	/** Whether a process that claimed an event still lives. */
	isAlive(process: string): Promise<boolean>;
	next: 'start' | 'end';
	/** It runs there, or has ended there. */
	settle(seq: string): Promise<void>;
	/** Its process died with it; in the order of the events. */
	died(claimed: readonly Claimed[]): Promise<void>;
	/** What follows in this chat waits no longer. */
	release(lane: string): void;
	clock: Clock;
	log: Log;
}

const LOOK_MS = 2_000;
/** Longer than the sign of a killed process lasts (src/ownership/presence.ts). */
const SURE_MS = 20_000;
/**
 * n8n starts what it had queued anew after a crash, so this very process may have claimed it before the
 * trigger began. Its end is noted as done; should that fail, its chat goes on after this time.
 */
const OWN_MS = 60_000;
/** A process that lives this long after has surely taken the execution over. */
const BELIEVED_MS = 10 * 60_000;

export class Elsewhere {
	private readonly claims = new Map<string, Claimed & { since: number }>();
	private cancel: () => void = () => {};
	private stopped = false;

	constructor(private readonly deps: ElsewhereDeps) {}

	/** Watches it from start() on. True when what follows in its chat has to wait. */
	add(claimed: Claimed): boolean {
		const known = { ...claimed, since: this.deps.clock.now() };
		this.claims.set(claimed.item.seq, known);
		return this.holds(known);
	}

	clear(): void {
		this.claims.clear();
	}

	start(): void {
		this.cancel();
		if (this.claims.size === 0 || this.stopped) return;
		this.cancel = this.deps.clock.after(LOOK_MS, () => void this.look());
	}

	stop(): void {
		this.stopped = true;
		this.cancel();
	}

	private async look(): Promise<void> {
		try {
			await this.judge();
		} catch (error) {
			this.deps.log.warn('executions elsewhere could not be looked at', {
				error: errorName(error),
			});
		}
		this.start();
	}

	private async judge(): Promise<void> {
		const { deps } = this;
		const open = new Map((await deps.cursors.open(deps.trigger)).map((each) => [each.seq, each]));
		const dead: Claimed[] = [];
		for (const claimed of [...this.claims.values()]) {
			const { item, process, since } = claimed;
			const state = open.get(item.seq)?.state;
			const over = state === undefined || state === 'done';
			if (!over && !(await deps.isAlive(process))) {
				dead.push(claimed);
				continue;
			}
			// n8n runs it there, and nobody may ever tell us when it ends.
			if (!over && deps.clock.now() - since < BELIEVED_MS) continue;
			await deps.settle(item.seq);
			this.claims.delete(item.seq);
			this.releaseIfFree(item.lane);
		}
		if (this.stopped) return;
		if (dead.length > 0) {
			await deps.died(dead);
			for (const { item } of dead) this.claims.delete(item.seq);
			for (const { item } of dead) this.releaseIfFree(item.lane);
		}
		for (const { item } of [...this.claims.values()]) this.releaseIfFree(item.lane);
	}

	private holds({ process, since }: Claimed & { since: number }): boolean {
		const { clock, next } = this.deps;
		const own = process === this.deps.process;
		const age = clock.now() - since;
		if (next === 'end') return !own || age < OWN_MS;
		return !own && age < SURE_MS;
	}

	private releaseIfFree(lane: string): void {
		const claims = [...this.claims.values()].filter(({ item }) => item.lane === lane);
		if (!claims.some((claim) => this.holds(claim))) this.deps.release(lane);
	}
}
