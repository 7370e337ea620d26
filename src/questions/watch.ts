/**
 * Looks for the answers to the questions of one number and lets their executions go on. Reads the
 * inbox, so it need not live where the socket lives. Several processes may watch the same number: the
 * first answer noted stays, and n8n goes on with an execution once.
 */
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import type { LinkedEvent } from '../events';
import { openEntry } from '../inbound/entries';
import { errorName, type Log } from '../log';
import type { Inbox } from '../storage/roles';
import { answerIn } from './match';
import type { Answer, Question, QuestionBook } from './question';
import type { ResumeOutcome } from './resume';

export interface WatchDeps {
	book: QuestionBook;
	inbox: Inbox;
	sealer: Sealer;
	resume(address: string, method: 'POST' | 'GET'): Promise<ResumeOutcome>;
	clock: Clock;
	log: Log;
}

const READ = 100;
/** Questions that another process asks are found this soon. */
const LOOK_MS = 15_000;
/** How often n8n is asked whether an execution still waits; it may have been stopped or deleted. */
const PROBE_MS = 60 * 60_000;
/** How soon n8n has stored an execution as waiting, usually. */
const STORED_MS = 1_000;
const RETRY_MS = 250;
const MAX_RETRY_MS = 60_000;
/** An answer that n8n does not take for this long is given up. */
const INSIST_MS = 24 * 60 * 60_000;

export class QuestionWatch {
	private readonly stopping = new AbortController();
	/** Questions whose answer is being handed over. */
	private readonly handing = new Set<string>();
	private readonly probed = new Map<string, number>();
	private position?: string;
	private wake: () => void = () => {};

	constructor(private readonly deps: WatchDeps) {}

	/** Looks again soon: something was asked. */
	look(): void {
		this.wake();
	}

	stop(): void {
		this.stopping.abort();
		this.wake();
	}

	/** Resolves when no question is open any more, or when stopped. */
	async run(): Promise<void> {
		const { inbox, clock, log } = this.deps;
		const { signal } = this.stopping;
		const off = inbox.onAppend(() => this.wake());
		try {
			while (!signal.aborted) {
				const woken = new Promise<void>((resolve) => {
					this.wake = resolve;
				});
				let wait = LOOK_MS;
				try {
					const open = await this.deps.book.all();
					if (open.length === 0) return;
					await this.go(open);
					wait = Math.min(LOOK_MS, ...open.map((each) => this.timeLeft(each)));
				} catch (error) {
					log.warn('answers could not be looked for; trying again', { error: errorName(error) });
				}
				const pause = new AbortController();
				await Promise.race([
					woken,
					clock.sleep(Math.max(50, wait), AbortSignal.any([pause.signal, signal])).catch(() => {}),
				]);
				pause.abort();
			}
		} finally {
			off();
		}
	}

	private timeLeft({ until }: Question): number {
		return until === undefined ? LOOK_MS : until - this.deps.clock.now();
	}

	private async go(open: readonly Question[]): Promise<void> {
		const waiting: Question[] = [];
		for (const question of open) {
			if (this.handing.has(question.id)) continue;
			if (await this.deps.book.answerTo(question.id)) this.handOver(question);
			else waiting.push(question);
		}
		await this.readOn(waiting);
		for (const question of waiting) {
			if (this.handing.has(question.id)) continue;
			if (this.timeLeft(question) <= 0) await this.settle(question, this.timeUp(question));
			else await this.probe(question);
		}
	}

	private async readOn(waiting: readonly Question[]): Promise<void> {
		const { inbox } = this.deps;
		// A question that was not known here before may be older than what was read last.
		const oldest = waiting.map(({ after }) => after).sort()[0];
		if (oldest === undefined) return;
		const known = waiting.every(({ id }) => this.probed.has(id));
		let position = known && this.position !== undefined ? this.position : oldest;
		for (;;) {
			const entries = await inbox.read(position, READ);
			for (const { seq, value } of entries) {
				position = seq;
				const event = this.eventOf(value);
				if (event) await this.answer(event, seq, waiting);
			}
			if (entries.length < READ) break;
		}
		this.position = position;
	}

	private async answer(
		event: LinkedEvent,
		seq: string,
		waiting: readonly Question[],
	): Promise<void> {
		for (const question of waiting) {
			if (seq <= question.after || this.handing.has(question.id)) continue;
			const answer = answerIn(event, question);
			if (!answer) continue;
			await this.settle(question, answer);
			// One message answers one question, the oldest; a vote or reply names its own.
			return;
		}
	}

	private eventOf(value: Uint8Array): LinkedEvent | undefined {
		try {
			return openEntry(this.deps.sealer, value).event;
		} catch {
			return undefined;
		}
	}

	private timeUp({ kind }: Question): Answer {
		const at = new Date(this.deps.clock.now()).toISOString();
		const none: Answer = { answered: false, by: null, text: null, from: null, messageId: null, at };
		return kind === 'approval' ? { ...none, approved: false } : none;
	}

	private async settle(question: Question, answer: Answer): Promise<void> {
		await this.deps.book.settle(question.id, answer);
		this.handOver(question);
	}

	private handOver(question: Question): void {
		this.handing.add(question.id);
		this.insist(question)
			.catch((error: unknown) => {
				this.deps.log.warn('an answer could not be handed over; trying again', {
					error: errorName(error),
				});
			})
			.finally(() => {
				this.handing.delete(question.id);
				this.wake();
			});
	}

	/** Until n8n has taken the answer, or there is nobody to take it. */
	private async insist(question: Question): Promise<void> {
		const { clock, book, log } = this.deps;
		const { signal } = this.stopping;
		const since = clock.now();
		// n8n stores an execution as waiting only when its node has ended.
		const early = question.askedAt + STORED_MS - since;
		if (early > 0) await clock.sleep(early, signal).catch(() => {});
		for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, MAX_RETRY_MS)) {
			// It may have been asked again by a repeated execution meanwhile.
			const current = await book.get(question.id);
			if (!current) return;
			const outcome = await this.deps.resume(current.resume, 'POST');
			const gone = outcome === 'gone' || clock.now() - since > INSIST_MS;
			if (outcome === 'resumed' || gone) {
				if (gone) log.warn('an answer came, but the execution that asked is gone');
				await book.remove(question.id);
				this.probed.delete(question.id);
				return;
			}
			await clock.sleep(wait, signal).catch(() => {});
		}
	}

	/** Forgets a question whose execution was stopped or deleted in n8n. */
	private async probe(question: Question): Promise<void> {
		const { clock, book, log } = this.deps;
		const last = this.probed.get(question.id) ?? question.askedAt;
		this.probed.set(question.id, last);
		if (clock.now() - last < PROBE_MS) return;
		this.probed.set(question.id, clock.now());
		if ((await this.deps.resume(question.resume, 'GET')) !== 'gone') return;
		log.info('a question is forgotten: the execution that asked is gone');
		await book.remove(question.id);
		this.probed.delete(question.id);
		this.wake();
	}
}
