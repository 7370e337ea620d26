/**
 * The composition root: one per process, however many nodes, workflows and copies of this package
 * there are (shareOne.ts).
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AskedQuestions } from './askedQuestions';
import { createSealer, type Sealer } from './auth';
import { claim } from './claims';
import { systemClock, type Clock } from './clock';
import type { LinkedEvent } from './events';
import { exampleOf } from './example';
import { LinkedError } from './errors';
import { encryptionKey } from './host';
import type { Outcome, Ticket } from './inbound/deliver';
import { declare, type Interest } from './inbound/interests';
import type { Envelope } from './inbound/envelope';
import { Installation, LOOK_MS } from './installed';
import { Listener, type ListenOptions } from './listener';
import { createLog, errorName, type Log } from './log';
import { LinkedNumber } from './number';
import { OpenStorages, storageKey, type OpenStorage } from './openStorages';
import type { JsonObject } from './operations';
import type { Answer, AskedQuestion } from './questions';
import { ConnectGate } from './session/connectGate';
import { Pool, type Hold } from './session/pool';
import type { AccountSettings } from './settings';
import { shareOne, type Former, type Replaceable } from './shareOne';
import { describeStorage } from './status';
import { VERSION } from './version';

/** n8n ends triggers before the executions they started; a saved workflow restarts its trigger. */
const LINGER_MS = 60_000;

/** How long what runs may still use a number of the version before. */
const FINISH_MS = 10_000;

export class Runtime implements Replaceable {
	readonly version: string = VERSION;
	/** Names this process to others: readable for people, unique. */
	readonly process: string;
	private readonly pool: Pool<LinkedNumber>;
	private readonly gate: ConnectGate;
	private readonly storages: OpenStorages;
	/** How each trigger goes on with another runtime. */
	private readonly listening = new Map<Listener, (other: Runtime) => Listener>();
	private closed?: Promise<void>;
	private cancelLook: () => void = () => {};
	private readonly questions: AskedQuestions;
	private key?: string;
	private readonly sealers = new Map<string, Sealer>();

