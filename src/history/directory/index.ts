/**
 * Who and what this number knows: chats, contacts and groups with their names, from everything that
 * Baileys tells (history sync, contacts, groups, messages). Kept by the owner in memory and in
 * storage, so that names and the list of chats are there right after a restart and for everybody.
 */
import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { isLid, isPhoneJid } from '../../wa/ids';
import { byRecency, isShown, matcher, nameOf, type DirectoryEntry } from '../entry';
import type { LastMessage } from '../types';
import { Entries, type EntriesDeps } from './entries';
import { Learner } from './learn';

export type { DirectoryEntry, EntriesDeps as DirectoryDeps };

/** What a chat is when its messages were read. */
const READ = { unread: 0, marked: false };

export class Directory {
	private readonly entries: Entries;
	private readonly learner: Learner;

	constructor(deps: EntriesDeps) {
		this.entries = new Entries(deps);
		this.learner = new Learner(this.entries, (chat) => this.emptied(chat));
	}

	/** Reads what was stored. */
	async load(): Promise<void> {
		await this.entries.load();
	}

	/** Learns from one batch of Baileys' events. */
	take(events: Partial<BaileysEventMap>): void {
		this.learner.take(events);
	}

	/** The entry of an address, in whichever form it was learned. */
	find(jid: string | null | undefined): DirectoryEntry | undefined {
		return this.entries.find(jid);
	}

	/** The form in which an address is known, without asking anybody: the LID where there is one. */
	canonical(jid: string): string {
		return this.entries.canonical(jid);
	}

	/** Notes that these are addresses of the same person. */
	learn(...addresses: string[]): void {
		if (addresses.length > 1) this.entries.pair(addresses.find(isLid), addresses.find(isPhoneJid));
	}

	/** The best name of an address: saved, then chosen. */
	nameOf(jid: string | null | undefined): string | undefined {
		const entry = this.find(jid);
		return entry && nameOf(entry);
	}

	/** Matches by name or number, those with recent messages first. One entry a person. */
	search(filter: string, limit: number): DirectoryEntry[] {
		const fits = matcher(filter);
		return this.entries
			.all()
			.filter((entry) => isShown(entry) && fits(entry))
			.sort(byRecency)
			.slice(0, limit);
	}

	/** Forgets everybody. */
	clear(): void {
		this.entries.clear();
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
		const unread = (before?.unread ?? 0) + 1;
		this.entries.change(chat, {
			...(isNewer ? { last: message } : {}),
			lastAt: Math.max(before?.lastAt ?? 0, message.at),
			...(live && !message.fromMe ? { unread } : {}),
			...(live && message.fromMe && isNewer ? READ : {}),
		});
	}

	/** Messages of this chat disappear, or none does any more. */
	disappearing(chat: string, is: boolean): void {
		if ((this.find(chat)?.timer ?? false) !== is) this.entries.change(chat, { timer: is });
	}

	/** Chats with messages that disappear. */
	get withTimer(): string[] {
		return this.entries
			.all()
			.filter(({ timer }) => timer)
			.map(({ id }) => id);
	}

	/** A message was edited or deleted; what the list shows of it changes if it is the last one. */
	changed(chat: string, message: LastMessage): void {
		if (this.find(chat)?.last?.id === message.id) this.entries.change(chat, { last: message });
	}

	/** A message is gone; the list does not show it any more. */
	forgot(chat: string, id: string): void {
		const entry = this.find(chat);
		if (entry?.last?.id === id) this.entries.withoutLast(entry.id);
	}

	/** The messages of a chat are gone; up to a time, if one is given (milliseconds since the epoch). */
	emptied(chat: string, before = Infinity): void {
		const entry = this.find(chat);
		if (!entry?.last || entry.last.at >= before) return;
		this.entries.withoutLast(entry.id, before === Infinity ? { lastAt: 0, unread: 0 } : {});
	}

	/** Its messages were read, here or on another device. */
	read(chat: string): void {
		if (this.find(chat)) this.entries.change(chat, READ);
	}

	/** Resolves when everything learned so far is stored. */
	async flush(): Promise<void> {
		await this.entries.flush();
	}
}
