/**
 * One linked number in this process: storage, ownership, session, inbound and outbound composed.
 * While this process owns the number it holds the socket; otherwise commands go to the owner.
 */
import { createSealer, type Auth, type Sealer } from './auth';
import { loadBaileys } from './baileys';
import type { Clock } from './clock';
import { LinkedError } from './errors';
import type { History } from './history/types';
import { historyOf } from './historyOf';
import type { Inbound } from './inbound';
import { listListeners } from './listening';
import { errorName, type Log } from './log';
import type { NumberSign } from './numbers';
import { findOperation, type Command, type JsonObject } from './operations';
import { Ownership } from './ownership/ownership';
import { isForNextOwner, type Relay } from './ownership/relay';
import type { ConnectGate } from './session/connectGate';
import type { Pooled } from './session/pool';
import { Session } from './session/session';
import type { AccountSettings } from './settings';
import { describeSession, readStatus, summaryOf, writeStatus } from './status';
import type { AccountStorage, Fence } from './storage/roles';
import { Tenure } from './tenure';
import { versions } from './versions';

export interface NumberDeps {
	storage: AccountStorage;
	/** True when other processes may own the number. */
	shared: boolean;
	/** n8n's encryption key. */
	secret: string;
	/** Names this process. */
	holder: string;
	/** Carries commands between processes; absent for storage that is not shared. */
	relay?: Relay;
	/** Kind and state of the storage. */
	storageState(): JsonObject;
	/** Whether the n8n process of this name lives. */
	isAlive(process: string): Promise<boolean>;
	/** Leaves a sign of the number for those who list numbers, or takes it away. */
	note(sign: NumberSign | undefined): Promise<void>;
	/** All numbers known to this process. */
	numbers(): Promise<JsonObject[]>;
	/** Shared by all numbers of the process. */
	gate: ConnectGate;
	clock: Clock;
	log: Log;
}

/** After SIGTERM n8n allows 30 s; what is under way gets this much of it. */
const FINISH_MS = 10_000;
/** How long a command waits to learn who owns the number. */
const SETTLE_MS = 15_000;
/** How long is left to bring what was received into the inbox; the journal holds the rest. */
const FLUSH_MS = 5_000;
/** How long those who read wait for a number that is being connected. */
const CATCH_UP_MS = 10_000;
/** A command that found the number changing hands looks again this much later. */
const AGAIN_MS = 100;

export class LinkedNumber implements Pooled {
	readonly session: Session;
	readonly ownership: Ownership;
	readonly sealer: Sealer;
	/** What the number knows; any process may ask. */
	readonly history: History;
	private settings: AccountSettings;
	private tenure?: Tenure;
	private closing = false;
	/** The triggers that listen in this process, by name: events that wait, executions started. */
	readonly listeners = new Map<string, () => { waiting: number; started: number }>();

	constructor(
		settings: AccountSettings,
		private readonly deps: NumberDeps,
	) {
		const { storage, clock, log } = deps;
		this.settings = settings;
		this.sealer = createSealer(deps.secret, settings.account);
		this.history = historyOf(storage, this.sealer, clock);
		this.ownership = new Ownership({
			lease: storage.lease,
			holder: deps.holder,
			clock,
			log: log.room('ownership'),
			onGained: async (fence) => await this.gained(fence),
			onLost: async () => await this.lost(),
		});
		this.ownership.onChange(({ name }) => {
			// Who may have to take the number over has loaded what that needs: it is a second of work.
			if (name === 'elsewhere') void loadBaileys().catch(() => {});
		});
		this.session = new Session({
			settings: () => this.settings,
			openAuth: async () => await this.openAuth(),
			mayWrite: () => this.tenure?.holds ?? false,
			gate: deps.gate,
			hooks: {
				getMessage: async (key) => await this.inbound?.getMessage(key),
				groupMetadata: async (jid) => await this.inbound?.groupMetadata(jid),
				wrapRepository: (repository, auth) =>
					this.inbound?.wrapRepository(repository, auth) ?? repository,
				onSocket: (socket, auth) => {
					this.inbound?.attach(socket, auth);
					this.tenure?.outbound.attach(socket);
				},
				onEvents: (events) => this.inbound?.take(events),
			},
			clock,
			log: log.room('session'),
		});
		this.session.onState((state) => {
			this.keepStatus();
			this.inbound?.state(state);
			this.tenure?.safety.state(state);
		});
	}

