/**
 * What happens, on its way to those who follow and to the inbox. Alone, something goes on at once; of a
 * burst, what comes within a few milliseconds goes on together. Most of the work behind here is writing,
 * and what is written together costs little more than one alone: the same pages, the same entry of the
 * same chat. Nothing is in danger meanwhile: a message waits in the journal (journal.ts).
 */
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import { tell, type Follower } from './follower';
import { Receiver, type Happened } from './receive';

/** Rounds follow each other no sooner than this; those of a burst. */
const GAP_MS = 2;
const BURST_GAP_MS = 10;

export interface RoundsDeps {
	/** Adds what can be told only when what came before is known. */
	complete(happened: Happened): void;
	followers: readonly Follower[];
	receiver: Pick<Receiver, 'take'>;
	clock: Clock;
	log: Log;
}

interface Waiting {
	happened: Happened;
	/** Whether those who follow hear of it; what other rooms make out is for the inbox alone. */
	followed: boolean;
	done(taken: Promise<void>): void;
}

export class Rounds {
	private waiting: Waiting[] = [];
	/** Set while nothing goes on by itself. */
	private endGap?: () => void;
	/** Journal entries to drop in the same write as what waits; see together(). */
	private drops: string[] = [];
	private turnEnd?: Promise<void>;

	constructor(private readonly deps: RoundsDeps) {}

	/** Resolves when it is in the inbox. */
	async take(happened: Happened, followed: boolean): Promise<void> {
		if (!this.endGap && !this.turnEnd && this.waiting.length === 0) {
			this.beginGap();
			return await this.pass(happened, followed);
		}
		await new Promise<void>((done) => this.waiting.push({ happened, followed, done }));
	}

	/**
	 * What is told from now until the end of this turn of the event loop comes into the inbox in one
	 * write, in which these journal entries are dropped.
	 */
	together(drops: readonly string[]): void {
		this.endGap?.();
		this.endGap = undefined;
		this.drops.push(...drops);
		this.turnEnd ??= new Promise((resolve) => {
			setImmediate(() => {
				this.turnEnd = undefined;
				this.go();
				resolve();
			});
		});
	}

	/** Lets go on what waits. */
	async flush(): Promise<void> {
		await this.turnEnd;
		this.endGap?.();
		this.endGap = undefined;
		if (this.waiting.length > 0) this.go();
	}

	private go(): void {
		const round = this.waiting;
		const { drops } = this;
		this.waiting = [];
		this.drops = [];
		const messages = round.filter(({ happened }) => happened['messages.upsert']);
		this.beginGap(messages.length > 1 ? BURST_GAP_MS : GAP_MS);
		for (const { happened, followed, done } of round) done(this.pass(happened, followed));
		if (drops.length > 0) void this.deps.receiver.take({}, undefined, drops);
	}

	private beginGap(ms = GAP_MS): void {
		this.endGap = this.deps.clock.after(ms, () => {
			this.endGap = undefined;
			if (this.waiting.length > 0) this.go();
		});
	}

	/** Followers first, then the inbox. */
	private async pass(happened: Happened, followed: boolean): Promise<void> {
		const { followers, receiver, complete, log } = this.deps;
		if (!followed) return await receiver.take(happened);
		complete(happened);
		const ready = tell(followers, happened, (error) => {
			log.error('what happened could not be followed', { error: errorName(error) });
		});
		if (Receiver.hears(happened)) await receiver.take(happened, ready);
	}
}
