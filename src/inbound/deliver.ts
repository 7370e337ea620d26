/**
 * inbox -> one trigger. Reads on from the trigger's own cursor and filters before an execution
 * starts; handOver.ts hands over what is left. The cursor passes an event only when n8n has reported
 * its run, so after a restart it goes on with what was not finished.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { LinkedEvent } from '../events';
import { errorName, type Log } from '../log';
import type { Delivery as Stored, Inbox, InboxEntry } from '../storage/roles';
import { Elsewhere, type Claimed } from './elsewhere';
import { Front } from './front';
import {
	HandOver,
	type Handed,
	type HandOverDeps,
	type Item,
	type Outcome,
	type Ticket,
} from './handOver';
import { MAX_ATTEMPTS, runsAgain, type LostDeps } from './lost';

export type { Handed, Outcome, Ticket };

export interface DeliverDeps
	extends LostDeps, Pick<HandOverDeps, 'account' | 'emit' | 'maxInFlight' | 'next' | 'batchMs'> {
	inbox: Inbox;
	open(entry: InboxEntry): LinkedEvent | undefined;
	/** True when this event should start an execution. */
	wants(event: LinkedEvent): boolean;
	/** Whether a process that claimed an event still lives. */
	isAlive(process: string): Promise<boolean>;
	/** The execution of an event has ended after stop(): whoever reads on from here is to know. */
	settledLate?(seq: string, attempt: number): Promise<void>;
	clock: Clock;
	log: Log;
}

const READ = 100;
/** Events held in memory at most; the rest waits in the inbox. */
const READ_AHEAD = 2_000;
const POLL_MS = 5_000;
const RETRY_MS = 2_000;

export class Delivery {
	private readonly stopping = new AbortController();
	private readonly front: Front;
	private readonly hands: HandOver;
	private readonly elsewhere: Elsewhere;
	private position = '';
	/** What was in the inbox up to here may have been handed over without a note. */
	private before = '';
	private recovered = false;
	private wake: () => void = () => {};
	private loop: Promise<void> = Promise.resolve();

	constructor(private readonly deps: DeliverDeps) {
		this.front = new Front(deps);
		const settle = async (item: Item) => await this.settle(item);
		this.hands = new HandOver({
			...deps,
			by: { process: deps.process ?? '', execution: `trigger ${randomUUID()}` },
			settle,
			taken: async (item) => await this.taken(item),
			again: async (batch) => await runsAgain(deps, batch),
			onRoom: () => this.wake(),
		});
		this.elsewhere = new Elsewhere({
			...deps,
			settle,
			died: async (claimed) => await this.died(claimed),
			release: (lane) => {
				this.hands.release(lane);
				this.hands.pump();
			},
		});
	}

	start(): void {
		this.loop = this.run();
	}

	/** Hands over nothing more. What is in flight settles when n8n reports it. */
	async stop(): Promise<void> {
		this.stopping.abort();
		this.hands.stop();
		this.elsewhere.stop();
		this.wake();
		await this.loop;
		await this.front.saved();
	}

	/** Events that are handed over or wait for it. */
	get pending(): number {
		return this.hands.pending;
	}

	/** Executions started by this object. */
	get emitted(): number {
		return this.hands.emitted;
	}

	private async run(): Promise<void> {
		const { deps } = this;
		const off = deps.inbox.onAppend(() => this.wake());
		const offClaim = deps.cursors.onClaim((trigger, seq) => {
			if (trigger === deps.trigger) this.hands.claimed(seq);
		});
		try {
			while (!this.stopping.signal.aborted) {
				try {
					if (!this.recovered) await this.recover();
					await this.readOn();
				} catch (error) {
					deps.log.warn('events could not be read; trying again', { error: errorName(error) });
					await deps.clock.sleep(RETRY_MS, this.stopping.signal).catch(() => {});
				}
			}
		} finally {
			off();
			offClaim();
		}
	}

	/** Takes up what an earlier process left unfinished. */
	private async recover(): Promise<void> {
		const { deps } = this;
		// A try before this one may have failed half-way.
		this.front.clear();
		this.hands.clear();
		this.elsewhere.clear();
		let cursor = await deps.cursors.get(deps.trigger);
		if (cursor === undefined) {
			// A new trigger begins with what happens from now on.
			cursor = await deps.inbox.end();
			await deps.cursors.set(deps.trigger, cursor);
		}
		if (deps.cursors.notesLater) this.before = await deps.inbox.end();
		const open = new Map((await deps.cursors.open(deps.trigger)).map((each) => [each.seq, each]));
		const last = [...open.keys()].sort().at(-1) ?? '';
		let position = cursor;
		// What was trimmed meanwhile is not found.
		while (position < last) {
			const entries = await deps.inbox.read(position, READ);
			if (entries.length === 0) break;
			for (const entry of entries) {
				if (entry.seq > last) break;
				position = entry.seq;
				const before = open.get(entry.seq);
				open.delete(entry.seq);
				if (before) await this.takeUp(entry, before);
				else this.take(entry, this.firstOf(entry));
			}
		}
		this.position = position;
		this.recovered = true;
		this.elsewhere.start();
	}

