/**
 * The composition root: one per process, however many nodes, workflows and copies of this package
 * there are. n8n loads new code beside old when the package is updated, so what must exist once per
 * process (the pool of numbers, the open storages) hangs on one small versioned global object; code
 * of another version finds it there and either shares it or, when its shape changed, closes it in
 * good order before making its own.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createSealer } from './auth';
import { claim } from './claims';
import { systemClock, type Clock } from './clock';
import type { LinkedEvent } from './events';
import { exampleOf } from './example';
import { encryptionKey } from './host';
import type { Outcome, Ticket } from './inbound/deliver';
import { declare, type Interest } from './inbound/interests';
import type { Envelope } from './inbound/envelope';
import { Listener, type ListenOptions } from './listener';
import { createLog, errorName, type Log } from './log';
import { LinkedNumber } from './number';
import { NumberList } from './numbers';
import type { JsonObject } from './operations';
import { openMarks, QuestionBook, Questions, type Answer, type AskedQuestion } from './questions';
import { ConnectGate } from './session/connectGate';
import { Pool, type Hold } from './session/pool';
import type { AccountSettings } from './settings';
import { openStorage, storageName } from './storage/open';
import { describeStorage } from './status';
import type { Storage } from './storage/roles';
import type { Relay } from './ownership/relay';
import { Presence } from './ownership/presence';

const GLOBAL = Symbol.for('n8n-nodes-whatsapp-linked');
/** Raise it when the shape of Runtime, LinkedNumber or Pool changes incompatibly. */
const VERSION = 1;

/** n8n ends triggers before the executions they started; a saved workflow restarts its trigger. */
const LINGER_MS = 60_000;

export interface OpenStorage {
	storage: Storage;
	relay?: Relay;
	presence: Presence;
	list: NumberList;
}

export class Runtime {
	readonly version = VERSION;
	/** Names this process to others: readable for people, unique. */
	readonly process = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
	private readonly pool: Pool<LinkedNumber>;
	private readonly gate: ConnectGate;
	private readonly storages = new Map<string, Promise<OpenStorage>>();
	private closed?: Promise<void>;
	private questions?: Questions;

	constructor(
		private readonly clock: Clock = systemClock,
		readonly log: Log = createLog(),
		/** The runtime of another version in this process, being closed: no number is opened before. */
		private readonly before: Promise<void> = Promise.resolve(),
	) {
		this.gate = new ConnectGate(clock);
		this.pool = new Pool({ clock, log, lingerMs: LINGER_MS });
	}

