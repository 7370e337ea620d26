/**
 * Keeps what happens: everything Baileys tells becomes changes of messages, which are written one
 * batch after another. What comes while a batch is written goes into the next one.
 *
 * Who waits for take() knows that it is stored. Everything may be told again (after a crash the
 * journal tells what was not settled): writing it again changes nothing, see merge.ts.
 */
import type { WAMessage } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import type { HistoryStore } from '../storage/historyRole';
import type { Fence } from '../storage/roles';
import type { Directory } from './directory';
import {
	concerns,
	effectsOf,
	placeOf,
	type Effect,
	type EffectDeps,
	type Happened,
} from './effects';
import { unpack, type Item, type Who } from './item';
import { receipted, received, type ReceiptKind } from './merge';
import { Outcomes, type MessageEffect, type Outcome } from './outcomes';
import type { Place } from './project';
import type { KeyedWords } from './words';

/** So much is prepared and written at a time; in between everything else has its turn. */
const STEP = 200;
const RETRY_MS = 1_000;

export interface KeeperDeps extends EffectDeps {
	store: HistoryStore;
	words: KeyedWords;
	directory: Directory;
	fence(): Fence | undefined;
	clock: Clock;
	log: Log;
}

interface Job {
	effects: AsyncIterator<Effect> | Iterator<Effect>;
	done(): void;
}

export class Keeper {
	/** What comes now is written before what is left of the past. */
	private readonly now: Job[] = [];
	private readonly past: Job[] = [];
	private working?: Promise<void>;
	private stopped = false;

	private readonly outcomes: Outcomes;

	constructor(private readonly deps: KeeperDeps) {
		this.outcomes = new Outcomes(deps);
	}

	/** Resolves when it is stored (or the keeper was stopped). Nothing when it changes no message. */
	take(happened: Happened): Promise<void> | undefined {
		if (!concerns(happened)) return undefined;
		const queue = happened['messaging-history.set'] ? this.past : this.now;
		return this.add(effectsOf(happened, this.deps), queue);
	}

	place(): Place {
		return placeOf(this.deps);
	}

	/** An own message before it goes out: it is there even if this process dies with it. */
	async sending(message: WAMessage): Promise<void> {
		await this.take({ 'messages.upsert': { messages: [message], type: 'append' } });
	}

	/** Somebody got, read or played own messages; milliseconds since the epoch. */
	async receipt(
		chat: string,
		ids: readonly string[],
		who: Who,
		kind: ReceiptKind,
		at: number,
	): Promise<void> {
		const { directory } = this.deps;
		const place = directory.canonical(chat);
		const person = directory.canonical(who);
		await this.add(
			ids
				.map((id) => ({
					chat: place,
					id,
					change: (before: Item | undefined) =>
						before?.fromMe ? receipted(before, person, kind, at, person === place) : undefined,
				}))
				.values(),
		);
	}

	/** Another number was linked: what the former one knew is nobody's business. */
	async clear(): Promise<void> {
		const all: Effect[] = [{ clear: true }];
		await this.add(all.values());
	}

	/** Messages that were kept under a person's phone number belong to the LID. */
	async join(phone: string, lid: string): Promise<void> {
		await this.add([{ join: phone, to: lid }].values(), this.past);
	}

	/** Joins what a former process knew to be one person's and did not get to. */
	async tidy(): Promise<void> {
		for (const chat of await this.deps.store.chats()) {
			const known = this.deps.directory.canonical(chat);
			if (known !== chat) await this.join(chat, known);
		}
	}

	/** Waits until everything taken so far is stored. */
	async idle(): Promise<void> {
		await this.working;
	}

	stop(): void {
		this.stopped = true;
	}

	private async add(effects: Job['effects'], queue = this.now): Promise<void> {
		const stored = new Promise<void>((done) => queue.push({ effects, done }));
		this.working ??= this.work();
		await stored;
	}

	private async work(): Promise<void> {
		// What is taken in the same moment is written together.
		await Promise.resolve();
		for (;;) {
			const [past] = this.past;
			if (this.now.length > 0) await this.finish(this.now.splice(0));
			else if (past) {
				if (await this.step(past)) this.past.shift()?.done();
				await breath();
			} else break;
		}
		this.working = undefined;
	}

