import type { LocalLease } from '../localLease';
import {
	FLAG,
	type Change,
	type Entry,
	type HistoryStore,
	type IndexQuery,
	type Kept,
	type PageQuery,
	type Phrase,
	type Position,
	type Sealing,
} from '../historyRole';
import type { Fence } from '../roles';
import type { Database } from './database';
import type { SqliteFile } from './file';
import { MessageRows, type Row } from './historyRows';

/** So much is done in one transaction, which holds up the whole process. */
const STEP = 200;
/** Of a burst, what is kept shares the commits of what has to be committed at once. */
const LAZY = { lazy: true };

export class SqliteHistory implements HistoryStore {
	readonly indexed = true;
	/** Names of chats by their numbers, which are never given anew, unless what gave one is taken back. */
	private readonly names = new Map<number, string>();
	private rollbacks = 0;
	private readonly rows: MessageRows;

	constructor(
		private readonly file: SqliteFile,
		private readonly account: string,
		private readonly lease: LocalLease,
		private readonly sealing: Sealing,
	) {
		this.rows = new MessageRows(account, sealing, STEP);
	}

	async change(changes: readonly Change[], fence?: Fence): Promise<void> {
		for (let at = 0; at < changes.length; at += STEP) {
			if (at > 0) await breath();
			await this.file.write((db) => {
				this.lease.check(fence);
				for (const change of changes.slice(at, at + STEP)) this.rows.apply(db, change);
			}, LAZY);
		}
	}

	async page({ chat, before, after, order, limit }: PageQuery): Promise<Kept[]> {
		if (limit <= 0) return [];
		const direction = order === 'newest' ? 'DESC' : 'ASC';
		const bounds = [before ?? Number.MAX_SAFE_INTEGER, after ?? -1, limit];
		return this.file.run((db) => {
			if (chat === undefined) {
				const all = db
					.prepare(
						`SELECT m.n, m.chat, m.id, m.flags, m.body FROM history_messages AS m
						 CROSS JOIN history_chats AS c ON c.n = m.chat AND c.account = ?
						 WHERE m.n < ? AND m.n > ? AND m.flags & ${FLAG.hidden} = 0
						 ORDER BY m.n ${direction} LIMIT ?`,
					)
					.all(this.account, ...bounds);
				return this.named(db, all as unknown as Row[]);
			}
			const number = this.rows.numberOf(db, chat);
			if (number === undefined) return [];
			const found = db
				.prepare(
					`SELECT n, chat, id, flags, body FROM history_messages
					 WHERE chat = ? AND n < ? AND n > ? AND flags & ${FLAG.hidden} = 0
					 ORDER BY n ${direction} LIMIT ?`,
				)
				.all(number, ...bounds);
			return (found as unknown as Row[]).map((row) => this.rows.opened(chat, row));
		});
	}

	async get(id: string): Promise<Kept[]> {
		return this.file.run((db) =>
			this.named(
				db,
				db
					.prepare('SELECT n, chat, id, flags, body FROM history_messages WHERE id = ?')
					.all(id) as unknown as Row[],
			),
		);
	}

	async find({ phrases, before, after, limit }: IndexQuery): Promise<Kept[]> {
		if (limit <= 0) return [];
		return this.file.run((db) =>
			this.named(
				db,
				db
					.prepare(
						// CROSS: the index first, whose order needs no sorting.
						`SELECT m.n, m.chat, m.id, m.flags, m.body FROM history_words AS w
						 CROSS JOIN history_messages AS m ON m.n = w.rowid
						 CROSS JOIN history_chats AS c ON c.n = m.chat AND c.account = ?
						 WHERE w.history_words MATCH ? AND w.rowid < ? AND w.rowid > ?
						 ORDER BY w.rowid DESC LIMIT ?`,
					)
					.all(
						this.account,
						phrases.map(match).join(' AND '),
						before ?? Number.MAX_SAFE_INTEGER,
						after ?? -1,
						limit,
					) as unknown as Row[],
			),
		);
	}

	async chats(): Promise<string[]> {
		return this.file.run((db) =>
			db
				.prepare(
					`SELECT chat FROM history_chats WHERE account = ? AND EXISTS
					 (SELECT 1 FROM history_messages WHERE history_messages.chat = history_chats.n)`,
				)
				.all(this.account)
				.map(({ chat }) => chat as string),
		);
	}

	async count(chat?: string): Promise<number> {
		return this.file.run((db) => {
			const counted =
				chat === undefined
					? db
							.prepare(
								`SELECT count(*) AS n FROM history_messages WHERE chat IN
								 (SELECT n FROM history_chats WHERE account = ?)`,
							)
							.get(this.account)
					: db
							.prepare('SELECT count(*) AS n FROM history_messages WHERE chat = ?')
							.get(this.rows.numberOf(db, chat) ?? -1);
			return Number(counted?.n);
		});
	}

