/**
 * Who and what this number knows: chats, contacts and groups with their names, from everything that
 * Baileys tells (history sync, contacts, groups, messages). Kept by the owner in memory and, sealed,
 * in storage, so that names and the list of chats are there right after a restart.
 */
import type {
	BaileysEventMap,
	Chat,
	Contact,
	GroupMetadata,
	WAMessage,
} from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import type { Clock } from '../clock';
import { errorName, type Log } from '../log';
import type { Facts } from '../storage/roles';
import { displayPhone, jidKind, parseJid, userJid } from '../wa/ids';

export type EntryKind = 'person' | 'group' | 'channel';

export interface DirectoryEntry {
	/** Address: LID or phone JID of a person, group or channel id. */
	id: string;
	kind: EntryKind;
	/** Saved name, group subject or channel name. */
	name?: string;
	/** The name a person chose. */
	pushName?: string;
	/** E.164 with +, when known. */
	phone?: string;
	/** The person's other address. */
	alt?: string;
	/** Milliseconds since the epoch of the last message; 0 when there was none. */
	lastAt: number;
	archived?: boolean;
	/** In the address book of the phone. */
	saved?: boolean;
}

const PREFIX = 'directory:';
/** Writes are gathered this long: a history sync tells of thousands in a moment. */
const GATHER_MS = 500;
const AT_ONCE = 500;

export interface DirectoryDeps {
	facts: Facts;
	sealer: Sealer;
	clock: Clock;
	log: Log;
}

export class Directory {
	private readonly entries = new Map<string, DirectoryEntry>();
	private readonly unsaved = new Set<string>();
	private saving: Promise<void> = Promise.resolve();
	private timer?: () => void;

	constructor(private readonly deps: DirectoryDeps) {}

	/** Reads what was stored. */
	async load(): Promise<void> {
		const { facts, sealer, log } = this.deps;
		let names: string[] = [];
		const take = async () => {
			const values = await facts.getMany(names);
			for (const [index, value] of values.entries()) {
				const name = names[index];
				if (!value || name === undefined) continue;
				try {
					const entry = JSON.parse(
						Buffer.from(sealer.open(name, value)).toString('utf8'),
					) as DirectoryEntry;
					// What was learned while loading is newer.
					this.entries.set(entry.id, { ...entry, ...this.entries.get(entry.id) });
				} catch (error) {
					log.warn('a stored contact cannot be read', { error: errorName(error) });
				}
			}
			names = [];
		};
		for await (const name of facts.keys(PREFIX)) {
			names.push(name);
			if (names.length >= AT_ONCE) await take();
		}
		await take();
	}

	/** Learns from one batch of Baileys' events. */
	take(events: Partial<BaileysEventMap>): void {
		const history = events['messaging-history.set'];
		for (const contact of history?.contacts ?? []) this.contact(contact);
		for (const chat of history?.chats ?? []) this.chat(chat);
		for (const message of history?.messages ?? []) this.message(message);
		for (const chat of events['chats.upsert'] ?? []) this.chat(chat);
		for (const chat of events['chats.update'] ?? []) this.chat(chat);
		for (const id of events['chats.delete'] ?? []) this.change(id, { lastAt: 0 });
		for (const contact of events['contacts.upsert'] ?? []) {
			this.contact(contact);
			// Only the address book is told of this way: without a name, somebody was taken out of it.
			if (!contact.name) this.forgetName(contact);
		}
		for (const contact of events['contacts.update'] ?? []) this.contact(contact);
		for (const group of events['groups.upsert'] ?? []) this.group(group);
		for (const group of events['groups.update'] ?? []) this.group(group);
		for (const message of events['messages.upsert']?.messages ?? []) this.message(message);
		const pair = events['lid-mapping.update'];
		if (pair) this.pair(pair.lid, pair.pn);
	}

	/** The entry of an address, in whichever form it was learned. */
	find(jid: string | null | undefined): DirectoryEntry | undefined {
		const id = userJid(jid);
		return id === null ? undefined : this.entries.get(id);
	}

	/** The best name of an address: saved, then chosen. */
	nameOf(jid: string | null | undefined): string | undefined {
		const entry = this.find(jid);
		const other = this.find(entry?.alt);
		return entry?.name || other?.name || entry?.pushName || other?.pushName;
	}

	/** Matches by name or number, those with recent messages first. One entry a person. */
	search(filter: string, limit: number): DirectoryEntry[] {
		const wanted = filter.trim().toLocaleLowerCase();
		const digits = wanted.replace(/\D/g, '');
		const seen = new Set<string>();
		const found: DirectoryEntry[] = [];
		for (const entry of this.entries.values()) {
			if (entry.alt && seen.has(entry.alt)) continue;
			const merged = this.merged(entry);
			const text = `${merged.name ?? ''} ${merged.pushName ?? ''} ${merged.id}`.toLocaleLowerCase();
			const fits =
				wanted === '' ||
				text.includes(wanted) ||
				(digits.length >= 3 && (merged.phone ?? '').includes(digits));
			if (!fits) continue;
			seen.add(entry.id);
			found.push(merged);
		}
		return found
			.sort(
				(a, b) =>
					b.lastAt - a.lastAt ||
					(a.name ?? a.pushName ?? a.id).localeCompare(b.name ?? b.pushName ?? b.id),
			)
			.slice(0, limit);
	}

