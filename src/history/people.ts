/** People by address, from what is stored; each is looked up once. */
import type { HistoryStore } from '../storage/historyRole';
import { isLid, isPerson, personOf, userJid, type Person } from '../wa/ids';
import { isAlias, nameOf, unpackEntry, type DirectoryEntry } from './entry';
import type { KnownPerson } from './types';

/** The own number. */
export interface Me {
	lid: string | null;
	/** Address by phone number. */
	phone: string | null;
	name: string | null;
}

export class People {
	private readonly known = new Map<string, DirectoryEntry | undefined>();

	constructor(
		private readonly store: Pick<HistoryStore, 'getEntries'>,
		readonly me: Me,
	) {}

	/** Looks several up at once, so that asking for each of them later costs nothing. */
	async prepare(addresses: Iterable<string>): Promise<void> {
		const unknown = [...new Set(addresses)].filter((id) => !this.known.has(id));
		if (unknown.length === 0) return;
		const aliases = new Map<string, string>();
		for (const [index, stored] of (await this.store.getEntries(unknown)).entries()) {
			const id = unknown[index] ?? '';
			const entry = stored && unpackEntry(stored);
			if (entry && isAlias(entry)) aliases.set(id, entry.to);
			else this.known.set(id, entry);
		}
		if (aliases.size === 0) return;
		await this.prepare(aliases.values());
		for (const [id, to] of aliases) this.known.set(id, this.known.get(to));
	}

	/** The entry of an address, in whichever form it is known. */
	async entry(address: string): Promise<DirectoryEntry | undefined> {
		await this.prepare([address]);
		return this.known.get(address);
	}

	/** The form in which an address is known: the LID where there is one. */
	async canonical(address: string): Promise<string> {
		const id = userJid(address) ?? address;
		const { lid, phone } = this.me;
		if (lid && id === phone) return lid;
		return (await this.entry(id))?.id ?? id;
	}

	/** Both forms of an address as far as known, the LID first. */
	async addresses(address: string): Promise<string[]> {
		const id = userJid(address);
		if (id === null) return [];
		const { lid, phone } = this.me;
		const own = id === lid || id === phone ? [lid, phone] : [];
		const entry = await this.entry(id);
		const all = [id, ...own, entry?.id, entry?.alt].filter((each) => each != null);
		return [...new Set(all)].sort((a, b) => Number(isLid(b)) - Number(isLid(a)));
	}

	/** Null when the address is not a person's. */
	async person(address: string): Promise<Person | null> {
		if (address === '' || address === this.me.lid || address === this.me.phone) return this.self();
		if (!isPerson(address)) return null;
		const entry = await this.entry(address);
		return personOf([address, entry?.id, entry?.alt], { name: entry && nameOf(entry) });
	}

	self(): Person | null {
		const { lid, phone, name } = this.me;
		return personOf([lid, phone], { name });
	}
}

/** A person as the directory knows one; null for groups and channels. */
export function knownPerson(entry: DirectoryEntry): KnownPerson | null {
	const { id, alt, name, pushName, saved = false } = entry;
	const person = personOf([id, alt], { name: nameOf(entry) });
	return (
		person && {
			...person,
			savedName: saved ? (name ?? null) : null,
			pushName: pushName ?? null,
			isContact: saved,
		}
	);
}
