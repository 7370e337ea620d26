/** What is known of each person and group: in memory once it was needed, written when it changes. */
import { noFacts } from './relation';
import type { Shelf } from './shelf';
import { DAY, type PersonFacts } from './types';

/** Somebody of whom nothing was heard for so long is a stranger again. */
const KEEP_MS = 400 * DAY;
const REMEMBERED = 10_000;

const nameOf = (jid: string) => `person:${jid}`;

export class People {
	private readonly known = new Map<string, PersonFacts>();
	private readonly loading = new Map<string, Promise<PersonFacts>>();

	constructor(private readonly shelf: Shelf) {}

	/**
	 * The facts of one person, the same object until forgotten.
	 * @param other the person's other address, under which something may have been noted before
	 */
	async load(jid: string, other?: string): Promise<PersonFacts> {
		const known = this.known.get(jid);
		if (known) return known;
		let loading = this.loading.get(jid);
		if (!loading) {
			loading = this.read(jid, other).finally(() => this.loading.delete(jid));
			this.loading.set(jid, loading);
		}
		return await loading;
	}

	/** The facts in memory, which may be others than those that were loaded long ago. */
	current(jid: string): PersonFacts | undefined {
		return this.known.get(jid);
	}

	/** Many at once, into memory. */
	async loadAll(people: ReadonlyArray<{ jid: string; other?: string }>): Promise<void> {
		const missing = people.filter(({ jid }) => !this.known.has(jid));
		const names = missing.flatMap(({ jid, other }) => [jid, other ?? jid]).map(nameOf);
		const stored = await this.shelf.read(names);
		for (const [index, { jid }] of missing.entries()) {
			if (this.known.has(jid)) continue;
			this.keep(jid, merged(stored.slice(2 * index, 2 * index + 2)));
		}
	}

	changed(jid: string, person: PersonFacts): void {
		this.keep(jid, person);
		this.shelf.put(nameOf(jid), () => person, KEEP_MS);
	}

	forgetAll(): void {
		this.known.clear();
	}

	private async read(jid: string, other?: string): Promise<PersonFacts> {
		const names = other && other !== jid ? [jid, other] : [jid];
		const person = merged(await this.shelf.read(names.map(nameOf)));
		// Somebody else may have been quicker.
		const meanwhile = this.known.get(jid);
		if (meanwhile) return meanwhile;
		this.keep(jid, person);
		return person;
	}

	private keep(jid: string, person: PersonFacts): void {
		this.known.delete(jid);
		this.known.set(jid, person);
		if (this.known.size <= REMEMBERED) return;
		for (const oldest of this.known.keys()) {
			// What is not written yet must not be read again from storage.
			if (this.shelf.isUnwritten(nameOf(oldest))) continue;
			this.known.delete(oldest);
			return;
		}
	}
}

/** One person's facts from what was noted under each of their addresses. */
function merged(stored: readonly unknown[]): PersonFacts {
	const found = stored.filter((each) => each !== undefined) as Array<Partial<PersonFacts>>;
	const all = found.map((each) => ({ ...noFacts(), ...each }));
	return all.reduce<PersonFacts>(
		(a, b) => ({
			inAt: Math.max(a.inAt, b.inAt),
			outAt: Math.max(a.outAt, b.outAt),
			unanswered: [...new Set([...a.unanswered, ...b.unanswered])].sort((x, y) => x - y),
			begunAt: a.begunAt || b.begunAt,
			established: a.established || b.established,
			member: a.member || b.member,
			pausedUntil: Math.max(a.pausedUntil, b.pausedUntil),
			refusals: Math.max(a.refusals, b.refusals),
			lastIds: [...new Set([...a.lastIds, ...b.lastIds])],
		}),
		noFacts(),
	);
}
