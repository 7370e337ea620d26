/**
 * Keeps the inbox from growing for ever: old events go, and cursors of triggers that nobody has used
 * for a month. What an active trigger has not read yet stays longer, and its end is not silent.
 */
import type { Clock } from '../clock';
import { Hourly } from '../hourly';
import type { Log } from '../log';
import type { AccountStorage } from '../storage/roles';

const DAY_MS = 24 * 60 * 60_000;
/** Events older than this go. */
const KEEP_MS = 7 * DAY_MS;
/** What an active trigger has not read stays this long. */
const KEEP_UNREAD_MS = 28 * DAY_MS;
/** A trigger that has not listened for this long begins anew when it comes back. */
const FORGET_TRIGGER_MS = 30 * DAY_MS;
/** A trigger that listened within this time is active. */
const ACTIVE_MS = DAY_MS;

const PREFIX = 'listened:';

/** Notes that a trigger listens. Listeners say it at their start and every hour. */
export async function noteListening(
	storage: AccountStorage,
	trigger: string,
	now: number,
): Promise<void> {
	await storage.facts.set(PREFIX + trigger, Buffer.from(String(now)));
}

export interface UpkeepDeps {
	storage: AccountStorage;
	clock: Clock;
	log: Log;
}

export class Upkeep {
	private readonly hourly: Hourly;

	constructor(private readonly deps: UpkeepDeps) {
		const { clock, log } = deps;
		const work = async () => await this.run();
		this.hourly = new Hourly({ work, failed: 'old events could not be removed', clock, log });
	}

	/** Does it now and then every hour. */
	async start(): Promise<void> {
		await this.hourly.start();
	}

	stop(): void {
		this.hourly.stop();
	}

	/** Once. Returns how many events were removed. */
	async run(): Promise<number> {
		const { storage, clock, log } = this.deps;
		const now = clock.now();
		let before = now - KEEP_MS;
		for (const trigger of await storage.cursors.list()) {
			const listened = await this.lastListened(trigger, now);
			if (now - listened > FORGET_TRIGGER_MS) {
				await storage.cursors.remove(trigger);
				await storage.facts.delete([PREFIX + trigger]);
				log.info('a trigger that is no longer used was forgotten', { trigger });
				continue;
			}
			if (now - listened > ACTIVE_MS) continue;
			const [unread] = await storage.inbox.read((await storage.cursors.get(trigger)) ?? '', 1);
			if (!unread || unread.at >= now - KEEP_MS) continue;
			log.warn('a trigger is more than a week behind; its events are kept longer', { trigger });
			before = Math.min(before, Math.max(unread.at, now - KEEP_UNREAD_MS));
			if (unread.at < now - KEEP_UNREAD_MS) {
				log.error('a trigger is four weeks behind and loses its oldest events', { trigger });
			}
		}
		return await storage.inbox.trim(before);
	}

	private async lastListened(trigger: string, now: number): Promise<number> {
		const bytes = await this.deps.storage.facts.get(PREFIX + trigger);
		const known = bytes ? Number(Buffer.from(bytes).toString('utf8')) : NaN;
		if (Number.isFinite(known)) return known;
		// From an older version: its time begins now.
		await noteListening(this.deps.storage, trigger, now);
		return now;
	}
}
