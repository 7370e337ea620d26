import { DEDUPE_AFTER_TRIM_MS } from '../limits';
import type { AccountSignals } from '../listeners';
import type { LocalLease } from '../localLease';
import type { Fence, Inbox, InboxEntry } from '../roles';
import { formatSeq, nextSeq, parseSeq } from '../seq';
import type { SqliteFile } from './file';

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
	) {}

	async append(
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		options: { fence?: Fence; journalDrop?: readonly string[] } = {},
	): Promise<Array<string | undefined>> {
		this.lease.check(options.fence);
		const now = this.file.clock.now();
		const seqs = this.file.write((db) => {
			// A key counts as new again once its trimmed entry's extra time is over.
			const see = db.prepare(
				`INSERT INTO inbox_seen (account, key) VALUES (?, ?)
				 ON CONFLICT (account, key) DO UPDATE SET expires = NULL WHERE expires <= ?`,
			);
			const insert = db.prepare(`INSERT INTO inbox (account, ${COLUMNS}) VALUES (?, ?, ?, ?, ?)`);
			const before = db.prepare('SELECT seq FROM inbox_last WHERE account = ?').get(this.account);
			let last = Number(before?.seq ?? 0);
			const added = entries.map(({ key, value }) => {
				if (see.run(this.account, key, now).changes === 0) return undefined;
				last = nextSeq(last, now);
				insert.run(this.account, last, key, now, value);
				return formatSeq(last);
			});
			db.prepare('INSERT OR REPLACE INTO inbox_last (account, seq) VALUES (?, ?)').run(
				this.account,
				last,
			);
			const drop = db.prepare('DELETE FROM journal WHERE account = ? AND id = ?');
			for (const id of options.journalDrop ?? []) drop.run(this.account, id);
			return added;
		});
		if (seqs.some((seq) => seq !== undefined)) this.signals.appendSoon();
		return seqs;
	}

	async read(after: string, limit: number): Promise<InboxEntry[]> {
		const from = parseSeq(after);
		return this.select('seq > ? ORDER BY seq LIMIT ?', from, limit);
	}

	async get(seq: string): Promise<InboxEntry | undefined> {
		return this.select('seq = ?', parseSeq(seq))[0];
	}

	async latest(limit: number): Promise<InboxEntry[]> {
		return this.select('1 ORDER BY seq DESC LIMIT ?', limit);
	}

	async end(): Promise<string> {
		return (await this.latest(1))[0]?.seq ?? '';
	}

	async trim(before: number): Promise<number> {
		const now = this.file.clock.now();
		return this.file.write((db) => {
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
	}

	onAppend(listener: () => void): () => void {
		return this.signals.append.add(listener);
	}

	private select(where: string, ...values: number[]): InboxEntry[] {
		return this.file.run((db) =>
			db
				.prepare(`SELECT ${COLUMNS} FROM inbox WHERE account = ? AND ${where}`)
				.all(this.account, ...values)
				.map(toEntry),
		);
	}
}
