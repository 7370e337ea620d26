/**
 * inbox -> one trigger. Reads on from the trigger's own cursor, filters before an execution starts,
 * bounds the executions in flight (n8n's emit is unthrottled and unordered: 1 000 at once cost it
 * 3 GB and the order), and hands over the next event of a chat only once the one before has started
 * (or ended, as the user chose). The cursor passes an event only when n8n has reported its run.
 */
import type { Clock } from '../clock';
import type { LinkedEvent } from '../events';
import { errorName, type Log } from '../log';
import type { Cursors, Inbox, InboxEntry } from '../storage/roles';

/** What travels with an emitted item, for the claim inside the execution. */
export interface Ticket {
	account: string;
	trigger: string;
	seq: string;
	attempt: number;
}

/** An event on its way into an execution. */
export interface Handed {
	ticket: Ticket;
	event: LinkedEvent;
}

export interface DeliverDeps {
	account: string;
	trigger: string;
	inbox: Inbox;
	cursors: Cursors;
	open(entry: InboxEntry): LinkedEvent | undefined;
	/** True when this event should start an execution. */
	wants(event: LinkedEvent): boolean;
	/**
	 * Starts an execution; resolves when its run has ended, however, and rejects when n8n could not
	 * start it.
	 * @param ticket of the first event
	 * @param batch all events it is for: one, unless they are batched
	 */
	emit(ticket: Ticket, batch: readonly Handed[]): Promise<void>;
	/** Whether a process that claimed an event still lives. */
	isAlive(process: string): Promise<boolean>;
	/** The execution of this event died with its process; only asked when rerun is off. */
	report(event: LinkedEvent, execution: string | undefined): Promise<void>;
	maxInFlight: number;
	/** The next event of a chat waits for the start or for the end of the one before. */
	next: 'start' | 'end';
	/** Run an event again whose execution died with its process. */
	rerun: boolean;
	/**
	 * Events of one chat that follow each other within this time start one execution together,
	 * milliseconds; 0 = each its own.
	 */
	batchMs: number;
	clock: Clock;
	log: Log;
}

interface Item {
	seq: string;
	attempt: number;
	event: LinkedEvent;
	lane: string;
	/** When it came into the inbox. */
	at: number;
}

const READ = 100;
/** Events held in memory at most; the rest waits in the inbox. */
const READ_AHEAD = 2_000;
const POLL_MS = 5_000;
const START_RETRY_MS = 2_000;
const MAX_START_RETRY_MS = 60_000;
/** A batch is not kept waiting for ever by somebody who does not stop writing. */
const MAX_BATCH = 50;
const MAX_BATCH_TIMES = 10;

export class Delivery {
	private readonly stopping = new AbortController();
	/** Events read and not settled, oldest first: the cursor may pass only a settled front. */
	private readonly order: Array<{ seq: string; settled: boolean }> = [];
	private readonly lanes = new Map<string, Item[]>();
	private readonly busy = new Set<string>();
	private readonly waitingForStart = new Map<string, () => void>();
	private unsettled = 0;
	private position = '';
	private recovered = false;
	private inFlight = 0;
	private wake: () => void = () => {};
	private loop: Promise<void> = Promise.resolve();
	private saving: Promise<void> = Promise.resolve();
	private unsaved?: string;
	private nextPump?: number;
	private cancelPump: () => void = () => {};
	/** Executions started by this object, for status and tests. */
	emitted = 0;

	constructor(private readonly deps: DeliverDeps) {}

	start(): void {
		this.loop = this.run();
	}

	/** Hands over nothing more. What is in flight settles when n8n reports it. */
	async stop(): Promise<void> {
		this.stopping.abort();
		this.cancelPump();
		this.wake();
		await this.loop;
		await this.saving;
	}

	/** Events that are handed over or wait for it. */
	get pending(): number {
		return this.unsettled;
	}

