/** The rows of messages in the history: how one is found, written, moved and removed, with its words. */
import {
	positionOf,
	SLOTS,
	type Change,
	type Draft,
	type Kept,
	type Position,
	type Sealing,
} from '../historyRole';
import type { Database } from './database';
import { Known } from './historyKnown';

export interface Row {
	n: number;
	chat: number;
	id: string;
	flags: number;
	body: Uint8Array;
}

export class MessageRows {
	/** @param step so many are removed at a time */
	constructor(
		private readonly account: string,
		private readonly sealing: Sealing,
		private readonly step: number,
	) {}

	/** Makes one change, given what is there. */
	apply(db: Database, { chat, id, step }: Change): void {
		const number = this.numberOf(db, chat);
		const before = number === undefined ? undefined : this.find(db, number, chat, id);
		const next = step(before);
		if (next === undefined) return;
		if (next !== null) {
			const place = number ?? this.newNumber(db, chat);
			const position = this.put(db, place, chat, id, before?.position, next);
			const { flags, body } = next;
			Known.in(db).wrote(place, { chat, id, position, flags, body }, this.sealing);
		} else if (before && number !== undefined) {
			this.remove(db, before.position);
			Known.in(db).removed(number, id);
		}
	}

	private find(db: Database, number: number, chat: string, id: string): Kept | undefined {
		const lately = Known.in(db).lately(number, id, this.sealing);
		if (lately) return lately;
		const row = db
			.prepare('SELECT n, chat, id, flags, body FROM history_messages WHERE id = ? AND chat = ?')
			.get(id, number);
		return row && this.opened(chat, row as unknown as Row);
	}

	/** Writes it; returns where it is now. */
	private put(
		db: Database,
		number: number,
		chat: string,
		id: string,
		before: Position | undefined,
		{ second, flags, body, words }: Draft,
	): Position {
		const sealed = this.sealing.seal(messageName(chat, id), body);
		const start = positionOf(second);
		if (before !== undefined && (start === positionOf(before / SLOTS) || words === undefined)) {
			// A message that moves brings its words; one that doesn't know them stays where it is.
			db.prepare('UPDATE history_messages SET flags = ?, body = ? WHERE n = ?').run(
				flags,
				sealed,
				before,
			);
			if (words !== undefined) this.index(db, before, words);
			return before;
		}
		if (before !== undefined) this.remove(db, before);
		const n = this.freePosition(db, start);
		db.prepare(
			'INSERT INTO history_messages (n, chat, id, flags, body) VALUES (?, ?, ?, ?, ?)',
		).run(n, number, id, flags, sealed);
		if (words) this.index(db, n, words);
		return n;
	}

	private index(db: Database, n: number, words: string): void {
		db.prepare('INSERT OR REPLACE INTO history_words (rowid, words) VALUES (?, ?)').run(n, words);
	}

	private remove(db: Database, n: number): void {
		db.prepare('DELETE FROM history_messages WHERE n = ?').run(n);
		db.prepare('DELETE FROM history_words WHERE rowid = ?').run(n);
	}

	/** Up to a step of messages before the position; returns how many. */
	removeOldest(db: Database, chat: number, until: Position): number {
		const old = db
			.prepare('SELECT n FROM history_messages WHERE chat = ? AND n < ? ORDER BY n LIMIT ?')
			.all(chat, until, this.step);
		for (const { n } of old) this.remove(db, n as number);
		if (old.length > 0) Known.in(db).removedSome();
		return old.length;
	}

	/** After the messages of the same second; when they fill it, after those of the next. */
	private freePosition(db: Database, start: Position): Position {
		const known = Known.in(db);
		const free = known.freeIn(start) ?? this.firstFree(db, start);
		known.taken(free);
		return free;
	}

	private firstFree(db: Database, start: Position): Position {
		const last = db.prepare('SELECT max(n) AS n FROM history_messages WHERE n >= ? AND n < ?');
		for (let from = start; ; from += SLOTS) {
			const found = last.get(from, from + SLOTS)?.n;
			if (typeof found !== 'number') return from;
			if (found + 1 < from + SLOTS) return found + 1;
		}
	}

	/** The number of a chat, if it has ever had messages. */
	numberOf(db: Database, chat: string): number | undefined {
		const numbers = Known.in(db).numbersOf(this.account);
		const known = numbers.get(chat);
		if (known !== undefined) return known;
		const row = db
			.prepare('SELECT n FROM history_chats WHERE account = ? AND chat = ?')
			.get(this.account, chat);
		if (row) numbers.set(chat, row.n as number);
		return row?.n as number | undefined;
	}

	private newNumber(db: Database, chat: string): number {
		const { lastInsertRowid } = db
			.prepare('INSERT INTO history_chats (account, chat) VALUES (?, ?)')
			.run(this.account, chat);
		return Number(lastInsertRowid);
	}

	/** All chats of the account are gone. */
	forgetNumbers(db: Database): void {
		Known.in(db).numbersOf(this.account).clear();
	}

	opened(chat: string, { n, id, flags, body }: Row): Kept {
		return { chat, id, position: n, flags, body: this.sealing.open(messageName(chat, id), body) };
	}
}

const messageName = (chat: string, id: string) => `history:${chat}:${id}`;
