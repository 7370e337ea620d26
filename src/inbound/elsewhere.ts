/**
 * Events that somebody else has: executions that were claimed before this trigger began, and what the
 * same trigger hands over in another process, while n8n's leader changes. In queue mode a worker may go
 * on with one while the main process restarts; it must not run twice. But a process that was killed
 * still seems to live for a while (its sign expires), so a claim is not believed at once: taking the
 * dead for living loses the event.
 */
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import type { Cursors, Delivery, DeliveryState } from '../storage/roles';
import type { Item } from './handOver';

export interface Claimed {
	/** With the attempt that it is. */
	item: Item;
	state: DeliveryState;
	/** The process that claimed it, or has handed it over. */
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
	settle(item: Item): Promise<void>;
	/** Its process died with it, or never had it claimed; in the order of the events. */
	died(claimed: readonly Claimed[]): Promise<void>;
	/** What follows in this chat waits no longer. */
	release(lane: string): void;
	clock: Clock;
	log: Log;
}

type Watched = Claimed & { since: number };

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
	private readonly claims = new Map<string, Watched>();
	private cancel?: () => void;
	private looking = false;
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
		if (this.cancel || this.looking || this.claims.size === 0 || this.stopped) return;
		this.cancel = this.deps.clock.after(LOOK_MS, () => {
			this.cancel = undefined;
			void this.look();
		});
	}

	stop(): void {
		this.stopped = true;
		this.cancel?.();
	}

	private async look(): Promise<void> {
		this.looking = true;
		try {
			await this.judge();
		} catch (error) {
			this.deps.log.warn('executions elsewhere could not be looked at', {
				error: errorName(error),
			});
		}
		this.looking = false;
		this.start();
	}

	private async judge(): Promise<void> {
		const { deps } = this;
		const open = new Map((await deps.cursors.open(deps.trigger)).map((each) => [each.seq, each]));
		const dead: Watched[] = [];
		for (const [seq, known] of [...this.claims]) {
			const now = open.get(seq);
			const over = now === undefined || now.state === 'done';
			const claimed = over ? known : this.follow(known, now);
			if (!over && !(await this.isHeld(claimed))) {
				dead.push(claimed);
				continue;
			}
			// n8n runs it there, and nobody may ever tell us when it ends.
			if (!over && deps.clock.now() - claimed.since < BELIEVED_MS) continue;
			await deps.settle(claimed.item);
			this.forget(claimed);
			this.releaseIfFree(claimed.item.lane);
		}
		if (this.stopped) return;
		if (dead.length > 0) {
			await deps.died(dead);
			for (const claimed of dead) this.forget(claimed);
			for (const { item } of dead) this.releaseIfFree(item.lane);
		}
		for (const { item } of [...this.claims.values()]) this.releaseIfFree(item.lane);
	}

	/** Claimed after it was handed over, or handed over once more: it has another holder since. */
	private follow(known: Watched, now: Delivery): Watched {
		const { item, state } = known;
		if (now.attempt === item.attempt && now.state === state) return known;
		const { process = '', execution } = now;
		const followed: Watched = {
			...{ item: { ...item, attempt: now.attempt }, state: now.state, process, execution },
			since: this.deps.clock.now(),
		};
		this.claims.set(item.seq, followed);
		return followed;
	}

	/** Unless it was found to be in other hands meanwhile. */
	private forget(claimed: Watched): void {
		const { seq } = claimed.item;
		if (this.claims.get(seq) === claimed) this.claims.delete(seq);
	}

	/** What nobody has claimed for so long may never have become an execution. */
	private async isHeld({ state, process, since }: Watched): Promise<boolean> {
		const { clock, isAlive } = this.deps;
		if (state === 'emitted' && clock.now() - since >= SURE_MS) return false;
		return await isAlive(process);
	}

	private holds({ state, process, since }: Watched): boolean {
		const { clock, next } = this.deps;
		if (state === 'emitted') return true;
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