	async trim(
		chat: string,
		{ before = 0, keep }: { before?: Position; keep?: number },
	): Promise<number> {
		return await this.file.write((db) => {
			const number = this.rows.numberOf(db, chat);
			if (number === undefined) return 0;
			const beyond =
				keep === undefined
					? undefined
					: db
							.prepare(
								'SELECT n FROM history_messages WHERE chat = ? ORDER BY n DESC LIMIT 1 OFFSET ?',
							)
							.get(number, Math.max(0, keep));
			const until = Math.max(before, beyond ? (beyond.n as number) + 1 : 0);
			return this.rows.removeOldest(db, number, until);
		});
	}

	async drop(chat: string): Promise<void> {
		const all = Number.MAX_SAFE_INTEGER;
		for (;;) {
			const gone = await this.file.write((db) => {
				const number = this.rows.numberOf(db, chat);
				return number === undefined ? 0 : this.rows.removeOldest(db, number, all);
			});
			if (gone === 0) return;
			await breath();
		}
	}

	async setEntries(entries: readonly Entry[], fence?: Fence): Promise<void> {
		for (let at = 0; at < entries.length; at += STEP) {
			if (at > 0) await breath();
			await this.file.write((db) => {
				this.lease.check(fence);
				const put = db.prepare(
					'INSERT OR REPLACE INTO history_entries (account, id, at, value) VALUES (?, ?, ?, ?)',
				);
				for (const { id, at: time, value } of entries.slice(at, at + STEP)) {
					put.run(this.account, id, time, this.sealing.seal(entryName(id), value));
				}
			}, LAZY);
		}
	}

	async removeEntries(ids: readonly string[], fence?: Fence): Promise<void> {
		await this.file.write((db) => {
			this.lease.check(fence);
			const remove = db.prepare('DELETE FROM history_entries WHERE account = ? AND id = ?');
			for (const id of ids) remove.run(this.account, id);
		});
	}

	async getEntries(ids: readonly string[]): Promise<Array<Entry | undefined>> {
		return this.file.run((db) => {
			const find = db.prepare(
				'SELECT id, at, value FROM history_entries WHERE account = ? AND id = ?',
			);
			return ids.map((id) => {
				const row = find.get(this.account, id);
				return row && this.entry(row);
			});
		});
	}

	async listEntries(after: Pick<Entry, 'id' | 'at'> | undefined, limit: number): Promise<Entry[]> {
		if (limit <= 0) return [];
		return this.file.run((db) =>
			(after
				? db
						.prepare(
							`SELECT id, at, value FROM history_entries WHERE account = ?
							 AND (at < ? OR (at = ? AND id > ?)) ORDER BY at DESC, id LIMIT ?`,
						)
						.all(this.account, after.at, after.at, after.id, limit)
				: db
						.prepare(
							`SELECT id, at, value FROM history_entries WHERE account = ?
							 ORDER BY at DESC, id LIMIT ?`,
						)
						.all(this.account, limit)
			).map((row) => this.entry(row)),
		);
	}

	async clear(): Promise<void> {
		for (const chat of await this.chats()) await this.drop(chat);
		await this.file.write((db) => {
			for (const table of ['history_chats', 'history_entries']) {
				db.prepare(`DELETE FROM ${table} WHERE account = ?`).run(this.account);
			}
			this.rows.forgetNumbers(db);
		});
	}

	/** The rows that are this account's, with the names of their chats. */
	private named(db: Database, rows: readonly Row[]): Kept[] {
		if (db.rollbacks !== this.rollbacks) {
			this.names.clear();
			this.rollbacks = db.rollbacks;
		}
		return rows.flatMap((row) => {
			let chat = this.names.get(row.chat);
			if (chat === undefined) {
				const found = db
					.prepare('SELECT chat FROM history_chats WHERE n = ? AND account = ?')
					.get(row.chat, this.account);
				if (!found) return [];
				this.names.set(row.chat, (chat = found.chat as string));
			}
			return [this.rows.opened(chat, row)];
		});
	}

	private entry({ id, at, value }: Record<string, unknown>): Entry {
		const name = entryName(id as string);
		return {
			id: id as string,
			at: at as number,
			value: this.sealing.open(name, value as Uint8Array),
		};
	}
}

const entryName = (id: string) => `history-entry:${id}`;

/** FTS5's query language; keyed words are letters and digits only. */
const match = ({ words, prefix }: Phrase): string => `"${words.join(' ')}"${prefix ? ' *' : ''}`;

/** Lets everything else in the process have its turn. */
const breath = () => new Promise<void>((resolve) => setImmediate(resolve));
