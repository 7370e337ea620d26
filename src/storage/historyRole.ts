/**
 * The role of a backend that keeps the history: messages in the order of their time, chat by chat,
 * and what is known of each chat and person ("entries"). It seals whatever it is given before it
 * writes, so that at rest there are addresses, message ids and times in plain, and nothing else.
 *
 * Any process may read and write. A write that depends on what is there (`change`) is atomic for each
 * message, so that two processes cannot undo each other's; a fence makes it the owner's alone.
 */
import type { Fence } from './roles';

/** Encrypts what is stored under a name; see src/auth/seal.ts. */
export interface Sealing {
	seal(name: string, bytes: Uint8Array): Uint8Array;
	/** @throws LinkedError `wrong-key` or `damaged-data` */
	open(name: string, sealed: Uint8Array): Uint8Array;
}

/** For those who only remove. */
export const UNSEALED: Sealing = { seal: (_, bytes) => bytes, open: (_, bytes) => bytes };

/**
 * A place in the order of messages: the second of the message's time, then the order in which
 * messages of that second were stored. Unique within a chat, and the same for every reader; where
 * there is an index, unique within the account.
 */
export type Position = number;

/** So many messages of one second have positions of that second; see `positionOf`. */
export const SLOTS = 16_384;
/** So that positions have 48 bits, with much room behind it. */
const LAST_SECOND = 2 ** 33;

/** The first position of a second (since the epoch). Times before 1970 and after 2242 are moved there. */
export function positionOf(second: number): Position {
	const whole = Number.isFinite(second) ? Math.floor(second) : 0;
	return Math.min(Math.max(0, whole), LAST_SECOND) * SLOTS;
}

/** What of a message is not sealed, as bits. */
export const FLAG = { fromMe: 1, media: 2, hidden: 4 } as const;

/** What a message is to become. */
export interface Draft {
	/** Seconds since the epoch. Another second than before moves the message, if it has its words. */
	second: number;
	/** Sum of FLAGs. Hidden messages are found by id only. */
	flags: number;
	/** What it says; opaque. */
	body: Uint8Array;
	/**
	 * Keyed words under which it can be found, separated by spaces (see src/history/words.ts). As
	 * before when undefined. Backends without an index need none.
	 */
	words?: string;
}

export interface Kept {
	chat: string;
	id: string;
	position: Position;
	flags: number;
	body: Uint8Array;
}

export interface Change {
	chat: string;
	/** WhatsApp's message id. */
	id: string;
	/**
	 * What the message becomes, given what it is: undefined to leave it, null to remove it. Pure and
	 * quick: it may be called again when somebody else has changed the message meanwhile.
	 */
	step(before: Kept | undefined): Draft | undefined | null;
}

export interface PageQuery {
	/** Where there is an index, all chats when absent. */
	chat?: string;
	/** Only positions before (not including) this. */
	before?: Position;
	/** Only positions after (not including) this. */
	after?: Position;
	order: 'newest' | 'oldest';
	limit: number;
}

/** Words beside each other; of the last one only the beginning when `prefix` is set. */
export interface Phrase {
	words: readonly string[];
	prefix: boolean;
}

export interface IndexQuery {
	/** All of them occur. */
	phrases: readonly Phrase[];
	before?: Position;
	after?: Position;
	limit: number;
}

export interface Entry {
	/** Address of a chat or person. */
	id: string;
	/** Milliseconds since the epoch by which entries are listed, the newest first. */
	at: number;
	value: Uint8Array;
}

export interface HistoryStore {
	/** True when `find` answers from an index. */
	readonly indexed: boolean;

	/**
	 * Applies changes, those of one chat in their order. Atomic for each message; many are written in
	 * several steps with pauses, so that nothing else has to wait for long.
	 * @throws LinkedError `lease-lost` when there is a fence and it is stale: nothing more is written
	 */
	change(changes: readonly Change[], fence?: Fence): Promise<void>;
	/** Messages that are not hidden, in order. */
	page(query: PageQuery): Promise<Kept[]>;
	/** The message with this id in each chat that has one. */
	get(id: string): Promise<Kept[]>;
	/** Messages of all chats that fit, the newest first. @throws `unexpected` when not indexed */
	find(query: IndexQuery): Promise<Kept[]>;
	/** Chats that have messages. */
	chats(): Promise<string[]>;
	/** How many messages there are, in one chat or in all; hidden ones count. */
	count(chat?: string): Promise<number>;
	/**
	 * Removes messages before a position, and the oldest beyond so many; returns how many went. Does a
	 * bounded part at a time: call it until it returns 0.
	 */
	trim(chat: string, limits: { before?: Position; keep?: number }): Promise<number>;
	/** Removes all messages of a chat; its entry stays. */
	drop(chat: string): Promise<void>;

	setEntries(entries: readonly Entry[], fence?: Fence): Promise<void>;
	removeEntries(ids: readonly string[], fence?: Fence): Promise<void>;
	getEntries(ids: readonly string[]): Promise<Array<Entry | undefined>>;
	/**
	 * Entries from the newest on, those of the same time in some lasting order. Pages continue after
	 * `after`; an entry that gets another time meanwhile may come twice or not at all.
	 */
	listEntries(after: Pick<Entry, 'id' | 'at'> | undefined, limit: number): Promise<Entry[]>;

	/** Removes everything of the history. */
	clear(): Promise<void>;
}
