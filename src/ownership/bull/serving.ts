/** The owner's end: takes commands for one account out of its queue and answers who asked. */
import { Queue, WaitingError, Worker, type Job } from 'bullmq';
import type { Sealer } from '../../auth';
import type { Clock } from '../../clock';
import { LinkedError } from '../../errors';
import { errorName, type Log } from '../../log';
import { isForNextOwner, type Perform } from '../relay';
import { KEPT_EVENTS } from './asking';
import { openRequest, sealAnswer, type Answer, type Request } from './letters';
import { queueName, type Wires } from './wires';

/** Lanes do the ordering and pacing; a command that waits there must not keep others out. */
const AT_ONCE = 10_000;
/** A dead owner's commands are free for the next one when this has passed (the lease's time too). */
const LOCK_MS = 10_000;
const LOOK_FOR_STALLED_MS = 3_000;
/** BullMQ asks again at once after some failures, a full Redis for example. */
const BREATH_MS = 1_000;
const ANSWERS_KEPT = 2_000;
const ANSWERS_KEPT_MS = 10 * 60_000;
const ANSWER_AGAIN_MS = 500;

export interface ServingDeps {
	account: string;
	perform: Perform;
	wires: Wires;
	sealer: Sealer;
	clock: Clock;
	log: Log;
}

interface Data {
	letter: string;
}

export class Serving {
	private readonly worker: Worker<Data, null>;
	/** Holds the settings of the queue: how many events it keeps. */
	private readonly queue: Queue<Data, null>;
	private readonly underWay = new Map<string, AbortController>();
	/** When the end of an asker's answers was last put off. */
	private readonly expiries = new Map<string, number>();
	private over: 'finish' | 'drop' | undefined;

	constructor(private readonly deps: ServingDeps) {
		const { wires, account } = deps;
		const name = queueName('account', account);
		const common = {
			connection: wires.calm.bull,
			prefix: wires.prefix,
			skipVersionCheck: true,
		};
		this.queue = new Queue(name, { ...common, streams: { events: { maxLen: KEPT_EVENTS } } });
		this.queue.on('error', () => {});
		this.worker = new Worker<Data, null>(name, async (job) => await this.process(job), {
			...common,
			concurrency: AT_ONCE,
			lockDuration: LOCK_MS,
			stalledInterval: LOOK_FOR_STALLED_MS,
			// Deadlines end what comes back again and again.
			maxStalledCount: 1_000_000,
			runRetryDelay: BREATH_MS,
		});
		this.worker.on('error', (error) => this.onError(error));
	}

	/** Resolves when commands are taken. */
	async ready(): Promise<void> {
		await this.worker.waitUntilReady();
	}

	/** See Relay.stopServing. */
	async stop(how: 'finish' | 'drop'): Promise<void> {
		this.over = how;
		if (how === 'drop') {
			for (const command of this.underWay.values()) command.abort(new LinkedError('lease-lost'));
		}
		await this.worker.close(how === 'drop');
		await this.queue.close();
	}

	private async process(job: Job<Data, null>): Promise<null> {
		if (job.name === 'cancel') {
			this.underWay.get(job.data.letter)?.abort(new LinkedError('cancelled'));
			return null;
		}
		const { wires, clock, sealer } = this.deps;
		const id = job.id ?? '';
		if (this.over) await this.giveBack(job);
		const request = openRequest(sealer, id, job.data.letter);
		const deadline = await wires.fromShared(request.deadline);
		// Nobody waits for the answer any more.
		if (clock.now() > deadline) return null;
		const controller = new AbortController();
		this.underWay.set(id, controller);
		let answer: Answer;
		try {
			const command = { ...request.command, deadline };
			answer = { result: await this.deps.perform(command, controller.signal) };
		} catch (error) {
			const known = LinkedError.from(error);
			if (isForNextOwner(known, this.over === 'drop')) await this.giveBack(job);
			if (known.code === 'unexpected') this.logUnexpected(request, known);
			answer = { error: known.toJSON() };
		} finally {
			this.underWay.delete(id);
		}
		await this.answer(request, answer, deadline);
		return null;
	}

	/** Puts it back into the queue. @throws always */
	private async giveBack(job: Job<Data, null>): Promise<never> {
		// When that fails its lock runs out, which has the same effect, later.
		await job.moveToWait(job.token).catch(() => {});
		// This process must not be the one that takes it out again.
		if (!this.over) this.breathe();
		throw new WaitingError();
	}

	private async answer(request: Request, answer: Answer, deadline: number): Promise<void> {
		const { wires, clock, sealer, log } = this.deps;
		const key = `${wires.prefix}:${request.answerTo}:events`;
		const fields = {
			event: 'answer',
			id: request.id,
			answer: sealAnswer(sealer, request.id, answer),
		};
		for (;;) {
			try {
				// What BullMQ's QueueEventsProducer does.
				await wires.calm.bull.xadd(key, '*', fields, { MAXLEN: ANSWERS_KEPT, approximate: true });
				this.letExpire(key);
				return;
			} catch (error) {
				if (clock.now() > deadline || this.over === 'drop') {
					log.warn('an answer could not be given', { error: errorName(error) });
					return;
				}
				await clock.sleep(ANSWER_AGAIN_MS);
			}
		}
	}

	/** Answers that nobody read go away; looked after now and then, not with each of them. */
	private letExpire(key: string): void {
		const now = this.deps.clock.now();
		if (now - (this.expiries.get(key) ?? -Infinity) < ANSWERS_KEPT_MS / 10) return;
		for (const [other, at] of this.expiries) {
			if (now - at > ANSWERS_KEPT_MS) this.expiries.delete(other);
		}
		this.expiries.set(key, now);
		this.deps.wires.calm.client.expire(key, ANSWERS_KEPT_MS).catch(() => {
			this.expiries.delete(key);
		});
	}

	private onError(error: Error): void {
		this.deps.log.debug('the queue of commands has trouble', { error: errorName(error) });
		if (!this.over) this.breathe();
	}

	private breathe(): void {
		if (this.worker.isPaused()) return;
		void this.worker.pause(true);
		this.deps.clock.after(BREATH_MS, () => {
			if (!this.over) void this.worker.resume();
		});
	}

	private logUnexpected({ command }: Request, { cause }: LinkedError): void {
		this.deps.log.error('a command failed unexpectedly', {
			operation: command.operation,
			error: errorName(cause),
		});
	}
}
