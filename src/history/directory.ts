/**
 * Who and what this number knows: chats, contacts and groups with their names, from everything that
 * Baileys tells (history sync, contacts, groups, messages). Kept by the owner in memory and in
 * storage, so that names and the list of chats are there right after a restart and for everybody.
 */
import type {
	BaileysEventMap,
	Chat,
	ChatUpdate,
	Contact,
	GroupMetadata,
	WAMessage,
} from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';
import type { HistoryStore } from '../storage/historyRole';
import type { Fence } from '../storage/roles';
import { displayPhone, isLid, isPhoneJid, parseJid, userJid } from '../wa/ids';
import { kindOfReceived } from '../wa/kind';
import { num } from '../wa/read';
import {
	byRecency,
	chatKindOf,
	isAlias,
	isShown,
	matcher,
	nameOf,
	packAlias,
	packEntry,
	unpackEntry,
	type DirectoryEntry,
} from './entry';
import { isMessage } from './project';
import type { LastMessage } from './types';

export type { DirectoryEntry };

/** Writes are gathered this long: a history sync tells of thousands in a moment. */
const GATHER_MS = 200;
const AT_ONCE = 500;

export interface DirectoryDeps {
	store: Pick<HistoryStore, 'listEntries' | 'setEntries'>;
	fence(): Fence | undefined;
	/** A person with messages under the phone number turned out to have a LID. */
	joined(phone: string, lid: string): void;
	clock: Clock;
	log: Log;
}

export class Directory {
	private readonly entries = new Map<string, DirectoryEntry>();
	/** Phone number's address to LID. */
	private readonly aliases = new Map<string, string>();
	private readonly unsaved = new Set<string>();
	private saving: Promise<void> = Promise.resolve();
	private timer?: () => void;

	constructor(private readonly deps: DirectoryDeps) {}

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

	/** Learns from one batch of Baileys' events. */
	take(events: Partial<BaileysEventMap>): void {
		const history = events['messaging-history.set'];
		for (const { lid, pn } of history?.lidPnMappings ?? []) this.pair(lid, pn);
		for (const contact of history?.contacts ?? []) this.contact(contact);
		for (const chat of history?.chats ?? []) this.chat(chat);
		for (const chat of events['chats.upsert'] ?? []) this.chat(chat);
		for (const chat of events['chats.update'] ?? []) this.update(chat);
		for (const id of events['chats.delete'] ?? []) this.emptied(id);
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
		return id === null ? undefined : this.entries.get(this.aliases.get(id) ?? id);
	}

	/** The form in which an address is known, without asking anybody: the LID where there is one. */
	canonical(jid: string): string {
		const id = userJid(jid) ?? jid;
		return this.aliases.get(id) ?? id;
	}

	/** Notes that these are addresses of the same person. */
	learn(...addresses: string[]): void {
		if (addresses.length > 1) this.pair(addresses.find(isLid), addresses.find(isPhoneJid));
	}

	/** The best name of an address: saved, then chosen. */
	nameOf(jid: string | null | undefined): string | undefined {
		const entry = this.find(jid);
		return entry && nameOf(entry);
	}

	/** Matches by name or number, those with recent messages first. One entry a person. */
	search(filter: string, limit: number): DirectoryEntry[] {
		const fits = matcher(filter);
		return [...this.entries.values()]
			.filter((entry) => isShown(entry) && fits(entry))
			.sort(byRecency)
			.slice(0, limit);
	}

	/** Forgets everybody. */
	clear(): void {
		this.entries.clear();
		this.aliases.clear();
		this.unsaved.clear();
	}

	get size(): number {
		return this.entries.size;
	}

	/** Whether a message of this time would be the last one of the chat. */
	isNews(chat: string, at: number): boolean {
		return (this.find(chat)?.last?.at ?? 0) < at;
	}

	/** A new message of a chat was kept. @param live it came now: it is unread, or answers what was */
	arrived(chat: string, message: LastMessage, live: boolean): void {
		const before = this.find(chat);
		const isNewer = (before?.last?.at ?? 0) <= message.at;
		this.change(chat, {
			...(isNewer ? { last: message } : {}),
			lastAt: Math.max(before?.lastAt ?? 0, message.at),
		});
		if (!live) return;
		if (!message.fromMe) this.change(chat, { unread: (before?.unread ?? 0) + 1 });
		else if (isNewer) this.read(chat);
	}

	/** Messages of this chat disappear, or none does any more. */
	disappearing(chat: string, is: boolean): void {
		if ((this.find(chat)?.timer ?? false) !== is) this.change(chat, { timer: is });
	}

	/** Chats with messages that disappear. */
	get withTimer(): string[] {
		return [...this.entries.values()].filter(({ timer }) => timer).map(({ id }) => id);
	}

	/** A message was edited or deleted; what the list shows of it changes if it is the last one. */
	changed(chat: string, message: LastMessage): void {
		if (this.find(chat)?.last?.id === message.id) this.change(chat, { last: message });
	}

	/** A message is gone; the list does not show it any more. */
	forgot(chat: string, id: string): void {
		const entry = this.find(chat);
		if (entry?.last?.id !== id) return;
		this.entries.set(entry.id, { ...entry, last: undefined });
		this.change(entry.id, {}, true);
	}

