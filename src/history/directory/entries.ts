/**
 * The entries of the directory in memory and in storage: one for each chat and person, under the LID
 * where there is one. Writes are gathered.
 */
import type { Clock } from '../../clock';
import { LinkedError } from '../../errors';
import { errorName, type Log } from '../../log';
import type { HistoryStore } from '../../storage/historyRole';
import type { Fence } from '../../storage/roles';
import { displayPhone, isLid, isPhoneJid, parseJid, userJid } from '../../wa/ids';
import {
	chatKindOf,
	isAlias,
	packAlias,
	packEntry,
	unpackEntry,
	type DirectoryEntry,
} from '../entry';

/** Writes are gathered this long: a history sync tells of thousands in a moment. */
const GATHER_MS = 200;
const AT_ONCE = 500;

export interface EntriesDeps {
	store: Pick<HistoryStore, 'listEntries' | 'setEntries'>;
	fence(): Fence | undefined;
	/** A person with messages under the phone number turned out to have a LID. */
	joined(phone: string, lid: string): void;
	clock: Clock;
	log: Log;
}

/** Whether any of these is not known yet. */
function hasNews(before: DirectoryEntry, what: Partial<DirectoryEntry>): boolean {
	for (const name of Object.keys(what) as Array<keyof DirectoryEntry>) {
		const value = what[name];
		if (value !== undefined && value !== null && value !== before[name]) return true;
	}
	return false;
}

export class Entries {
	private readonly entries = new Map<string, DirectoryEntry>();
	/** Phone number's address to LID. */
	private readonly aliases = new Map<string, string>();
	private readonly unsaved = new Set<string>();
	private saving: Promise<void> = Promise.resolve();
	private timer?: () => void;

	constructor(private readonly deps: EntriesDeps) {}

	/** Reads what was stored. */
	async load(): Promise<void> {
		const { store, log } = this.deps;
		let after;
		for (;;) {
			const page = await store.listEntries(after, AT_ONCE);
			for (const stored of page) {
				try {
					const entry = unpackEntry(stored);
					if (isAlias(entry)) this.aliases.set(entry.id, entry.to);
					// What was learned while loading is newer.
					else this.entries.set(entry.id, { ...entry, ...this.entries.get(entry.id) });
				} catch (error) {
					log.warn('a stored contact cannot be read', { error: errorName(error) });
				}
			}
			after = page.at(-1);
			if (page.length < AT_ONCE) return;
		}
	}

	get size(): number {
		return this.entries.size;
	}

	all(): DirectoryEntry[] {
		return [...this.entries.values()];
	}

	/** The entry of an address, in whichever form it was learned. */
	find(jid: string | null | undefined): DirectoryEntry | undefined {
		const id = userJid(jid);
		return id === null ? undefined : this.entries.get(this.aliases.get(id) ?? id);
	}

	/** The form in which an address is known, without asking anybody: the LID where there is one. */
	canonical(jid: string): string {
		const id = userJid(jid) ?? jid;
		return this.aliases.get(id) ?? id;
	}

	/** Forgets everybody. */
	clear(): void {
		this.entries.clear();
		this.aliases.clear();
		this.unsaved.clear();
	}

	/** Resolves when everything learned so far is stored. */
	async flush(): Promise<void> {
		this.timer?.();
		this.timer = undefined;
		if (this.unsaved.size === 0) return await this.saving;
		this.saving = this.saving.then(() => this.save());
		await this.saving;
	}

	/**
	 * What is undefined or null in `what` stays as it is.
	 * @param always stores it even if nothing is new
	 */
	change(jid: string | null | undefined, what: Partial<DirectoryEntry>, always = false): void {
		const parsed = parseJid(jid);
		const kind = parsed && chatKindOf(parsed.jid);
		if (!parsed || !kind) return;
		const id = this.aliases.get(parsed.jid) ?? parsed.jid;
		const before = this.entries.get(id);
		const phone = before?.phone ?? displayPhone(id) ?? undefined;
		if (before && before.phone === phone && !always && !hasNews(before, what)) return;
		const after = { id, kind, phone, lastAt: 0, ...before } satisfies DirectoryEntry;
		const fields: Partial<Record<string, unknown>> = after;
		for (const [name, value] of Object.entries(what)) {
			if (value !== undefined && value !== null) fields[name] = value;
		}
		this.entries.set(id, after);
		this.unsaved.add(id);
		this.saveSoon();
	}

	private saveSoon(): void {
		this.timer ??= this.deps.clock.after(GATHER_MS, () => {
			this.timer = undefined;
			void this.flush();
		});
	}

	/** The list does not show a last message of this chat any more. */
	withoutLast(id: string, what: Partial<DirectoryEntry> = {}): void {
		const entry = this.entries.get(id);
		if (!entry) return;
		this.entries.set(id, { ...entry, last: undefined });
		this.change(id, what, true);
	}

	/** Both forms of one person's address: from now on the LID has all that is known. */
	pair(first: string | null | undefined, second: string | null | undefined): void {
		const both = [userJid(first), userJid(second)];
		const lid = both.find(isLid);
		const phone = both.find(isPhoneJid);
		if (!lid || !phone || this.aliases.get(phone) === lid) return;
		const byPhone = this.entries.get(phone);
		const byLid = this.entries.get(lid);
		this.aliases.set(phone, lid);
		this.unsaved.add(phone);
		if (byPhone) {
			this.entries.delete(phone);
			if (byPhone.lastAt > 0) this.deps.joined(phone, lid);
		}
		const newer = (byPhone?.lastAt ?? 0) > (byLid?.lastAt ?? 0) ? byPhone : byLid;
		this.change(lid, {
			...byPhone,
			...byLid,
			...(newer?.last ? { last: newer.last } : {}),
			id: lid,
			alt: phone,
			phone: displayPhone(phone) ?? undefined,
			lastAt: newer?.lastAt ?? 0,
			unread: byLid?.unread ?? byPhone?.unread,
			saved: byLid?.saved ?? byPhone?.saved,
		});
	}

	private async save(): Promise<void> {
		const { store, fence, log } = this.deps;
		const ids = [...this.unsaved];
		this.unsaved.clear();
		try {
			for (let at = 0; at < ids.length; at += AT_ONCE) {
				const part = ids.slice(at, at + AT_ONCE).flatMap((id) => {
					const to = this.aliases.get(id);
					if (to !== undefined) return packAlias({ id, to });
					const entry = this.entries.get(id);
					return entry ? packEntry(entry) : [];
				});
				await store.setEntries(part, fence());
			}
		} catch (error) {
			for (const id of ids) this.unsaved.add(id);
			if (LinkedError.from(error).code === 'lease-lost') return;
			this.saveSoon();
			log.warn('contacts and chats could not be stored', { error: errorName(error) });
		}
	}
}
