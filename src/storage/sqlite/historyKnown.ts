/** What of the history in a file need not be looked up again. All that writes into the file shares it. */
import { FLAG, SLOTS, type Kept, type Position, type Sealing } from '../historyRole';
import type { Database } from './database';

/** The newest seconds of which the next free position is remembered. */
const SECONDS = 100;
/** Own messages written last: soon they are sent, then delivered, then read. */
const ROWS = 200;

export class Known {
	private static readonly ofDatabase = new WeakMap<Database, Known>();

	/** By the first position of a second. After a rollback the next free one leaves a gap. */
	private readonly free = new Map<Position, Position>();
	private readonly numbers = new Map<string, Map<string, number>>();
	private readonly rows = new Map<string, { row: Kept; sealing: Sealing }>();
	private rollbacks = 0;

	static in(database: Database): Known {
		let known = Known.ofDatabase.get(database);
		if (!known) Known.ofDatabase.set(database, (known = new Known()));
		if (known.rollbacks !== database.rollbacks) {
			// What was read before a rollback may never have been.
			known.rollbacks = database.rollbacks;
			known.numbers.clear();
			known.rows.clear();
		}
		return known;
	}

	/** Numbers of an account's chats. */
	numbersOf(account: string): Map<string, number> {
		let found = this.numbers.get(account);
		if (!found) this.numbers.set(account, (found = new Map()));
		return found;
	}

	/** The next free position of a second, if it is known and not of the next second. */
	freeIn(start: Position): Position | undefined {
		return this.free.get(start);
	}

	/** A message has this position now. */
	taken(position: Position): void {
		const start = position - (position % SLOTS);
		this.free.delete(start);
		if (position + 1 < start + SLOTS) this.free.set(start, position + 1);
		if (this.free.size > SECONDS) this.free.delete(this.free.keys().next().value ?? 0);
	}

	/** A message of a chat that was written lately, as it is. @param sealing of whoever asks */
	lately(chat: number, id: string, sealing: Sealing): Kept | undefined {
		const found = this.rows.get(nameOf(chat, id));
		return found?.sealing === sealing ? found.row : undefined;
	}

	wrote(chat: number, row: Kept, sealing: Sealing): void {
		const name = nameOf(chat, row.id);
		this.rows.delete(name);
		if ((row.flags & FLAG.fromMe) === 0) return;
		this.rows.set(name, { row, sealing });
		if (this.rows.size > ROWS) this.rows.delete(this.rows.keys().next().value ?? '');
	}

	removed(chat: number, id: string): void {
		this.rows.delete(nameOf(chat, id));
	}

	/** Messages were removed without a look at which. */
	removedSome(): void {
		this.rows.clear();
	}
}

const nameOf = (chat: number, id: string) => `${chat}:${id}`;