	private get inbound(): Inbound | undefined {
		return this.tenure?.inbound;
	}

	get storage(): AccountStorage {
		return this.deps.storage;
	}

	/** Takes over edited credential settings; they count from the next connection on. */
	update(settings: AccountSettings): void {
		this.settings = settings;
	}

	/** A trigger asks for something new; the owner looks soon anyway, in whichever process. */
	lookAtInterests(): void {
		void this.inbound?.interests.look();
	}

	async open(): Promise<void> {
		await this.ownership.want();
	}

	/**
	 * Connects the number, and waits a bounded time until it has what came while it was away. For
	 * those who read: whatever stands in the way, they read what there is. Never throws.
	 */
	async caughtUp(signal?: AbortSignal): Promise<void> {
		try {
			await this.open();
			const owner = await this.ownership.settled(CATCH_UP_MS, signal);
			if (owner.name !== 'held') return;
			const settled = (name: string) => name !== 'connecting' && name !== 'closed';
			await this.session.waitFor(({ name }) => settled(name), CATCH_UP_MS, signal);
			await this.inbound?.idle();
		} catch (error) {
			this.deps.log.info('the history is read without a connection', { error: errorName(error) });
		}
	}

	/** Finishes what is under way, closes the socket, flushes, releases the lease. Never logs out. */
	async close(): Promise<void> {
		this.closing = true;
		const { relay, clock } = this.deps;
		const served = relay?.stopServing(this.settings.account, 'finish');
		await this.quietly(this.tenure?.outbound.idle(FINISH_MS));
		const enough = new AbortController();
		const late = clock.sleep(FLUSH_MS, enough.signal).catch(() => {});
		// What does not end although it is called off is left to the next owner.
		await this.quietly(served && Promise.race([served, late]));
		await this.quietly(this.session.close());
		await this.quietly(Promise.race([this.tenure?.idle(), late]));
		enough.abort();
		this.tenure?.stop();
		await this.ownership.release();
		if (this.tenure) this.tenure.over = true;
	}

	/** One step of closing that fails must not keep the others from being done. */
	private async quietly(step: Promise<unknown> | undefined): Promise<void> {
		await step?.catch((error: unknown) => {
			this.deps.log.warn('a step of closing failed', { error: errorName(error) });
		});
	}

	/**
	 * Performs a command in the process that owns the number, once per idempotency key. When the
	 * number changes hands meanwhile, the next owner performs it.
	 * @throws LinkedError
	 */
	async submit(command: Command, signal?: AbortSignal): Promise<JsonObject | JsonObject[]> {
		const { relay, clock } = this.deps;
		await this.open();
		for (;;) {
			const left = command.deadline - clock.now();
			try {
				const owner = await this.ownership.settled(Math.min(SETTLE_MS, left), signal);
				if (owner.name === 'held') return await this.performHere(command, signal);
				if (!relay || owner.name === 'none') throw new LinkedError('owner-unreachable');
				return await relay.request(this.settings.account, command, signal);
			} catch (error) {
				if (signal?.aborted) throw new LinkedError('cancelled');
				const known = LinkedError.from(error);
				if (this.closing || !isForNextOwner(known, false)) throw known;
				if (clock.now() >= command.deadline) throw new LinkedError('owner-unreachable');
			}
			await clock.sleep(AGAIN_MS);
		}
	}

	/** The owner's end of submit(). */
	async performHere(command: Command, signal?: AbortSignal): Promise<JsonObject | JsonObject[]> {
		await this.started;
		const { tenure } = this;
		if (!tenure?.holds) throw new LinkedError('lease-lost');
		if (findOperation(command.operation)?.needs === 'socket') this.session.hurry();
		try {
			return await tenure.outbound.submit(command, signal);
		} catch (error) {
			const known = LinkedError.from(error);
			throw tenure.over && isForNextOwner(known, true)
				? new LinkedError('lease-lost', { cause: known })
				: known;
		}
	}