	private async takeUp(entry: InboxEntry, before: Stored): Promise<void> {
		const { deps } = this;
		const { state, process, execution, attempt } = before;
		if (state === 'emitted') {
			this.take(entry, attempt + 1);
			return;
		}
		const event = state === 'claimed' ? deps.open(entry) : undefined;
		if (!event) {
			this.front.add(entry.seq, true);
			return;
		}
		if (process && (await deps.isAlive(process))) {
			const item = itemOf(entry, event, attempt);
			this.front.add(entry.seq);
			if (this.elsewhere.add({ item, state, process, execution })) this.hands.hold(item.lane);
		} else if (this.mayRunAgain(attempt)) this.take(entry, attempt + 1, attempt);
		else {
			await deps.report(event, execution);
			this.front.add(entry.seq, true);
		}
	}

	private async died(claimed: readonly Claimed[]): Promise<void> {
		// From the last to the first, so that each comes before what follows it.
		for (const { item, state, execution } of [...claimed].reverse()) {
			const { attempt } = item;
			if (state === 'emitted') this.hands.addFirst({ ...item, attempt: attempt + 1 });
			else if (this.mayRunAgain(attempt)) {
				this.hands.addFirst({ ...item, attempt: attempt + 1, over: attempt });
			} else {
				await this.deps.report(item.event, execution);
				await this.settle(item);
			}
		}
	}

	/** Another process has this event: it is waited for, and taken over should it die there. */
	private async taken(item: Item): Promise<void> {
		const { cursors, trigger } = this.deps;
		const held = (await cursors.open(trigger)).find(({ seq }) => seq === item.seq);
		if (held === undefined || held.state === 'done') {
			this.front.settled(item.seq);
			return;
		}
		const { state, attempt, process = '', execution } = held;
		const claimed = { item: { ...item, attempt }, state, process, execution };
		if (this.elsewhere.add(claimed)) this.hands.hold(item.lane);
		this.elsewhere.start();
	}

	private mayRunAgain(attempt: number): boolean {
		return this.deps.rerun && attempt < MAX_ATTEMPTS;
	}

	private async readOn(): Promise<void> {
		const { deps } = this;
		// Made before reading, so that an append in between is not missed.
		const woken = new Promise<void>((resolve) => {
			this.wake = resolve;
		});
		if (this.hands.pending < READ_AHEAD) {
			const entries = await deps.inbox.read(this.position, READ);
			for (const entry of entries) {
				this.position = entry.seq;
				this.take(entry, this.firstOf(entry));
			}
			this.hands.pump();
			if (entries.length > 0) return;
		}
		const cancel = deps.clock.after(POLL_MS, () => this.wake());
		await woken;
		cancel();
	}

	/** The attempt that is the first here. Executions of an earlier one can no longer claim the event. */
	private firstOf({ seq }: InboxEntry): number {
		return seq <= this.before ? 2 : 1;
	}

	private take(entry: InboxEntry, attempt: number, over?: number): void {
		const event = this.deps.open(entry);
		const isWanted = event !== undefined && this.isWanted(event);
		this.front.add(entry.seq, !isWanted);
		if (isWanted) this.hands.add({ ...itemOf(entry, event, attempt), over });
	}

	/** A filter that fails lets the event through: rather one execution too many than a lost event. */
	private isWanted(event: LinkedEvent): boolean {
		try {
			return this.deps.wants(event);
		} catch (error) {
			this.deps.log.error('a filter failed', { error: errorName(error) });
			return true;
		}
	}

	private async settle(item: Item): Promise<void> {
		const { seq, attempt } = item;
		if (this.stopping.signal.aborted && this.deps.settledLate) {
			await this.deps.settledLate(seq, attempt);
			return;
		}
		// What ran may have found that a later attempt has the event, and done nothing.
		if (await this.deps.cursors.done(this.deps.trigger, seq, attempt)) this.front.settled(seq);
		else await this.taken(item);
	}
}

const itemOf = ({ seq, at }: InboxEntry, event: LinkedEvent, attempt: number): Item => ({
	seq,
	attempt,
	event,
	lane: event.chat ?? '',
	at,
});