	constructor(
		private readonly clock: Clock = systemClock,
		readonly log: Log = createLog(),
		/** The runtime of another version in this process, being closed: nothing is opened before. */
		former?: Former,
	) {
		this.process = former?.process ?? `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
		this.storages = new OpenStorages({
			process: this.process,
			ready: former?.closed ?? Promise.resolve(),
			clock,
			log,
		});
		this.gate = new ConnectGate(clock);
		this.pool = new Pool({ clock, log, lingerMs: LINGER_MS });
		this.questions = new AskedQuestions({
			hold: async (settings) => await this.hold(settings),
			reader: async (settings) => await this.reader(settings),
			clock,
			log,
		});
	}

	/** Looks from time to time whether the package is still installed; once it is not, calls back. */
	watch(isThere: () => boolean, removed: () => void): void {
		this.cancelLook = this.clock.after(LOOK_MS, () => {
			const isUsed = this.pool.values().length > 0;
			if (isUsed && !isThere()) {
				this.log.warn('the package was removed; connections are closed, numbers stay linked');
				removed();
			} else this.watch(isThere, removed);
		});
	}

	/**
	 * The number of this credential, opened once per process and shared. Release the hold when done.
	 * @throws LinkedError when storage or encryption key cannot be used.
	 */
	async hold(settings: AccountSettings): Promise<Hold<LinkedNumber>> {
		const open = await this.storage(settings);
		const { storage, relay, presence, list } = open;
		const { account } = settings;
		const secret = this.secret();
		const hold = this.pool.hold(
			`${storageKey(settings)}\n${settings.account}`,
			() =>
				new LinkedNumber(settings, {
					storage: storage.account(account),
					shared: storage.shared,
					storageState: () => describeStorage(storage.kind, storage.shared, storage.health()),
					isAlive: async (process) => await presence.isAlive(process),
					note: async (sign) =>
						sign ? await list.note(account, sign) : await list.forget(account),
					numbers: async () => await this.storages.numbers(open, account),
					secret,
					holder: this.storages.holder(settings),
					relay,
					gate: this.gate,
					clock: this.clock,
					log: this.log,
				}),
		);
		hold.value.update(settings);
		return hold;
	}

	/** What this process knows of a number without asking its storage or its owner. */
	glimpse(settings: AccountSettings): JsonObject {
		return this.pool.peek(`${storageKey(settings)}\n${settings.account}`)?.glimpse() ?? {};
	}

	/** Runs a task with the number held. */
	async use<T>(settings: AccountSettings, task: (number: LinkedNumber) => Promise<T>): Promise<T> {
		const hold = await this.hold(settings);
		try {
			return await task(hold.value);
		} finally {
			hold.release();
		}
	}

	/** Listens for one trigger until closed. */
	listen(
		settings: () => Promise<AccountSettings>,
		options: Omit<ListenOptions, 'open' | 'process' | 'clock' | 'log' | 'onClosed'>,
	): Listener {
		const listener = new Listener({
			...options,
			process: this.process,
			clock: this.clock,
			log: this.log.room('trigger'),
			open: async () => {
				const current = await settings();
				const { presence } = await this.storage(current);
				return { hold: await this.hold(current), presence, account: current.account };
			},
			onClosed: () => this.listening.delete(listener),
		});
		this.listening.set(listener, (other) => other.listen(settings, options));
		return listener;
	}

	/** The event of a ticket for this execution; undefined when another execution has it. */
	async claim(
		settings: AccountSettings,
		ticket: Ticket,
		execution: string,
	): Promise<Envelope | undefined> {
		return await claim(
			{ ...(await this.reader(settings)), process: this.process, clock: this.clock },
			ticket,
			execution,
		);
	}

	/** The execution of a ticket has ended, and no trigger of this process knows. Never throws. */
	async ended(settings: AccountSettings, { trigger, seq, attempt }: Ticket): Promise<void> {
		try {
			const { storage } = await this.reader(settings);
			await storage.cursors.done(trigger, seq, attempt);
		} catch (error) {
			this.log.warn('the end of an execution could not be noted', { error: errorName(error) });
		}
	}

	/**
	 * The latest stored event that fits, or the next one; the number is held while waiting.
	 * @throws LinkedError `not-linked` and the like when there can be no next one
	 */
	async nextEvent(
		settings: AccountSettings,
		wants: (event: LinkedEvent) => boolean,
		signal: AbortSignal,
		interest?: Interest,
	): Promise<Envelope | undefined> {
		return await this.use(settings, async (number) => {
			if (interest) {
				await declare(number.storage.facts, `editor/${this.process}`, interest);
				number.lookAtInterests();
			}
			return await exampleOf(number, wants, signal, this.clock);
		});
	}

	private async reader(settings: AccountSettings) {
		const { storage } = await this.storage(settings);
		const { account } = settings;
		let sealer = this.sealers.get(account);
		if (!sealer) this.sealers.set(account, (sealer = createSealer(this.secret(), account)));
		return { storage: storage.account(account), sealer };
	}

	/** n8n's encryption key, which stays the same while n8n runs; it may be in a file. */
	private secret(): string {
		return (this.key ??= encryptionKey());
	}

	/** The storage of this credential, opened once per process. Needs no connection to WhatsApp. */
	async storage(settings: AccountSettings): Promise<OpenStorage> {
		checkInstalled();
		return await this.storages.get(settings);
	}

	/**
	 * Has the answer to this question looked for, and the execution behind its address go on with it,
	 * also after a restart.
	 * @param resume n8n's signed address of the waiting execution
	 */
	async expectAnswer(
		settings: AccountSettings,
		asked: AskedQuestion,
		resume: string,
	): Promise<void> {
		await this.questions.expect(settings, asked, resume);
	}

	/** What was answered to a question; undefined while it is open. */
	async answerTo(settings: AccountSettings, question: string): Promise<Answer | undefined> {
		return await this.questions.answerTo(settings, question);
	}

	/** Takes up questions that were open when n8n stopped. */
	async recoverQuestions(): Promise<void> {
		await this.questions.recover();
	}

	/** n8n is stopping: give up every number as soon as nobody uses it. */
	async drain(): Promise<void> {
		// At once: n8n does not wait for this, and may be gone before open questions have been left.
		const drained = this.pool.drain();
		await this.questions.stop();
		await drained;
	}

	/** Resolves when numbers that are being given up are given up. */
	async settled(): Promise<void> {
		await this.pool.closed();
	}

	/**
	 * Everything in good order: finish, flush, release.
	 * @param successor the runtime of another version; triggers go on with it
	 */
	async close(successor?: Runtime): Promise<void> {
		this.closed ??= (async () => {
			this.cancelLook();
			await this.questions.stop();
			if (successor) await this.moveTo(successor);
			await this.pool.close();
			await this.storages.close();
		})();
		await this.closed;
	}

	private async moveTo(successor: Runtime): Promise<void> {
		if (successor.version !== this.version) {
			this.log.info('another version of the package takes over', { version: successor.version });
		}
		await Promise.all(
			[...this.listening].map(async ([listener, again]) => {
				await listener.moveTo(() => again(successor));
			}),
		);
		const enough = new AbortController();
		await Promise.race([
			this.pool.drain(),
			this.clock.sleep(FINISH_MS, enough.signal).catch(() => {}),
		]);
		enough.abort();
	}
}

/** The one runtime of this process. */
export const runtime = shareOne(VERSION, (former) => {
	const made: Runtime = new Runtime(systemClock, createLog(), former);
	made.watch(
		() => installation.isThere(),
		() => runtime.renew(made),
	);
	return made;
});

const installation = new Installation({ clock: systemClock, copies: () => runtime.copies() });

/**
 * Whether n8n can start executions of our nodes.
 * @throws LinkedError `removed` when the package was removed from this n8n
 */
export function checkInstalled(): void {
	if (!installation.isThere()) throw new LinkedError('removed');
}

export { readTicket } from './claims';
export type { Envelope } from './inbound/envelope';
export type { Listener } from './listener';
export type { LinkedNumber } from './number';
export type { Outcome };
export { openAttachment, type Attachment } from './inbound/attachment';
export { rawMessage } from './inbound/envelope';
export {
	CREDENTIAL,
	parsePhoneDigits,
	readCredential,
	settingsFor,
	type AccountSettings,
} from './settings';
export { servesN8n } from './host';
export { STILL_WAITING, type Answer, type AskedQuestion } from './questions';
