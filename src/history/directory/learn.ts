/** What Baileys' events tell of chats, contacts and groups. */
import type {
	BaileysEventMap,
	Chat,
	ChatUpdate,
	Contact,
	GroupMetadata,
	WAMessage,
} from '@whiskeysockets/baileys';
import { num } from '../../wa/read';
import { received } from '../../wa/received';
import { isMessage } from '../project';
import type { Entries } from './entries';

export class Learner {
	constructor(
		private readonly entries: Entries,
		/** The messages of a chat are gone. */
		private readonly emptied: (chat: string) => void,
	) {}

	/** Learns from one batch of Baileys' events. */
	take(events: Partial<BaileysEventMap>): void {
		const history = events['messaging-history.set'];
		for (const { lid, pn } of history?.lidPnMappings ?? []) this.entries.pair(lid, pn);
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
		if (pair) this.entries.pair(pair.lid, pair.pn);
	}

	private contact(contact: Partial<Contact>): void {
		const { id, lid, phoneNumber, name, notify, verifiedName } = contact;
		this.entries.pair(lid ?? id, phoneNumber ?? id);
		const isSomebody = !id?.endsWith('@g.us') && !id?.endsWith('@newsletter');
		this.entries.change(id, {
			name: name ?? verifiedName,
			pushName: notify,
			saved: name && isSomebody ? true : undefined,
		});
	}

	private forgetName({ id, lid, phoneNumber }: Partial<Contact>): void {
		const entry = [id, lid, phoneNumber]
			.map((jid) => this.entries.find(jid))
			.find((each) => each?.saved);
		if (entry) this.entries.change(entry.id, { saved: false, name: '' });
	}

	/** A chat as a history sync brings it. */
	private chat(chat: Partial<Chat>): void {
		const { id, name, conversationTimestamp, unreadCount, markedAsUnread } = chat;
		const { pnJid, lidJid } = chat as { pnJid?: string | null; lidJid?: string | null };
		this.entries.pair(lidJid ?? id, pnJid ?? id);
		const lastAt = milliseconds(conversationTimestamp) ?? 0;
		this.entries.change(id, {
			name: name ?? undefined,
			lastAt: Math.max(this.entries.find(id)?.lastAt ?? 0, lastAt),
			// Whoever has read it since knows better.
			unread: this.entries.find(id)?.unread ?? num(unreadCount) ?? undefined,
			marked: markedAsUnread ?? undefined,
		});
		this.settings(chat);
	}

	/** A change of a chat: by app state, or because a message came (which is counted elsewhere). */
	private update(update: ChatUpdate): void {
		const { id, name, unreadCount } = update;
		this.entries.change(id, { name: name ?? undefined });
		this.settings(update);
		if (update.messages || unreadCount === undefined || unreadCount === null) return;
		if (unreadCount === 0) this.entries.change(id, { unread: 0, marked: false });
		else if (unreadCount < 0) this.entries.change(id, { marked: true });
	}

	private settings(chat: Partial<Chat>): void {
		const { id, archived, pinned, muteEndTime } = chat;
		this.entries.change(id, {
			archived: archived ?? undefined,
			pinned: 'pinned' in chat ? Boolean(num(pinned)) : undefined,
			mutedUntil: 'muteEndTime' in chat ? muted(muteEndTime) : undefined,
		});
	}

	private group({ id, subject }: Partial<GroupMetadata>): void {
		this.entries.change(id, { name: subject });
	}

	private message(message: WAMessage): void {
		const { key, messageTimestamp, pushName } = message;
		// The other form in a copy of an own message may be our own.
		if (!key.fromMe) this.entries.pair(key.remoteJid, key.remoteJidAlt);
		if (isMessage(received(message).kind)) {
			const at = milliseconds(messageTimestamp) ?? 0;
			this.entries.change(key.remoteJid, {
				lastAt: Math.max(this.entries.find(key.remoteJid)?.lastAt ?? 0, at),
			});
		}
		if (key.fromMe || !pushName) return;
		this.entries.pair(key.participant, key.participantAlt);
		this.entries.change(key.participant ?? key.remoteJid, { pushName });
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