	get size(): number {
		return this.entries.size;
	}

	/** Resolves when everything learned so far is stored. */
	async flush(): Promise<void> {
		this.timer?.();
		this.timer = undefined;
		this.saving = this.saving.then(() => this.save());
		await this.saving;
	}

	private merged(entry: DirectoryEntry): DirectoryEntry {
		const other = entry.alt ? this.entries.get(entry.alt) : undefined;
		if (!other) return entry;
		return {
			...other,
			...entry,
			name: entry.name || other.name,
			pushName: entry.pushName ?? other.pushName,
			phone: entry.phone ?? other.phone,
			lastAt: Math.max(entry.lastAt, other.lastAt),
			saved: entry.saved || other.saved,
		};
	}

	private change(jid: string | null | undefined, what: Partial<DirectoryEntry>): void {
		const parsed = parseJid(jid);
		if (!parsed) return;
		const kind = kindOf(parsed.jid);
		if (!kind) return;
		const before = this.entries.get(parsed.jid);
		const defined = Object.fromEntries(
			Object.entries(what).filter(([, value]) => value !== undefined && value !== null),
		);
		const after: DirectoryEntry = {
			id: parsed.jid,
			kind,
			phone: displayPhone(parsed.jid) ?? undefined,
			lastAt: 0,
			...before,
			...defined,
		};
		if (
			before &&
			Object.entries(after).every(([key, value]) => before[key as keyof DirectoryEntry] === value)
		) {
			return;
		}
		this.entries.set(parsed.jid, after);
		this.unsaved.add(parsed.jid);
		this.timer ??= this.deps.clock.after(GATHER_MS, () => {
			this.timer = undefined;
			void this.flush();
		});
	}

	private pair(lid: string | null | undefined, phone: string | null | undefined): void {
		const [a, b] = [userJid(lid), userJid(phone)];
		if (!a || !b || jidKind(a) !== 'lid' || jidKind(b) !== 'user') return;
		this.change(a, { alt: b, phone: displayPhone(b) ?? undefined });
		if (this.entries.has(b)) this.change(b, { alt: a });
	}

	private contact(contact: Partial<Contact>): void {
		const { id, lid, phoneNumber, name, notify, verifiedName } = contact;
		this.change(id, {
			name: name ?? verifiedName,
			pushName: notify,
			saved: name ? true : undefined,
		});
		this.pair(lid ?? id, phoneNumber ?? id);
	}

	private forgetName({ id, lid, phoneNumber }: Partial<Contact>): void {
		for (const jid of new Set([id, lid, phoneNumber, this.find(id)?.alt])) {
			const entry = this.find(jid);
			if (entry?.saved) this.change(entry.id, { saved: false, name: '' });
		}
	}

	private chat(chat: Partial<Chat>): void {
		const { id, name, conversationTimestamp, archived } = chat;
		this.change(id, {
			name: name ?? undefined,
			lastAt: milliseconds(conversationTimestamp),
			archived: archived ?? undefined,
		});
		const { pnJid, lidJid } = chat as { pnJid?: string | null; lidJid?: string | null };
		this.pair(lidJid ?? id, pnJid ?? id);
	}

	private group({ id, subject }: Partial<GroupMetadata>): void {
		this.change(id, { name: subject });
	}

	private message({ key, messageTimestamp, pushName }: WAMessage): void {
		this.change(key.remoteJid, { lastAt: milliseconds(messageTimestamp) });
		this.pair(key.remoteJid, key.remoteJidAlt);
		this.pair(key.remoteJidAlt, key.remoteJid);
		if (key.fromMe || !pushName) return;
		this.change(key.participant ?? key.remoteJid, { pushName });
		this.pair(key.participant, key.participantAlt);
	}

	private async save(): Promise<void> {
		const { facts, sealer, log } = this.deps;
		const ids = [...this.unsaved];
		this.unsaved.clear();
		try {
			for (let at = 0; at < ids.length; at += AT_ONCE) {
				await Promise.all(
					ids.slice(at, at + AT_ONCE).map(async (id) => {
						const name = PREFIX + id;
						const entry = Buffer.from(JSON.stringify(this.entries.get(id)));
						await facts.set(name, sealer.seal(name, entry));
					}),
				);
			}
		} catch (error) {
			for (const id of ids) this.unsaved.add(id);
			log.warn('contacts and chats could not be stored', { error: errorName(error) });
		}
	}
}

function kindOf(jid: string): EntryKind | undefined {
	switch (jidKind(jid)) {
		case 'user':
		case 'lid':
			return 'person';
		case 'group':
			return 'group';
		case 'newsletter':
			return 'channel';
		default:
			return undefined;
	}
}

/** From seconds as number or Long; undefined for none. */
function milliseconds(seconds: unknown): number | undefined {
	if (seconds === null || seconds === undefined) return undefined;
	const value =
		typeof seconds === 'object' && 'toNumber' in seconds
			? (seconds.toNumber as () => number)()
			: Number(seconds);
	return Number.isFinite(value) && value > 0 ? value * 1_000 : undefined;
}
