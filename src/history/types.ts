/**
 * What the rest of the package may ask of the history of one number. Answers come from storage, so
 * any process may ask, whether or not it holds the connection: a worker reads 10 000 messages itself
 * instead of having the owner send them over.
 *
 * Addresses may be given in any form (LID, phone JID, with or without device); they come back in the
 * one form in which the chat or person is known: the LID where it is known.
 */
import type { WAMessage } from '@whiskeysockets/baileys';
import type { Person } from '../wa/ids';
import type { MessageKind } from '../wa/kinds';
import type { Exported } from './exported/lines';

export type ChatKind = 'person' | 'group' | 'channel' | 'status' | 'broadcast';

/** A person with what is known beyond the name. */
export interface KnownPerson extends Person {
	/** The name in the phone's address book; null when not saved there. */
	savedName: string | null;
	/** The name the person chose. */
	pushName: string | null;
	/** In the address book of the phone. */
	isContact: boolean;
}

export interface LastMessage {
	id: string;
	/** Milliseconds since the epoch. */
	at: number;
	fromMe: boolean;
	/** Kind of content, e.g. `text`; see wa/kinds. */
	kind: string;
	/** The beginning of its text or caption. */
	text: string | null;
}

export interface KnownChat {
	id: string;
	kind: ChatKind;
	/** Saved name, subject or chosen name; null when none is known. */
	name: string | null;
	/** The other side of a direct chat. */
	person: KnownPerson | null;
	/** Milliseconds since the epoch of the last message; 0 when there was none. */
	lastAt: number;
	/** Unread messages; 0 when read. */
	unread: number;
	/** Marked as unread by hand. */
	markedUnread: boolean;
	archived: boolean;
	pinned: boolean;
	/** Milliseconds since the epoch until which it is muted; null when it is not, Infinity for always. */
	mutedUntil: number | null;
	last: LastMessage | null;
}

export interface ChatQuery {
	/** Part of a name or a number. */
	search?: string;
	kinds?: readonly ChatKind[];
	unread?: boolean;
	archived?: boolean;
	/** Only chats with messages: by default contacts without any are there too, at the end. */
	withMessages?: boolean;
	limit?: number;
}

export interface PersonQuery {
	/** Part of a name or a number. */
	search?: string;
	/** Only those in the address book of the phone. */
	saved?: boolean;
	limit?: number;
}

/** Somebody's reaction to a message. */
export interface Reaction {
	from: Person | null;
	fromMe: boolean;
	emoji: string;
	/** Milliseconds since the epoch. */
	at: number;
}

/** Who got, read and played an own message; milliseconds since the epoch. */
export interface KnownReceipt {
	from: Person | null;
	delivered: number | null;
	read: number | null;
	played: number | null;
}

/** Somebody's present vote in a poll, or answer to an event. */
export interface KnownVote {
	from: Person | null;
	fromMe: boolean;
	/** Chosen options of a poll; the answer (`going`, `notGoing`, `maybe`) to an event. */
	options: string[];
	at: number;
}

export interface KnownMessage {
	chat: string;
	id: string;
	/** Milliseconds since the epoch (WhatsApp knows seconds). */
	at: number;
	kind: MessageKind;
	fromMe: boolean;
	/** Who wrote it. */
	from: Person | null;
	/** The author's name in an imported file, where nobody else is known by it. */
	author: string | null;
	/** The message as Baileys knows it, key included; no content when it was deleted. */
	message: WAMessage;
	/** Deleted for everyone: its content is gone. */
	deleted: boolean;
	/** Milliseconds since the epoch of the last edit; null when it was never edited. */
	editedAt: number | null;
	starred: boolean;
	/** From a chat that was exported on the phone and imported here. */
	imported: boolean;
	/** How far an own message has got; null for those of others. */
	status: 'failed' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | null;
	reactions: Reaction[];
	receipts: KnownReceipt[];
	votes: KnownVote[];
}

/** A place in a chat: a time (milliseconds since the epoch), or a message of it. */
export type Edge = { at: number } | { id: string };

export interface MessageQuery {
	/** The chat; all chats when absent. */
	chat?: string;
	/** Only messages before this. A message itself is not included. */
	before?: Edge;
	after?: Edge;
	/** `newest`: from the newest back; `oldest`: from the oldest on. Default `newest`. */
	order?: 'newest' | 'oldest';
	fromMe?: boolean;
	/** Any address of the person who wrote it. */
	from?: string;
	withMedia?: boolean;
	/** At most so many; all of them when absent. */
	limit?: number;
}

export interface SearchQuery extends Omit<MessageQuery, 'order'> {
	/** Words that all occur; "a phrase" in quotes; `begin*` for the beginning of a word. */
	text: string;
	limit: number;
}

export interface SearchResult {
	/** The newest first. */
	messages: KnownMessage[];
	/** False when there are older messages that were not looked at; see `lookedBackTo`. */
	complete: boolean;
	/** How many messages were looked through; null when an index answered. */
	lookedThrough: number | null;
	/** Milliseconds since the epoch: older messages were not looked at; null when complete. */
	lookedBackTo: number | null;
}

export interface ImportResult {
	imported: number;
	alreadyThere: number;
	/** Who in the file is the own number; null when nobody is. */
	ownName: string | null;
	/** Milliseconds since the epoch of the first and last message of the file. */
	from: number;
	to: number;
	/** The newest of those that were imported. */
	last?: LastMessage;
}

export interface History {
	/** Chats, the most recent first. */
	chats(query?: ChatQuery): Promise<KnownChat[]>;
	chat(address: string): Promise<KnownChat | undefined>;
	/** How many messages of a chat are kept. */
	count(chat: string): Promise<number>;
	/** Messages one by one, read in pages while they are asked for. */
	messages(query: MessageQuery): AsyncIterable<KnownMessage>;
	/** A message by WhatsApp's id; the chat is needed only where two chats have the same id. */
	message(id: string, chat?: string): Promise<KnownMessage | undefined>;
	/** The messages that quote this one, oldest first. */
	replies(id: string, chat?: string): Promise<KnownMessage[]>;
	/** @throws LinkedError `bad-parameter` when there is no word in the text. */
	search(query: SearchQuery): Promise<SearchResult>;
	/** People by name: those in the address book first. */
	people(query?: PersonQuery): Promise<KnownPerson[]>;
	/** The person behind any of these addresses; null when none is a person's. */
	person(...addresses: Array<string | null | undefined>): Promise<KnownPerson | null>;
	/**
	 * Takes in a chat that the phone exported; what is there already is not doubled.
	 * @throws LinkedError `bad-parameter` when nobody can tell which author is the own number
	 */
	importChat(
		chat: string,
		exported: Exported,
		options: {
			timeZone: string;
			ownName?: string;
			/** Told how far it is. */
			read?(messages: number, of: number): void;
		},
	): Promise<ImportResult>;
	/** The own number; null while it was never connected. */
	self(): Promise<Person | null>;
	/** Both forms (LID, phone JID) of an address as far as known, the LID first. */
	addresses(address: string): Promise<string[]>;
}