	/**
	 * The number of this credential, opened once per process and shared. Release the hold when done.
	 * @throws LinkedError when storage or encryption key cannot be used.
	 */
	async hold(settings: AccountSettings): Promise<Hold<LinkedNumber>> {
		const open = await this.storage(settings);
		const { storage, relay, presence, list } = open;
		const { account } = settings;
		const secret = encryptionKey();
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
					numbers: async () => await this.numbers(open, account),
					secret,
					holder: this.holder(settings),
					relay,
					gate: this.gate,
					clock: this.clock,
					log: this.log,
				}),
		);
		hold.value.update(settings);
		return hold;
	}

	/**
	 * Who holds the lease of a number. Two addresses of one Redis (`localhost`, `127.0.0.1`) look like
	 * two storages; as one holder they would both open the number's socket and throw each other out.
	 */
	private holder(settings: AccountSettings): string {
		const place = [...this.storages.keys()].indexOf(storageKey(settings));
		return place > 0 ? `${this.process}/${place + 1}` : this.process;
	}

	/**
	 * All numbers of the storages that this process has opened. Only the own one has a name: whoever may
	 * use one credential need not know whose the others are.
	 */
	private async numbers(own: OpenStorage, account: string): Promise<JsonObject[]> {
		const storages = await Promise.allSettled(this.storages.values());
		const found: JsonObject[] = [];
		for (const opened of storages) {
			if (opened.status === 'rejected') continue;
			const { storage, list } = opened.value;
			if (!storage.health().ok) continue;
			for (const { account: of, state, since, owner } of await list.all()) {
				const isOwn = opened.value === own && of === account;
				found.push({ own: isOwn, state, since, owner, storage: storage.kind });
			}
		}
		return found.sort((a, b) => Number(b.own) - Number(a.own));
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
		options: Omit<ListenOptions, 'open' | 'process' | 'clock' | 'log'>,
	): Listener {
		return new Listener({
			...options,
			process: this.process,
			clock: this.clock,
			log: this.log.room('trigger'),
			open: async () => {
				const current = await settings();
				const { presence } = await this.storage(current);
				return { hold: await this.hold(current), presence, account: current.account };
			},
		});
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
	async ended(settings: AccountSettings, { trigger, seq }: Ticket): Promise<void> {
		try {
			const { storage } = await this.reader(settings);
			await storage.cursors.done(trigger, seq);
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
		return {
			storage: storage.account(settings.account),
			sealer: createSealer(encryptionKey(), settings.account),
		};
	}

	/** The storage of this credential, opened once per process. Needs no connection to WhatsApp. */
	async storage(settings: AccountSettings): Promise<OpenStorage> {
		const key = storageKey(settings);
		let opening = this.storages.get(key);
		if (!opening) {
			opening = this.open(settings);
			this.storages.set(key, opening);
			// A failure is not remembered: the next one who asks tries again.
			opening.catch(() => this.storages.delete(key));
		}
		const open = await opening;
		await open.storage.ready();
		return open;
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
		await (await this.book(settings)).put({ ...asked, resume });
		await this.waiting().expect(settings);
	}

	/** What was answered to a question; undefined while it is open. */
	async answerTo(settings: AccountSettings, question: string): Promise<Answer | undefined> {
		return await (await this.book(settings)).answerTo(question);
	}

	/** Takes up questions that were open when n8n stopped. */
	async recoverQuestions(): Promise<void> {
		await this.waiting().recover();
	}

	private async book(settings: AccountSettings): Promise<QuestionBook> {
		const { storage, sealer } = await this.reader(settings);
		return new QuestionBook(storage.facts, sealer);
	}

	private waiting(): Questions {
		return (this.questions ??= new Questions({
			hold: async (settings) => await this.hold(settings),
			marks: openMarks({ clock: this.clock, log: this.log }),
			clock: this.clock,
			log: this.log.room('questions'),
		}));
	}

	/** n8n is stopping: give up every number as soon as nobody uses it. */
	async drain(): Promise<void> {
		await this.questions?.stop();
		await this.pool.drain();
	}

	/** Resolves when numbers that are being given up are given up. */
	async settled(): Promise<void> {
		await this.pool.closed();
	}

	/** Everything in good order: finish, flush, release. */
	async close(): Promise<void> {
		this.closed ??= (async () => {
			await this.questions?.stop();
			await this.pool.close();
			for (const opening of this.storages.values()) {
				try {
					const { storage, relay, presence } = await opening;
					await relay?.close();
					await presence.stop();
					await storage.close();
				} catch (error) {
					this.log.warn('a storage could not be closed', { error: errorName(error) });
				}
			}
			this.storages.clear();
		})();
		await this.closed;
	}

	private async open(settings: AccountSettings): Promise<OpenStorage> {
		await this.before;
		const storage = openStorage(settings.storage, { clock: this.clock, log: this.log });
		try {
			await storage.ready();
		} catch (error) {
			await storage.close().catch(() => {});
			throw error;
		}
		const presence = new Presence(storage, this.process, this.clock);
		await presence.start();
		let relay: Relay | undefined;
		if (settings.storage.kind === 'redis') {
			// require() and not import(): BullMQ is loaded when it is needed, in tests as in n8n.
			/* eslint-disable @typescript-eslint/no-require-imports */
			const { BullRelay } =
				require('./ownership/bullRelay') as typeof import('./ownership/bullRelay');
			/* eslint-enable @typescript-eslint/no-require-imports */
			relay = new BullRelay(settings.storage, {
				process: this.holder(settings),
				secret: encryptionKey(),
				clock: this.clock,
				log: this.log.room('relay'),
			});
		}
		return { storage, relay, presence, list: new NumberList(storage, presence) };
	}
}

/** Same storage, same key. Holds secrets: never logged. */
const storageKey = ({ storage }: AccountSettings): string => storageName(storage);

interface Shared {
	runtime?: Runtime;
}

/** The one runtime of this process. */
export function runtime(): Runtime {
	const holder = globalThis as { [GLOBAL]?: Shared };
	const shared = (holder[GLOBAL] ??= {});
	const before = shared.runtime;
	if (before?.version === VERSION) return before;
	const closed = Promise.resolve(before?.close()).catch(() => {});
	const fresh = new Runtime(systemClock, createLog(), closed);
	shared.runtime = fresh;
	closeOnExit(shared);
	return fresh;
}

const EXIT_HOOK = Symbol.for('n8n-nodes-whatsapp-linked/exit');

/**
 * On SIGTERM n8n closes triggers and then waits for running executions, which may still send. So
 * the signal only starts draining: each number is closed, and its lease released, with its last use.
 */
function closeOnExit(shared: Shared): void {
	const marked = process as unknown as { [EXIT_HOOK]?: true };
	if (marked[EXIT_HOOK]) return;
	marked[EXIT_HOOK] = true;
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => void shared.runtime?.drain());
	}
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