	/** The messages of a chat are gone; up to a time, if one is given (milliseconds since the epoch). */
	emptied(chat: string, before = Infinity): void {
		const entry = this.find(chat);
		if (!entry?.last || entry.last.at >= before) return;
		this.entries.set(entry.id, { ...entry, last: undefined });
		this.change(entry.id, before === Infinity ? { lastAt: 0, unread: 0 } : {}, true);
	}

	/** Its messages were read, here or on another device. */
	read(chat: string): void {
		if (this.find(chat)) this.change(chat, { unread: 0, marked: false });
	}

	/** Resolves when everything learned so far is stored. */
	async flush(): Promise<void> {
		this.timer?.();
		this.timer = undefined;
		if (this.unsaved.size === 0) return await this.saving;
		this.saving = this.saving.then(() => this.save());
		await this.saving;
	}

	private change(
		jid: string | null | undefined,
		what: Partial<DirectoryEntry>,
		always = false,
	): void {
		const parsed = parseJid(jid);
		const kind = parsed && chatKindOf(parsed.jid);
		if (!parsed || !kind) return;
		const id = this.canonical(parsed.jid);
		const before = this.entries.get(id);
		const defined = Object.fromEntries(
			Object.entries(what).filter(([, value]) => value !== undefined && value !== null),
		);
		const after: DirectoryEntry = {
			id,
			kind,
			phone: displayPhone(id) ?? undefined,
			lastAt: 0,
			...before,
			...defined,
		};
		const same =
			before &&
			Object.entries(after).every(([key, value]) => before[key as keyof DirectoryEntry] === value);
		if (same && !always) return;
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

	/** Both forms of one person's address: from now on the LID has all that is known. */
	private pair(first: string | null | undefined, second: string | null | undefined): void {
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

	private contact(contact: Partial<Contact>): void {
		const { id, lid, phoneNumber, name, notify, verifiedName } = contact;
		this.pair(lid ?? id, phoneNumber ?? id);
		const isSomebody = !id?.endsWith('@g.us') && !id?.endsWith('@newsletter');
		this.change(id, {
			name: name ?? verifiedName,
			pushName: notify,
			saved: name && isSomebody ? true : undefined,
		});
	}

	private forgetName({ id, lid, phoneNumber }: Partial<Contact>): void {
		const entry = [id, lid, phoneNumber].map((jid) => this.find(jid)).find((each) => each?.saved);
		if (entry) this.change(entry.id, { saved: false, name: '' });
	}

	/** A chat as a history sync brings it. */
	private chat(chat: Partial<Chat>): void {
		const { id, name, conversationTimestamp, unreadCount, markedAsUnread } = chat;
		const { pnJid, lidJid } = chat as { pnJid?: string | null; lidJid?: string | null };
		this.pair(lidJid ?? id, pnJid ?? id);
		const lastAt = milliseconds(conversationTimestamp) ?? 0;
		this.change(id, {
			name: name ?? undefined,
			lastAt: Math.max(this.find(id)?.lastAt ?? 0, lastAt),
			// Whoever has read it since knows better.
			unread: this.find(id)?.unread ?? num(unreadCount) ?? undefined,
			marked: markedAsUnread ?? undefined,
		});
		this.settings(chat);
	}

	/** A change of a chat: by app state, or because a message came (which is counted elsewhere). */
	private update(update: ChatUpdate): void {
		const { id, name, unreadCount } = update;
		this.change(id, { name: name ?? undefined });
		this.settings(update);
		if (update.messages || unreadCount === undefined || unreadCount === null) return;
		if (unreadCount === 0) this.change(id, { unread: 0, marked: false });
		else if (unreadCount < 0) this.change(id, { marked: true });
	}

	private settings(chat: Partial<Chat>): void {
		const { id, archived, pinned, muteEndTime } = chat;
		this.change(id, {
			archived: archived ?? undefined,
			pinned: 'pinned' in chat ? Boolean(num(pinned)) : undefined,
			mutedUntil: 'muteEndTime' in chat ? muted(muteEndTime) : undefined,
		});
	}

	private group({ id, subject }: Partial<GroupMetadata>): void {
		this.change(id, { name: subject });
	}

	private message({ key, message, messageTimestamp, messageStubType, pushName }: WAMessage): void {
		// The other form in a copy of an own message may be our own.
		if (!key.fromMe) this.pair(key.remoteJid, key.remoteJidAlt);
		if (isMessage(kindOfReceived({ key, message, messageStubType }))) {
			const at = milliseconds(messageTimestamp) ?? 0;
			this.change(key.remoteJid, { lastAt: Math.max(this.find(key.remoteJid)?.lastAt ?? 0, at) });
		}
		if (key.fromMe || !pushName) return;
		this.pair(key.participant, key.participantAlt);
		this.change(key.participant ?? key.remoteJid, { pushName });
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

/** 0 for a chat that is not muted. */
function muted(until: unknown): number {
	const at = num(until);
	// As an unsigned number, -1 is the largest of all.
	return at === null ? 0 : at > 8.64e15 ? -1 : at;
}

/** From seconds as number or Long; undefined for none. */
function milliseconds(seconds: unknown): number | undefined {
	const value = num(seconds);
	return value !== null && value > 0 ? value * 1_000 : undefined;
}
