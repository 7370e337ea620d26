/**
 * What triggers ask for beyond the usual: events so frequent that they are stored only on demand,
 * and people whose presence is to be watched. A trigger may live in another process than the socket,
 * so it says so in storage; the owner looks there.
 */
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import type { Facts } from '../storage/roles';

export interface Interest {
	/** Names of events. */
	events: string[];
	/** Addresses of people and groups whose presence is wanted. */
	presence: string[];
}

const PREFIX = 'interest:';
/** A trigger says it anew before this is over; one that is gone is forgotten. */
export const INTEREST_MS = 30 * 60_000;
const LOOK_MS = 60_000;

/** Says what a trigger asks for. */
export async function declare(facts: Facts, trigger: string, interest: Interest): Promise<void> {
	await facts.set(PREFIX + trigger, Buffer.from(JSON.stringify(interest)), INTEREST_MS);
}

export class Interests {
	private events: ReadonlySet<string> = new Set();
	private presence: ReadonlySet<string> = new Set();
	private cancel: () => void = () => {};
	private stopped = false;

	constructor(
		private readonly deps: {
			facts: Facts;
			clock: Clock;
			log: Log;
			/** Somebody whose presence was not wanted before. */
			onPresence(addresses: string[]): void;
		},
	) {}

	isWanted(event: string): boolean {
		return this.events.has(event);
	}

	/** Everybody whose presence is wanted. */
	get watched(): string[] {
		return [...this.presence];
	}

	/** Looks now and then every minute. */
	async look(): Promise<void> {
		const { facts, clock, log } = this.deps;
		this.cancel();
		if (this.stopped) return;
		try {
			const names: string[] = [];
			for await (const name of facts.keys(PREFIX)) names.push(name);
			const found = (await facts.getMany(names)).flatMap((bytes) =>
				bytes ? [JSON.parse(Buffer.from(bytes).toString('utf8')) as Interest] : [],
			);
			const before = this.presence;
			this.events = new Set(found.flatMap(({ events }) => events));
			this.presence = new Set(found.flatMap(({ presence }) => presence));
			const fresh = [...this.presence].filter((each) => !before.has(each));
			if (fresh.length > 0) this.deps.onPresence(fresh);
		} catch (error) {
			log.warn('what triggers ask for could not be read', { error: errorName(error) });
		}
		this.cancel();
		if (!this.stopped) this.cancel = clock.after(LOOK_MS, () => void this.look());
	}

	stop(): void {
		this.stopped = true;
		this.cancel();
	}
}
