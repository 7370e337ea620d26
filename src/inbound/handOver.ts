/**
 * Hands events to n8n: bounded executions in flight (n8n's emit is unthrottled and unordered: 1 000
 * at once cost it 3 GB and the order), and the next event of a chat only once the one before has
 * started, or ended, as the user chose.
 */
import type { Clock } from '../clock';
import type { LinkedEvent } from '../events';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { By, Cursors } from '../storage/roles';

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

export interface Item {
	seq: string;
	attempt: number;
	event: LinkedEvent;
	/** Events of one chat keep their order. */
	lane: string;
	/** When it came into the inbox. */
	at: number;
	/** The attempt whose execution died although it had claimed the event. */
	over?: number;
}

/**
 * What became of an execution. `ended`: it ran, whatever came of it. `lost`: it died, or failed before
 * it had taken its events.
 */
export type Outcome = 'ended' | 'lost';

export interface HandOverDeps {
	account: string;
	trigger: string;
	cursors: Cursors;
	/** Who hands over. */
	by: By;
	/**
	 * Starts an execution; resolves when its run has ended, however, and rejects when n8n could not
	 * start it.
	 * @param ticket of the first event
	 * @param batch all events it is for: one, unless they are batched
	 * @returns `ended` unless it says otherwise
	 */
	emit(ticket: Ticket, batch: readonly Handed[]): Promise<Outcome | void>;
	/** Whether the events of a lost execution have to start another one. */
	again(batch: readonly Handed[]): Promise<boolean>;
	maxInFlight: number;
	/** The next event of a chat waits for the start or for the end of the one before. */
	next: 'start' | 'end';
	/**
	 * Events of one chat that follow each other within this time start one execution together,
	 * milliseconds; 0 = each its own.
	 */
	batchMs: number;
	/** n8n has reported the run of this event. */
	settle(item: Item): Promise<void>;
	/** Somebody else has this event. */
	taken(item: Item): Promise<void>;
	/** There is room again. */
	onRoom(): void;
	clock: Clock;
	log: Log;
}

/** Nothing has come of an execution: its events are handed over once more. */
class NotTaken extends Error {
	override readonly name = 'NotTaken';
}

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
/** A batch is not kept waiting for ever by somebody who does not stop writing. */
const MAX_BATCH = 50;
const MAX_BATCH_TIMES = 10;

export class HandOver {
	private readonly stopping = new AbortController();
	private readonly lanes = new Map<string, Item[]>();
	private readonly busy = new Set<string>();
	private readonly held = new Set<string>();
	private readonly waitingForStart = new Map<string, () => void>();
	private inFlight = 0;
	private nextPump?: number;
	private cancelPump: () => void = () => {};
	/** Events that wait or are in flight. */
	pending = 0;
	/** Executions started, for status and tests. */
	emitted = 0;

	constructor(private readonly deps: HandOverDeps) {}

	add(item: Item): void {
		this.pending++;
		const queue = this.lanes.get(item.lane);
		if (queue) queue.push(item);
		else this.lanes.set(item.lane, [item]);
	}

	/** Before everything else of its chat. */
	addFirst(item: Item): void {
		this.pending++;
		this.lanes.set(item.lane, [item, ...(this.lanes.get(item.lane) ?? [])]);
	}

	/** Nothing of this chat is handed over until release(). */
	hold(lane: string): void {
		this.held.add(lane);
	}

	release(lane: string): void {
		this.held.delete(lane);
	}

	/** An execution has claimed this event. */
	claimed(seq: string): void {
		this.waitingForStart.get(seq)?.();
	}

	/** Forgets what was not handed over yet. */
	clear(): void {
		for (const queue of this.lanes.values()) this.pending -= queue.length;
		this.lanes.clear();
		this.held.clear();
	}

	/** Hands over nothing more. What is in flight settles when n8n reports it. */
	stop(): void {
		this.stopping.abort();
		this.cancelPump();
	}

	/** Starts whatever may start now. */
	pump(): void {
		for (const [lane, queue] of [...this.lanes]) {
			if (this.stopping.signal.aborted || this.inFlight >= this.deps.maxInFlight) return;
			if (this.busy.has(lane) || this.held.has(lane)) continue;
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
		let ours: Item[] = batch;
		const submitted = await this.until('an execution could not be started', async () => {
			ours = await this.mine(ours);
			await this.submit(ours);
		});
		if (submitted) {
			for (const item of ours) {
				await this.until('a delivery could not be settled', () => deps.settle(item));
			}
		}
		// Stopped before: the delivery stays open and is taken up at the next start.
		for (const { seq } of batch) this.waitingForStart.delete(seq);
		this.pending -= batch.length;
		this.inFlight--;
		free();
		deps.onRoom();
		this.pump();
	}

	/** Those that are to be handed over here and now. */
	private async mine(batch: readonly Item[]): Promise<Item[]> {
		const { trigger, cursors, by } = this.deps;
		const outcomes = await Promise.all(
			batch.map(({ seq, attempt, over }) => cursors.emitted(trigger, seq, attempt, by, over)),
		);
		const ours: Item[] = [];
		for (const [index, item] of batch.entries()) {
			if (outcomes[index] === 'ours') ours.push(item);
			else await this.deps.taken(item);
		}
		return ours;
	}

	private async submit(batch: readonly Item[]): Promise<void> {
		const { account, trigger, emit, again } = this.deps;
		const handed = batch.map(({ seq, attempt, event }): Handed => {
			return { ticket: { account, trigger, seq, attempt }, event };
		});
		const [first] = handed;
		if (!first) return;
		this.emitted++;
		try {
			const outcome = await emit(first.ticket, handed);
			if (outcome !== 'lost') return;
			// Until it is known (or all is stopped): one more attempt could be one too many.
			let more = true;
			await this.until('what became of an execution is not known', async () => {
				more = await again(handed);
			});
			if (more) throw new NotTaken();
		} catch (error) {
			// A new attempt makes claims of older ones void: it may have got that far and no further.
			for (const item of batch) item.over = item.attempt++;
			throw error;
		}
	}

	/** Does it until it succeeds; false when stopped before. */
	private async until(problem: string, work: () => Promise<void>): Promise<boolean> {
		const { clock, log } = this.deps;
		for (let failures = 0; ; failures++) {
			try {
				await work();
				return true;
			} catch (error) {
				if (this.stopping.signal.aborted) return false;
				log.warn(`${problem}; trying again`, { error: errorName(error) });
				// A storage that is away is asked patiently, and all go on as soon as it is back.
				const away = error instanceof LinkedError && error.code.startsWith('storage-');
				const wait = away ? RETRY_MS : Math.min(RETRY_MS * 2 ** failures, MAX_RETRY_MS);
				await clock.sleep(wait, this.stopping.signal).catch(() => {});
				if (this.stopping.signal.aborted) return false;
			}
		}
	}
}
