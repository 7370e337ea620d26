/**
 * What stands behind one active trigger: keeps its number wanted and its delivery running until it
 * is closed. Retries inside, because n8n gives a trigger that throws five tries and then leaves it
 * dead while the workflow looks active.
 */
import type { Clock } from './clock';
import { LinkedError } from './errors';
import type { LinkedEvent } from './events';
import { Delivery, type Handed, type Outcome, type Ticket } from './inbound/deliver';
import { openEntry } from './inbound/entries';
import { declare, INTEREST_MS, type Interest } from './inbound/interests';
import { reportInterrupted } from './inbound/interrupted';
import { noteListening } from './inbound/upkeep';
import { errorName, type Log } from './log';
import { forgetListener, noteListener } from './listening';
import type { LinkedNumber } from './number';
import type { Presence } from './ownership/presence';
import type { Hold } from './session/pool';

export interface ListenOptions {
	/** Names this trigger among all that listen to the number. */
	trigger: string;
	/** Opens the number; asked again until it succeeds. */
	open(): Promise<{ hold: Hold<LinkedNumber>; presence: Presence; account: string }>;
	wants(event: LinkedEvent): boolean;
	emit(ticket: Ticket, batch: readonly Handed[]): Promise<Outcome | void>;
	maxInFlight: number;
	next: 'start' | 'end';
	rerun: boolean;
	/** This process, as claims name it. */
	process?: string;
	/** See DeliverDeps. Default 0. */
	batchMs?: number;
	/** What has to be asked for to be heard. */
	interest?: Interest;
	/** Called once, by close(). */
	onClosed?(): void;
	clock: Clock;
	log: Log;
}

const RETRY_MS = 10_000;
/** How long an activation waits for news of wrong settings. */
const FIRST_LOOK_MS = 3_000;

export class Listener {
	private readonly closing = new AbortController();
	private readonly beginning: Promise<void>;
	private hold?: Hold<LinkedNumber>;
	private delivery?: Delivery;
	private cancelSigns: () => void = () => {};
	private stopped?: Promise<void>;
	private closed = false;
	/** Where it goes on after moveTo(). */
	private next?: Promise<Listener | undefined>;

	constructor(private readonly options: ListenOptions) {
		this.beginning = this.begin();
		this.beginning.catch(() => {}); // told by started()
	}

	/**
	 * Resolves when it listens, or goes on trying in the background.
	 * @throws LinkedError for settings that cannot become right by themselves.
	 */
	async started(): Promise<void> {
		const { clock } = this.options;
		const enough = new AbortController();
		await Promise.race([this.beginning, clock.sleep(FIRST_LOOK_MS, enough.signal).catch(() => {})]);
		enough.abort();
	}

	async close(): Promise<void> {
		this.closed = true;
		this.options.onClosed?.();
		await this.stop();
		await (await this.next)?.close();
	}

	/**
	 * Stops here and goes on there: the runtime behind it is being replaced. What is in flight here is
	 * settled there.
	 */
	async moveTo(begin: () => Listener): Promise<void> {
		this.next ??= this.stop().then(() => (this.closed ? undefined : begin()));
		await this.next;
	}

	/** Notes that an execution of an event has ended. */
	async settled(seq: string, attempt: number): Promise<void> {
		const next = await this.next;
		if (next) {
			await next.settled(seq, attempt);
			return;
		}
		await this.beginning;
		await this.hold?.value.storage.cursors.done(this.options.trigger, seq, attempt);
	}

	private async stop(): Promise<void> {
		this.stopped ??= (async () => {
			this.closing.abort();
			this.cancelSigns();
			await this.beginning.catch(() => {});
			await this.delivery?.stop();
			if (!this.hold) return;
			this.hold.value.listeners.delete(this.options.trigger);
			await forgetListener(this.hold.value.storage, this.options.trigger).catch(() => {});
			// What it asks for is forgotten after a while only: n8n may just be restarting.
			this.hold.release();
		})();
		await this.stopped;
	}

	private async begin(): Promise<void> {
		const { log, clock } = this.options;
		for (let tries = 0; !this.closing.signal.aborted; tries++) {
			try {
				await this.listen();
				return;
			} catch (error) {
				const known = LinkedError.from(error);
				if (tries === 0 && known.retry === 'never') throw known;
				log.warn('the number cannot be opened yet; trying again', {
					code: known.code,
					error: errorName(known.cause ?? known),
				});
				await clock.sleep(RETRY_MS, this.closing.signal).catch(() => {});
			}
		}
	}

	private async listen(): Promise<void> {
		const { options } = this;
		const { hold, presence, account } = await options.open();
		if (this.closing.signal.aborted) {
			hold.release();
			return;
		}
		this.hold = hold;
		const { storage, sealer, listeners } = hold.value;
		listeners.set(options.trigger, () => ({
			waiting: this.delivery?.pending ?? 0,
			started: this.delivery?.emitted ?? 0,
		}));
		await this.giveSigns(hold.value);
		this.delivery = new Delivery({
			...options,
			batchMs: options.batchMs ?? 0,
			account,
			inbox: storage.inbox,
			cursors: storage.cursors,
			open: ({ value }) => {
				try {
					return openEntry(sealer, value).event;
				} catch (error) {
					options.log.error('a stored event cannot be read', { error: errorName(error) });
					return undefined;
				}
			},
			settledLate: async (seq, attempt) => await this.settled(seq, attempt),
			isAlive: async (process) => await presence.isAlive(process),
			report: async (event, execution) => {
				options.log.warn('an execution died with n8n and is not run again', { event: event.event });
				const { trigger, clock } = options;
				await reportInterrupted(
					{ inbox: storage.inbox, sealer, clock },
					{ trigger, execution: execution ?? null, lost: event },
				);
			},
		});
		this.delivery.start();
	}

	/** Says that this trigger listens, and what it asks for; again before that is forgotten. */
	private async giveSigns(number: LinkedNumber): Promise<void> {
		const { trigger, process = '', interest, clock, log } = this.options;
		const { storage } = number;
		try {
			await noteListening(storage, trigger, clock.now());
			await noteListener(storage, trigger, process);
			if (interest) {
				await declare(storage.facts, trigger, interest);
				number.lookAtInterests();
			}
		} catch (error) {
			log.warn('a trigger could not say that it listens', { error: errorName(error) });
		}
		if (this.closing.signal.aborted) return;
		this.cancelSigns = clock.after(INTEREST_MS / 2, () => void this.giveSigns(number));
	}
}
