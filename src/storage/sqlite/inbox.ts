import { DEDUPE_AFTER_TRIM_MS } from '../limits';
import type { AccountSignals } from '../listeners';
import type { LocalLease } from '../localLease';
import type { Inbox, InboxEntry } from '../roles';
import { formatSeq, nextSeq, parseSeq } from '../seq';
import type { Database } from './database';
import type { SqliteFile } from './file';
import type { Recent } from './recent';

type AppendOptions = NonNullable<Parameters<Inbox['append']>[1]>;

const COLUMNS = 'seq, key, at, value';

const toEntry = (row: Record<string, unknown>): InboxEntry => ({
	seq: formatSeq(row.seq as number),
	key: row.key as string,
	at: row.at as number,
	value: row.value as Uint8Array,
});

export class SqliteInbox implements Inbox {
	constructor(
		private readonly file: SqliteFile,
		private readonly account: string,
		private readonly lease: LocalLease,
		private readonly signals: AccountSignals,
		private readonly recent: Recent,
	) {}

	async append(
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		options: AppendOptions = {},
	): Promise<Array<string | undefined>> {
		const now = this.file.clock.now();
		const { before, added } = await this.file.write((db) =>
			this.appendNow(db, entries, now, options),
		);
		const present = added.filter((entry) => entry !== undefined);
		if (present.length > 0) {
			this.recent.append(before === 0 ? '' : formatSeq(before), present);
			this.signals.appendSoon();
		}
		return added.map((entry) => entry?.seq);
	}

	private appendNow(
		db: Database,
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		now: number,
		{ fence, journalDrop = [] }: AppendOptions,
	): { before: number; added: Array<InboxEntry | undefined> } {
		this.lease.check(fence);
		// Who only has journal entries dropped leaves the inbox as it is.
		const drop = db.prepare('DELETE FROM journal WHERE account = ? AND id = ?');
		for (const id of journalDrop) drop.run(this.account, id);
		if (entries.length === 0) return { before: 0, added: [] };
		// A key counts as new again once its trimmed entry's extra time is over.
		const see = db.prepare(
			`INSERT INTO inbox_seen (account, key) VALUES (?, ?)
			 ON CONFLICT (account, key) DO UPDATE SET expires = NULL WHERE expires <= ?`,
		);
		const insert = db.prepare(`INSERT INTO inbox (account, ${COLUMNS}) VALUES (?, ?, ?, ?, ?)`);
		const row = db.prepare('SELECT seq FROM inbox_last WHERE account = ?').get(this.account);
		const before = Number(row?.seq ?? 0);
		let last = before;
		const added = entries.map(({ key, value }): InboxEntry | undefined => {
			if (see.run(this.account, key, now).changes === 0) return undefined;
			last = nextSeq(last, now);
			insert.run(this.account, last, key, now, value);
			return { seq: formatSeq(last), key, at: now, value };
		});
		if (last !== before) {
			db.prepare('INSERT OR REPLACE INTO inbox_last (account, seq) VALUES (?, ?)').run(
				this.account,
				last,
			);
		}
		return { before, added };
	}

	async read(after: string, limit: number): Promise<InboxEntry[]> {
		const from = parseSeq(after);
		const recent = this.recent.after(after, limit);
		if (recent) return recent;
		return this.select('seq > ? ORDER BY seq LIMIT ?', from, limit);
	}

	async get(seq: string): Promise<InboxEntry | undefined> {
		const position = parseSeq(seq);
		return this.recent.get(seq) ?? this.select('seq = ?', position)[0];
	}

	async latest(limit: number): Promise<InboxEntry[]> {
		return this.select('1 ORDER BY seq DESC LIMIT ?', limit);
	}

	async end(): Promise<string> {
		return (await this.latest(1))[0]?.seq ?? '';
	}

	async trim(before: number): Promise<number> {
		const now = this.file.clock.now();
		const trimmed = await this.file.write((db) => {
			db.prepare(
				`UPDATE inbox_seen SET expires = ? WHERE account = ? AND key IN
				 (SELECT key FROM inbox WHERE account = ? AND at < ?)`,
			).run(now + DEDUPE_AFTER_TRIM_MS, this.account, this.account, before);
			db.prepare('DELETE FROM inbox_seen WHERE expires <= ?').run(now);
			const { changes } = db
				.prepare('DELETE FROM inbox WHERE account = ? AND at < ?')
				.run(this.account, before);
			return Number(changes);
		});
		this.recent.clear();
		return trimmed;
	}

	onAppend(listener: () => void): () => void {
		return this.signals.append.add(listener);
	}

	/** Only what is committed: a reader that is past what was taken back would not see what follows. */
	private select(where: string, ...values: number[]): InboxEntry[] {
		return this.file.run((db) => {
			db.flush();
			return db
				.prepare(`SELECT ${COLUMNS} FROM inbox WHERE account = ? AND ${where}`)
				.all(this.account, ...values)
				.map(toEntry);
		});
	}
}
