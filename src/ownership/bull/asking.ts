/** The caller's end: puts a command into the owner's queue and waits for its answer. */
import { Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import type { Sealer } from '../../auth';
import type { Clock } from '../../clock';
import { LinkedError } from '../../errors';
import type { Command } from '../../operations/types';
import { classify, noAnswer, type Failure } from '../../storage/redis/errors';
import type { CommandResult } from '../relay';
import type { Answers } from './answers';
import { openAnswer, sealRequest } from './letters';
import { queueName, type Wires } from './wires';

/** How long a Redis that is away is waited for, and how long one answer of it. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 100;
/** A connection is not made anew more often than this. */
const RENEW_MS = 10_000;
/** An owner that finds the time up says so itself; its word is better than ours. */
const GRACE_MS = 1_000;

/** Events are of no use here; those of the last jobs help who looks into a queue. */
export const KEPT_EVENTS = 100;

export interface AskingDeps {
	wires: Wires;
	answers: Answers;
	sealer(account: string): Sealer;
	clock: Clock;
}

interface Job {
	letter: string;
}

export class Asking {
	private readonly queues = new Map<string, Queue<Job, null>>();
	private renewed = -Infinity;

	constructor(private readonly deps: AskingDeps) {}

	async request(account: string, command: Command, signal?: AbortSignal): Promise<CommandResult> {
		if (signal?.aborted) throw new LinkedError('cancelled');
		const { answers, clock } = this.deps;
		const sealer = this.deps.sealer(account);
		const id = randomUUID();
		const expected = answers.expect(id);
		try {
			await this.connected(command.deadline, signal);
			const deadline = await this.deps.wires.toShared(command.deadline);
			const letter = sealRequest(sealer, { id, answerTo: answers.name, command, deadline });
			await this.add(account, id, letter, signal);
			const enough = new AbortController();
			const left = command.deadline + GRACE_MS - clock.now();
			const answer = await Promise.race([
				expected.letter,
				clock.sleep(Math.max(0, left), enough.signal).then(
					() => undefined,
					() => undefined,
				),
				aborted(signal, enough.signal),
			]);
			enough.abort();
			if (answer !== undefined) return openAnswer(sealer, id, answer);
			return await this.giveUp(account, id, signal);
		} finally {
			expected.forget();
		}
	}

	async close(): Promise<void> {
		await Promise.all([...this.queues.values()].map(async (queue) => await queue.close()));
		this.queues.clear();
	}

	/** @throws LinkedError `storage-unreachable`: then nothing was asked. */
	private async connected(deadline: number, signal?: AbortSignal): Promise<void> {
		const { clock, wires } = this.deps;
		const until = Math.min(deadline, clock.now() + PATIENCE_MS);
		const { client } = wires.eager;
		while (!client.ready) {
			if (clock.now() >= until) throw noAnswer().error;
			if (signal?.aborted) throw new LinkedError('cancelled');
			await clock.sleep(AGAIN_MS / 4);
		}
	}

	/** Repeats what is in doubt: a job is added once under its id. */
	private async add(
		account: string,
		id: string,
		letter: string,
		signal?: AbortSignal,
	): Promise<void> {
		const { clock } = this.deps;
		const until = clock.now() + PATIENCE_MS;
		let doubtful = false;
		for (;;) {
			let failure: Failure;
			try {
				await within(clock, PATIENCE_MS, this.queue(account).add('command', { letter }, once(id)));
				return;
			} catch (error) {
				failure = classify(error);
				if (error instanceof TimeoutError) this.renew();
			}
			doubtful ||= failure.mayHaveRun;
			if (!failure.passing || clock.now() >= until || signal?.aborted) {
				if (!doubtful) throw failure.error;
				// It may be performed yet, although we cannot hear of it.
				throw new LinkedError('owner-unreachable', {
					detail: failure.error.message,
					cause: failure.error,
				});
			}
			await clock.sleep(AGAIN_MS);
		}
	}

	/** Takes the command back, so that it is not performed when nobody waits any more. */
	private async giveUp(account: string, id: string, signal?: AbortSignal): Promise<never> {
		const taken = this.takeBack(account, id);
		if (signal?.aborted) {
			taken.catch(() => {}); // the deadline ends it, too
			throw new LinkedError('cancelled');
		}
		const untouched = await within(this.deps.clock, PATIENCE_MS / 5, taken).catch(() => false);
		throw new LinkedError('owner-unreachable', {
			detail: untouched ? 'It was not started, and will not be.' : undefined,
		});
	}

	/** True when nobody had begun it. */
	private async takeBack(account: string, id: string): Promise<boolean> {
		const queue = this.queue(account);
		if ((await queue.getJobState(id)) === 'waiting' && (await queue.remove(id)) === 1) return true;
		await queue.add('cancel', { letter: id }, once());
		return false;
	}

	/**
	 * A connection that looks open and answers nothing is made anew: after a long outage node-redis
	 * (5.12) has been seen to keep one for good.
	 */
	private renew(): void {
		const { clock, wires } = this.deps;
		if (clock.now() - this.renewed < RENEW_MS) return;
		this.renewed = clock.now();
		for (const queue of this.queues.values()) queue.close().catch(() => {});
		this.queues.clear();
		wires.renewEager();
	}

	private queue(account: string): Queue<Job, null> {
		let queue = this.queues.get(account);
		if (!queue) {
			const { wires } = this.deps;
			queue = new Queue<Job, null>(queueName('account', account), {
				connection: wires.eager.bull,
				prefix: wires.prefix,
				skipVersionCheck: true,
				streams: { events: { maxLen: KEPT_EVENTS } },
			});
			queue.on('error', () => {}); // told to who asked
			this.queues.set(account, queue);
		}
		return queue;
	}
}

/** Nothing of a job stays when it is done. */
const once = (jobId?: string) => ({ jobId, removeOnComplete: true, removeOnFail: true });

/** Resolves with undefined when `signal` aborts; forgets it when `enough` does. */
function aborted(signal: AbortSignal | undefined, enough: AbortSignal): Promise<undefined> {
	return new Promise((resolve) => {
		signal?.addEventListener('abort', () => resolve(undefined), { once: true, signal: enough });
	});
}

class TimeoutError extends Error {}

async function within<T>(clock: Clock, ms: number, result: Promise<T>): Promise<T> {
	let cancel = () => {};
	const late = new Promise<never>((_, reject) => {
		cancel = clock.after(ms, () => reject(new TimeoutError()));
	});
	result.catch(() => {}); // when it is late nobody waits for it
	try {
		return await Promise.race([result, late]);
	} finally {
		cancel();
	}
}
