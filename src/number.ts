/**
 * One linked number in this process: storage, ownership, session, inbound and outbound composed.
 * While this process owns the number it holds the socket; otherwise commands go to the owner.
 */
import { createSealer, type Auth, type Sealer } from './auth';
import { loadBaileys } from './baileys';
import { LinkedError } from './errors';
import type { History } from './history/types';
import { historyOf } from './historyOf';
import type { Inbound } from './inbound';
import { errorName } from './log';
import type { NumberDeps } from './numberDeps';
import { findOperation, type Command, type JsonObject } from './operations';
import { Ownership } from './ownership/ownership';
import { isForNextOwner } from './ownership/relay';
import { Report, type Progress } from './report';
import type { Pooled } from './session/pool';
import { Session } from './session/session';
import type { AccountSettings } from './settings';
import type { AccountStorage, Fence } from './storage/roles';
import { Tenure } from './tenure';

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
	readonly listeners = new Map<string, () => Progress>();
	private readonly report: Report;

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
			shared: deps.shared,
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
				getMessage: async (key) => await this.inbound?.messages.find(key),
				groupMetadata: async (jid) => await this.inbound?.groups.get(jid),
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
		this.report = new Report({
			...{ session: this.session, ownership: this.ownership, storage, holder: deps.holder },
			...{ tenure: () => this.tenure, listeners: this.listeners, clock, log },
			storageState: () => deps.storageState(),
			isAlive: async (process) => await deps.isAlive(process),
			note: async (sign) => await deps.note(sign),
		});
		this.session.onState((state) => {
			this.report.keep();
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

	/** A person is linking it: closing would take the code away that is being scanned. */
	get isBusy(): boolean {
		return this.session.isLinking;
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
			return await tenure.whileOwned(tenure.outbound.submit(command, signal));
		} catch (error) {
			const known = LinkedError.from(error);
			throw tenure.over && isForNextOwner(known, true)
				? new LinkedError('lease-lost', { cause: known })
				: known;
		}
	}

	/** Everything worth knowing when "nothing arrives". */
	async status(): Promise<JsonObject> {
		return await this.report.whole();
	}

	/** What this process knows without asking anybody. */
	glimpse(): JsonObject {
		return this.report.glimpse();
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
		try {
			await this.ownership.retake(async () => await this.deps.storage.erase());
		} finally {
			// Also for whoever asks once more, after a failure.
			const { fence } = this.ownership;
			if (fence) this.beginTenure(fence);
		}
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
}
