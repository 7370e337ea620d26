/**
 * Send and Wait: questions asked in chats, whose executions sleep in n8n until the answer is there.
 * One watch a number, in a process that can let executions go on; it holds the number as a trigger
 * does. What is open survives restarts (see marks.ts).
 */
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import { instanceType } from '../host';
import { errorName, type Log } from '../log';
import type { AccountSettings } from '../settings';
import type { AccountStorage } from '../storage/roles';
import type { Marks } from './marks';
import { QuestionBook } from './question';
import { resume } from './resume';
import { QuestionWatch } from './watch';

/** The number, held for as long as its answers are looked for. */
export interface Held {
	value: { storage: AccountStorage; sealer: Sealer };
	release(): void;
}

export interface QuestionsDeps {
	hold(settings: AccountSettings): Promise<Held>;
	marks: Marks;
	clock: Clock;
	log: Log;
}

const RETRY_MS = 30_000;

export class Questions {
	private readonly watches = new Map<
		string,
		{ look(): void; stop(): void; ended: Promise<void> }
	>();
	private stopped = false;

	constructor(private readonly deps: QuestionsDeps) {}

	/** A question of this number is open: looks for its answer from now on. */
	async expect(settings: AccountSettings): Promise<void> {
		await this.deps.marks.put(settings);
		// A worker cannot let an execution go on; the main process sees the mark.
		if (instanceType() !== 'worker') this.watch(settings);
	}

	/** Takes up what was open when n8n stopped, and what other processes ask from now on. */
	async recover(): Promise<void> {
		await this.watchMarked();
		this.deps.marks.onPut(() => void this.watchMarked());
	}

	/** Looks no more; everything stays open. */
	async stop(): Promise<void> {
		this.stopped = true;
		const watches = [...this.watches.values()];
		for (const watch of watches) watch.stop();
		await Promise.all(watches.map(async ({ ended }) => await ended));
		await this.deps.marks.close();
	}

	private async watchMarked(): Promise<void> {
		try {
			for (const settings of await this.deps.marks.all()) this.watch(settings);
		} catch (error) {
			this.deps.log.warn('open questions could not be looked up', { error: errorName(error) });
		}
	}

	private watch(settings: AccountSettings): void {
		if (this.stopped) return;
		const { account } = settings;
		const running = this.watches.get(account);
		if (running) {
			running.look();
			return;
		}
		const stopping = new AbortController();
		let look = () => {};
		const ended = this.run(settings, stopping.signal, (again) => (look = again)).finally(() => {
			this.watches.delete(account);
		});
		this.watches.set(account, { look: () => look(), stop: () => stopping.abort(), ended });
	}

	/** Watches until nothing is open; a number that cannot be opened now is tried again. */
	private async run(
		settings: AccountSettings,
		signal: AbortSignal,
		onLook: (look: () => void) => void,
	): Promise<void> {
		const { hold, marks, clock, log } = this.deps;
		while (!signal.aborted) {
			let held: Held | undefined;
			try {
				held = await hold(settings);
				const { storage, sealer } = held.value;
				const book = new QuestionBook(storage.facts, sealer);
				const { inbox } = storage;
				const watch = new QuestionWatch({ book, inbox, sealer, resume, clock, log });
				signal.addEventListener('abort', () => watch.stop(), { once: true });
				if (signal.aborted) return;
				onLook(() => watch.look());
				await watch.run();
				if (signal.aborted) return;
				await marks.remove(settings);
				// One may have been asked in between.
				if ((await book.all()).length === 0) return;
				await marks.put(settings);
			} catch (error) {
				log.warn('answers cannot be looked for yet; trying again', { error: errorName(error) });
				await clock.sleep(RETRY_MS, signal).catch(() => {});
			} finally {
				held?.release();
			}
		}
	}
}

export { openMarks } from './openMarks';
export { QuestionBook, type Answer, type AskedQuestion } from './question';
export { STILL_WAITING } from './resume';
