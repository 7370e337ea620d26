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

export interface Row {
	n: number;
	chat: number;
	id: string;
	flags: number;
	body: Uint8Array;
}

/** The newest seconds of which the next free position is remembered. */
const SECONDS = 100;

/** What need not be looked up again. All that writes messages into a file shares it. */
class Known {
	private static readonly ofDatabase = new WeakMap<Database, Known>();

	/** The next free position by the first one of its second; after a rollback it leaves a gap. */
	readonly positions = new Map<Position, Position>();
	private readonly numbers = new Map<string, Map<string, number>>();
	private rollbacks = 0;

	static in(database: Database): Known {
		let known = Known.ofDatabase.get(database);
		if (!known) Known.ofDatabase.set(database, (known = new Known()));
		return known;
	}

	/** Numbers of an account's chats. What was read before a rollback may never have been. */
	numbersOf(account: string, { rollbacks }: Database): Map<string, number> {
		if (rollbacks !== this.rollbacks) {
			this.numbers.clear();
			this.rollbacks = rollbacks;
		}
		let found = this.numbers.get(account);
		if (!found) this.numbers.set(account, (found = new Map()));
		return found;
	}
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
		const row =
			number === undefined
				? undefined
				: (db
						.prepare(
							'SELECT n, chat, id, flags, body FROM history_messages WHERE id = ? AND chat = ?',
						)
						.get(id, number) as unknown as Row | undefined);
		const next = step(row && this.opened(chat, row));
		if (next === undefined) return;
		if (next === null) {
			if (row) this.remove(db, row.n);
			return;
		}
		this.put(db, number ?? this.newNumber(db, chat), chat, id, row, next);
	}

	private put(
		db: Database,
		number: number,
		chat: string,
		id: string,
		row: Row | undefined,
		{ second, flags, body, words }: Draft,
	): void {
		const sealed = this.sealing.seal(messageName(chat, id), body);
		const start = positionOf(second);
		if (row && (start === positionOf(row.n / SLOTS) || words === undefined)) {
			// A message that moves brings its words; one that doesn't know them stays where it is.
			db.prepare('UPDATE history_messages SET flags = ?, body = ? WHERE n = ?').run(
				flags,
				sealed,
				row.n,
			);
			if (words !== undefined) this.index(db, row.n, words);
			return;
		}
		if (row) this.remove(db, row.n);
		const n = this.freePosition(db, start);
		db.prepare(
			'INSERT INTO history_messages (n, chat, id, flags, body) VALUES (?, ?, ?, ?, ?)',
		).run(n, number, id, flags, sealed);
		if (words) this.index(db, n, words);
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
		return old.length;
	}

	/** After the messages of the same second; when they fill it, after those of the next. */
	private freePosition(db: Database, start: Position): Position {
		const { positions } = Known.in(db);
		const free = positions.get(start) ?? this.firstFree(db, start);
		const second = free - (free % SLOTS);
		positions.delete(second);
		if (free + 1 < second + SLOTS) positions.set(second, free + 1);
		if (positions.size > SECONDS) positions.delete(positions.keys().next().value ?? 0);
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
		const numbers = Known.in(db).numbersOf(this.account, db);
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
		Known.in(db).numbersOf(this.account, db).clear();
	}

	opened(chat: string, { n, id, flags, body }: Row): Kept {
		return { chat, id, position: n, flags, body: this.sealing.open(messageName(chat, id), body) };
	}
}

const messageName = (chat: string, id: string) => `history:${chat}:${id}`;
