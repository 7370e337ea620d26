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

export interface DeliverDeps {
	account: string;
	trigger: string;
	inbox: Inbox;
	cursors: Cursors;
	open(entry: InboxEntry): LinkedEvent | undefined;
	/** True when this event should start an execution. */
	wants(event: LinkedEvent): boolean;
	/** Starts an execution; resolves when its run has ended, rejects when n8n could not start it. */
	emit(ticket: Ticket, event: LinkedEvent): Promise<void>;
	/** Whether a process that claimed an event still lives. */
	isAlive(process: string): Promise<boolean>;
	/** The execution of this event died with its process; only asked when rerun is off. */
	report(event: LinkedEvent): void;
	maxInFlight: number;
	/** The next event of a chat waits for the start or for the end of the one before. */
	next: 'start' | 'end';
	/** Run an event again whose execution died with its process. */
	rerun: boolean;
	clock: Clock;
	log: Log;
}

interface Item {
	seq: string;
	attempt: number;
	event: LinkedEvent;
	lane: string;
}

const READ = 100;
const READ_AHEAD = 500;
const POLL_MS = 5_000;
const START_RETRY_MS = 2_000;

export class Delivery {
	private readonly stopping = new AbortController();
	/** Events read and not settled, oldest first: the cursor may pass only a settled front. */
	private readonly order: Array<{ seq: string; settled: boolean }> = [];
	private readonly lanes = new Map<string, Item[]>();
	private readonly busy = new Set<string>();
	private readonly waitingForStart = new Map<string, () => void>();
	private position = '';
	private recovered = false;
	private inFlight = 0;
	private wake: () => void = () => {};
	private loop: Promise<void> = Promise.resolve();
	private saving: Promise<void> = Promise.resolve();
	private unsaved?: string;
	/** Executions started by this object, for status and tests. */
	emitted = 0;

	constructor(private readonly deps: DeliverDeps) {}

	start(): void {
		this.loop = this.run();
	}

	/** Hands over nothing more. What is in flight settles when n8n reports it. */
	async stop(): Promise<void> {
		this.stopping.abort();
		this.wake();
		await this.loop;
		await this.saving;
	}

	get pending(): number {
		return this.order.length;
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
				if (!before) await this.take(entry, 1);
				else if (before.state === 'done') this.order.push({ seq: entry.seq, settled: true });
				else if (before.state === 'emitted') await this.take(entry, before.attempt + 1);
				else if (before.process && (await deps.isAlive(before.process))) {
					// n8n runs it in another process that lives on; it has been taken over.
					this.order.push({ seq: entry.seq, settled: true });
				} else if (deps.rerun) await this.take(entry, before.attempt + 1);
				else {
					const event = deps.open(entry);
					if (event) deps.report(event);
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
		if (this.order.length < READ_AHEAD) {
			const entries = await deps.inbox.read(this.position, READ);
			for (const entry of entries) {
				this.position = entry.seq;
				await this.take(entry, 1);
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

	private async take(entry: InboxEntry, attempt: number): Promise<void> {
		const event = this.deps.open(entry);
		const place = { seq: entry.seq, settled: false };
		this.order.push(place);
		if (!event || !this.deps.wants(event)) {
			place.settled = true;
			this.advance();
			return;
		}
		const lane = event.chat ?? '';
		const item: Item = { seq: entry.seq, attempt, event, lane };
		const queue = this.lanes.get(lane);
		if (queue) queue.push(item);
		else this.lanes.set(lane, [item]);
	}

	/** Starts whatever may start now. */
	private pump(): void {
		for (const [lane, queue] of this.lanes) {
			if (this.stopping.signal.aborted || this.inFlight >= this.deps.maxInFlight) return;
			if (this.busy.has(lane)) continue;
			const item = queue.shift();
			if (queue.length === 0) this.lanes.delete(lane);
			if (item) void this.hand(item);
		}
	}

	private async hand(item: Item): Promise<void> {
		const { deps } = this;
		this.inFlight++;
		this.busy.add(item.lane);
		const free = () => {
			if (this.waitingForStart.delete(item.seq)) {
				this.busy.delete(item.lane);
				this.pump();
			}
		};
		this.waitingForStart.set(item.seq, () => {
			if (deps.next === 'start') free();
		});
		let { attempt } = item;
		try {
			for (;;) {
				try {
					await deps.cursors.emitted(deps.trigger, item.seq, attempt);
					this.emitted++;
					await deps.emit(
						{ account: deps.account, trigger: deps.trigger, seq: item.seq, attempt },
						item.event,
					);
					break;
				} catch (error) {
					if (this.stopping.signal.aborted) return;
					deps.log.warn('n8n could not start an execution; trying again', {
						error: errorName(error),
					});
					await deps.clock.sleep(START_RETRY_MS, this.stopping.signal);
					attempt++;
				}
			}
			await this.settle(item.seq);
		} catch (error) {
			// Stopped, or the storage is away: the delivery stays open and is taken up at the next start.
			if (!this.stopping.signal.aborted) {
				deps.log.warn('a delivery stays open', { error: errorName(error) });
			}
		} finally {
			this.inFlight--;
			free();
			this.wake();
			this.pump();
		}
	}

	private async settle(seq: string): Promise<void> {
		const place = this.order.find((each) => each.seq === seq);
		if (place) place.settled = true;
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