	/** All of these jobs. */
	private async finish(jobs: readonly Job[]): Promise<void> {
		const batch: MessageEffect[] = [];
		for (const job of jobs) while (!(await this.gather(job, batch))) await this.write(batch);
		await this.write(batch);
		// What the list of chats says of them is stored too, or a killed process would have counted wrong.
		await this.deps.directory.flush();
		for (const { done } of jobs) done();
	}

	/** A part of a job; true when that was all. */
	private async step(job: Job): Promise<boolean> {
		const batch: MessageEffect[] = [];
		const ended = await this.gather(job, batch);
		await this.write(batch);
		return ended;
	}

	/** Fills the batch; true when there is no more. Chats are dropped and joined on the way. */
	private async gather({ effects }: Job, batch: MessageEffect[]): Promise<boolean> {
		while (batch.length < STEP) {
			try {
				const next = await effects.next();
				if (next.done || this.stopped) return true;
				const effect = next.value;
				if ('id' in effect) batch.push(effect);
				else {
					await this.write(batch);
					if ('drop' in effect) await this.drop(effect.drop);
					else if ('clear' in effect) await this.empty();
					else await this.move(effect.join, effect.to);
				}
			} catch (error) {
				this.deps.log.error('what happened is not in the history', { error: errorName(error) });
				return true;
			}
		}
		return false;
	}

	/** Until it succeeds, or never can. */
	private async patiently(work: () => Promise<void>): Promise<void> {
		while (!this.stopped) {
			try {
				await work();
				return;
			} catch (error) {
				const known = LinkedError.from(error);
				// The next owner finds in the journal what is not settled.
				if (known.code === 'lease-lost') this.stopped = true;
				else if (known.retry !== 'later' || known.code === 'unexpected') {
					this.deps.log.error('a part of the history could not be kept', {
						error: errorName(error),
					});
					return;
				} else {
					this.deps.log.warn('the history waits for the storage', { error: known.code });
					await this.deps.clock.sleep(RETRY_MS);
				}
			}
		}
	}

	/** Writes the batch and empties it. */
	private async write(full: MessageEffect[]): Promise<void> {
		const batch = full.splice(0);
		if (batch.length === 0) return;
		const outcomes = batch.map((): Outcome => ({}));
		const changes = batch.map((effect, index) =>
			this.outcomes.changeOf(effect, outcomes[index] ?? {}),
		);
		const tell = () => {
			for (const [index, effect] of batch.entries()) {
				this.outcomes.tell(effect, outcomes[index] ?? {});
			}
		};
		await this.patiently(async () => {
			const stored = this.deps.store.change(changes, this.deps.fence());
			// Embedded storage has made them by now, and what the list of chats says of them is committed
			// with them.
			tell();
			const listed = outcomes[0]?.told ? this.deps.directory.flush() : undefined;
			await stored;
			tell();
			await listed;
		});
	}

	private async empty(): Promise<void> {
		this.deps.directory.clear();
		await this.patiently(async () => await this.deps.store.clear());
	}

	private async drop(chat: string): Promise<void> {
		await this.patiently(async () => await this.deps.store.drop(chat));
		this.deps.directory.emptied(chat);
	}

	/** First they are in the new place, then they go from the old one: in between they are in both. */
	private async move(from: string, to: string): Promise<void> {
		await this.patiently(async () => {
			const { store, fence } = this.deps;
			let after: number | undefined;
			for (;;) {
				const page = await store.page({ chat: from, after, order: 'oldest', limit: STEP });
				after = page.at(-1)?.position;
				if (page.length === 0) break;
				const changes = page.map(({ id, body }) => {
					const item = unpack(body);
					const named = { ...item, from: item.from };
					const change = (before: Item | undefined) => received(before, named);
					return this.outcomes.changeOf({ chat: to, id, change }, {});
				});
				await store.change(changes, fence());
				await breath();
			}
			await store.drop(from);
		});
	}
}

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));