	/** Everything worth knowing when "nothing arrives". */
	async status(): Promise<JsonObject> {
		const owner = this.ownership.state;
		const { storage, isAlive } = this.deps;
		const triggers = (await listListeners(storage, isAlive)).map((each) => ({
			...each,
			// Known in the process of the trigger only.
			...(this.listeners.get(each.trigger)?.() ?? { waiting: null, started: null }),
		}));
		const more = {
			queues: this.queues,
			triggers,
			storage: this.deps.storageState(),
			versions: { ...versions() },
		};
		const whole = (known: JsonObject): JsonObject => {
			const { triggers: _short, ...status } = known;
			return { summary: summaryOf(status, triggers), ...status, ...more };
		};
		if (owner.name === 'held') return whole(this.describe());
		const stored = await readStatus(storage.facts);
		if (owner.name === 'elsewhere') return whole({ ...stored, owner: owner.holder });
		// Whoever wrote it is gone.
		return whole({ ...stored, state: 'closed', owner: null });
	}

	/** What this process knows without asking anybody. */
	glimpse(): JsonObject {
		return { ...this.describe(), storage: this.deps.storageState() };
	}

	private get queues(): JsonObject {
		return {
			// Without the one that asks.
			commandsUnderWay: Math.max(0, (this.tenure?.outbound.length ?? 0) - 1),
			notInInboxYet: this.inbound?.journalSize ?? 0,
			waitingForDecryption: this.inbound?.waitingFor ?? 0,
		};
	}

	/** Resolves when a gained lease has led to a started session (or an error). */
	private started: Promise<void> = Promise.resolve();

	private beginTenure(fence: Fence): Tenure {
		const { storage, secret, clock, log } = this.deps;
		const tenure: Tenure = new Tenure(fence, {
			settings: () => this.settings,
			session: this.session,
			storage,
			sealer: this.sealer,
			secret,
			current: () => this.ownership.fence,
			status: async () => await this.status(),
			numbers: async () => await this.deps.numbers(),
			erase: async () => await this.erase(tenure),
			history: this.history,
			onStorageFailure: (error, of) => this.onStorageFailure(error, of),
			clock,
			log,
		});
		this.tenure = tenure;
		return tenure;
	}

	private async gained(fence: Fence): Promise<void> {
		const tenure = this.beginTenure(fence);
		this.started = this.session.start();
		await this.started;
		if (tenure.over) return;
		await this.deps.relay?.serve(
			this.settings.account,
			async (command, signal) => await this.performHere(command, signal),
		);
	}

	/** Everything of the number goes, what is in memory too: it would be written again. */
	private async erase(tenure: Tenure): Promise<void> {
		await tenure.end();
		const fence = await this.ownership.retake(async () => await this.deps.storage.erase());
		if (fence) this.beginTenure(fence);
		await this.deps.note(undefined);
	}

	private async lost(): Promise<void> {
		const { tenure } = this;
		if (!tenure) return;
		tenure.abandon();
		await Promise.all([
			this.session.abandon(),
			this.quietly(this.deps.relay?.stopServing(this.settings.account, 'drop')),
		]);
	}

	private async openAuth(): Promise<Auth> {
		const { tenure } = this;
		if (!tenure || tenure.over) throw new LinkedError('lease-lost');
		return await tenure.open();
	}

	private onStorageFailure(error: LinkedError, tenure: Tenure): void {
		if (tenure.over) return;
		if (error.code === 'lease-lost') this.ownership.refused(tenure.fence);
		else this.session.fail(error);
	}

	/** Stored by the owner, so that every process can show it. */
	private keepStatus(): void {
		if (!this.tenure?.holds) return;
		const status = this.describe();
		const { since } = status;
		const sign = { state: this.session.state.name, since: String(since), owner: this.deps.holder };
		const written = [writeStatus(this.deps.storage.facts, status), this.deps.note(sign)];
		Promise.all(written).catch((error: unknown) => {
			this.deps.log.warn('the status could not be stored', { error: errorName(error) });
		});
	}

	private describe(): JsonObject {
		const { state } = this.session;
		const stored = state.name === 'unlinked' ? undefined : this.tenure?.auth?.state.creds.me;
		return {
			...describeSession(this.session, stored),
			owner: this.tenure?.holds ? this.deps.holder : null,
			inbound: this.inbound ? { ...this.inbound.counters } : null,
		};
	}
}
