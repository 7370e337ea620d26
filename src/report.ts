/**
 * What one number says of itself: to those who ask why nothing arrives, and to other processes, for
 * whom the owner stores the short form.
 */
import type { Clock } from './clock';
import { listListeners } from './listening';
import { errorName, type Log } from './log';
import type { NumberSign } from './numbers';
import type { JsonObject } from './operations';
import type { Ownership } from './ownership/ownership';
import type { Session } from './session/session';
import { describeSession, readStatus, summaryOf, writeStatus } from './status';
import type { AccountStorage } from './storage/roles';
import type { Tenure } from './tenure';
import { versions } from './versions';

/** Events that wait for executions, and executions started. */
export type Progress = { waiting: number; started: number };

export interface ReportDeps {
	session: Session;
	ownership: Ownership;
	storage: AccountStorage;
	/** Names this process. */
	holder: string;
	tenure(): Tenure | undefined;
	/** The triggers that listen in this process, by name. */
	listeners: ReadonlyMap<string, () => Progress>;
	/** Kind and state of the storage. */
	storageState(): JsonObject;
	isAlive(process: string): Promise<boolean>;
	note(sign: NumberSign): Promise<void>;
	clock: Clock;
	log: Log;
}

export class Report {
	constructor(private readonly deps: ReportDeps) {}

	/** Everything worth knowing when "nothing arrives". */
	async whole(): Promise<JsonObject> {
		const { storage, isAlive, ownership, listeners } = this.deps;
		const owner = ownership.state;
		const triggers = (await listListeners(storage, isAlive)).map((each) => ({
			...each,
			// Known in the process of the trigger only.
			...(listeners.get(each.trigger)?.() ?? { waiting: null, started: null }),
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

	/** Stored by the owner, so that every process can show it. */
	keep(): void {
		const { session, storage, holder, note, log, tenure } = this.deps;
		if (!tenure()?.holds) return;
		const status = this.describe();
		const sign = { state: session.state.name, since: String(status.since), owner: holder };
		Promise.all([writeStatus(storage.facts, status), note(sign)]).catch((error: unknown) => {
			log.warn('the status could not be stored', { error: errorName(error) });
		});
	}

	private get queues(): JsonObject {
		const { inbound, outbound } = this.deps.tenure() ?? {};
		return {
			// Without the one that asks.
			commandsUnderWay: Math.max(0, (outbound?.length ?? 0) - 1),
			notInInboxYet: inbound?.journalSize ?? 0,
			waitingForDecryption: inbound?.waitingFor ?? 0,
		};
	}

	private describe(): JsonObject {
		const { session, holder } = this.deps;
		const tenure = this.deps.tenure();
		const stored = session.state.name === 'unlinked' ? undefined : tenure?.auth?.state.creds.me;
		return {
			...describeSession(session, stored),
			owner: tenure?.holds ? holder : null,
			inbound: tenure?.inbound ? { ...tenure.inbound.counters } : null,
			historySync: tenure?.inbound?.history.syncing ?? null,
		};
	}
}