	private async run(): Promise<void> {
		const { deps } = this;
		const off = deps.inbox.onAppend(() => this.wake());
		const offClaim = deps.cursors.onClaim((trigger, seq) => {
			if (trigger === deps.trigger) this.waitingForStart.get(seq)?.();
		});
		try {
			while (!this.stopping.signal.aborted) {
				try {
					if (!this.recovered) await this.recover();
					await this.readOn();
				} catch (error) {
					deps.log.warn('events could not be read; trying again', { error: errorName(error) });
					await deps.clock.sleep(START_RETRY_MS, this.stopping.signal).catch(() => {});
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
		this.order.length = 0;
		this.unsettled = 0;
		this.lanes.clear();
		let cursor = await deps.cursors.get(deps.trigger);
		if (cursor === undefined) {
			// A new trigger begins with what happens from now on.
			cursor = await deps.inbox.end();
			await deps.cursors.set(deps.trigger, cursor);
		}
		const open = new Map((await deps.cursors.open(deps.trigger)).map((each) => [each.seq, each]));
		let position = cursor;
		while (open.size > 0) {
			const entries = await deps.inbox.read(position, READ);
			if (entries.length === 0) break;
			for (const entry of entries) {
				position = entry.seq;
				const before = open.get(entry.seq);
				open.delete(entry.seq);
				if (!before) this.take(entry, 1);
				else if (before.state === 'done') this.order.push({ seq: entry.seq, settled: true });
				else if (before.state === 'emitted') this.take(entry, before.attempt + 1);
				else if (before.process && (await deps.isAlive(before.process))) {
					// n8n runs it in another process that lives on; it has been taken over.
					this.order.push({ seq: entry.seq, settled: true });
				} else if (deps.rerun) this.take(entry, before.attempt + 1);
				else {
					const event = deps.open(entry);
					if (event) await deps.report(event, before.execution);
					this.order.push({ seq: entry.seq, settled: true });
				}
			}
		}
		this.position = position;
		this.recovered = true;
	}

	private async readOn(): Promise<void> {
		const { deps } = this;
		// Made before reading, so that an append in between is not missed.
		const woken = new Promise<void>((resolve) => {
			this.wake = resolve;
		});
		if (this.unsettled < READ_AHEAD) {
			const entries = await deps.inbox.read(this.position, READ);
			for (const entry of entries) {
				this.position = entry.seq;
				this.take(entry, 1);
			}
			this.pump();
			if (entries.length > 0) return;
		}
		const timer = new AbortController();
		await Promise.race([
			woken,
			deps.clock
				.sleep(POLL_MS, AbortSignal.any([timer.signal, this.stopping.signal]))
				.catch(() => {}),
		]);
		timer.abort();
	}

	private take(entry: InboxEntry, attempt: number): void {
		const event = this.deps.open(entry);
		const place = { seq: entry.seq, settled: false };
		this.order.push(place);
		if (!event || !this.isWanted(event)) {
			place.settled = true;
			this.advance();
			return;
		}
		this.unsettled++;
		const lane = event.chat ?? '';
		const item: Item = { seq: entry.seq, attempt, event, lane, at: entry.at };
		const queue = this.lanes.get(lane);
		if (queue) queue.push(item);
		else this.lanes.set(lane, [item]);
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

	/** Starts whatever may start now. */
	private pump(): void {
		for (const [lane, queue] of [...this.lanes]) {
			if (this.stopping.signal.aborted || this.inFlight >= this.deps.maxInFlight) return;
			if (this.busy.has(lane)) continue;
			const batch = this.ripe(lane, queue);
			if (batch.length === 0) continue;
			// To the end of the line, so that a chat with much to say leaves room for others.
			this.lanes.delete(lane);
			if (queue.length > 0) this.lanes.set(lane, queue);
			void this.hand(batch);
		}
	}

	/** Takes the events that go into the next execution of a chat; none while more may follow. */
	private ripe(lane: string, queue: Item[]): Item[] {
		const { batchMs, clock } = this.deps;
		// What belongs to no chat has nothing in common.
		if (batchMs === 0 || lane === '') return queue.splice(0, 1);
		const batch = queue.slice(0, MAX_BATCH);
		const [first] = batch;
		const last = batch.at(-1);
		if (!first || !last) return [];
		const due = Math.min(last.at + batchMs, first.at + batchMs * MAX_BATCH_TIMES);
		const wait = due - clock.now();
		if (wait > 0 && batch.length < MAX_BATCH) {
			this.pumpIn(Math.min(wait, batchMs));
			return [];
		}
		return queue.splice(0, batch.length);
	}

	/** Looks again when the first batch may be ripe. */
	private pumpIn(ms: number): void {
		const at = this.deps.clock.now() + ms;
		if (this.nextPump !== undefined && this.nextPump <= at) return;
		this.cancelPump();
		this.nextPump = at;
		this.cancelPump = this.deps.clock.after(ms, () => {
			this.nextPump = undefined;
			this.pump();
		});
	}

	private async hand(batch: Item[]): Promise<void> {
		const { deps } = this;
		const [first] = batch;
		if (!first) return;
		const { lane } = first;
		this.inFlight++;
		this.busy.add(lane);
		const unclaimed = new Set(batch.map(({ seq }) => seq));
		let held = true;
		const free = () => {
			if (!held) return;
			held = false;
			this.busy.delete(lane);
			this.pump();
		};
		for (const { seq } of batch) {
			this.waitingForStart.set(seq, () => {
				unclaimed.delete(seq);
				if (deps.next === 'start' && unclaimed.size === 0) free();
			});
		}
		try {
			if (await this.submit(batch)) for (const { seq } of batch) await this.settle(seq);
		} catch (error) {
			// Stopped, or the storage is away: the delivery stays open and is taken up at the next start.
			if (!this.stopping.signal.aborted) {
				deps.log.warn('a delivery stays open', { error: errorName(error) });
			}
		} finally {
			for (const { seq } of batch) this.waitingForStart.delete(seq);
			this.inFlight--;
			free();
			this.wake();
			this.pump();
		}
	}

	/** Hands it to n8n until n8n takes it; false when stopped before. */
	private async submit(batch: Item[]): Promise<boolean> {
		const { account, trigger, cursors, emit, log, clock } = this.deps;
		for (let failures = 0; ; failures++) {
			try {
				const handed: Handed[] = [];
				for (const { seq, attempt, event } of batch) {
					const ticket = { account, trigger, seq, attempt: attempt + failures };
					await cursors.emitted(trigger, seq, ticket.attempt);
					handed.push({ ticket, event });
				}
				const [first] = handed;
				if (!first) return true;
				this.emitted++;
				await emit(first.ticket, handed);
				return true;
			} catch (error) {
				if (this.stopping.signal.aborted) return false;
				log.warn('n8n could not start an execution; trying again', { error: errorName(error) });
				const wait = Math.min(START_RETRY_MS * 2 ** failures, MAX_START_RETRY_MS);
				await clock.sleep(wait, this.stopping.signal);
			}
		}
	}

	private async settle(seq: string): Promise<void> {
		const place = this.order.find((each) => each.seq === seq);
		if (place && !place.settled) {
			place.settled = true;
			this.unsettled--;
		}
		if (this.order[0] !== place) await this.deps.cursors.done(this.deps.trigger, seq);
		this.advance();
	}

	/** Moves the cursor over the settled front; writes are chained, so that none overtakes another. */
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
		try {
			await this.deps.cursors.set(this.deps.trigger, seq);
		} catch (error) {
			this.deps.log.warn('the cursor could not be saved', { error: errorName(error) });
		}
	}
}
