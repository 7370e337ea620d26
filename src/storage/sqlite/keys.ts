import Keyv from 'keyv';
import type { LocalLease } from '../localLease';
import type { Fence, Journal, KeyStore, WriteBatch } from '../roles';
import type { SqliteFile } from './file';
import { KeyvSqlite } from './keyvSqlite';

export class SqliteKeys implements KeyStore {
	readonly gathers = true;
	private readonly adapter: KeyvSqlite;
	private readonly keyv: Keyv<Uint8Array>;

	constructor(
		private readonly file: SqliteFile,
		private readonly account: string,
		private readonly lease: LocalLease,
	) {
		this.adapter = new KeyvSqlite(file.database, () => file.clock.now());
		this.keyv = new Keyv<Uint8Array>({
			store: this.adapter,
			namespace: account,
			// The namespace is a column, and values stay the bytes they are.
			useKeyPrefix: false,
			serialize: undefined,
			deserialize: undefined,
			// A storage that cannot be read must never look like an empty one.
			throwOnErrors: true,
			emitErrors: false,
		});
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		// Opened through run() so that a file that cannot be used is told as a LinkedError.
		const found = this.file.run(() => this.keyv.getMany<Uint8Array>([...keys]));
		return await found.catch((error: unknown) =>
			this.file.run(() => {
				throw error;
			}),
		);
	}

	async write(batch: WriteBatch, fence?: Fence): Promise<void> {
		await this.file.write(
			(db) => {
				this.lease.check(fence);
				this.adapter.apply(batch.set ?? [], batch.delete ?? []);
				const drop = db.prepare('DELETE FROM journal WHERE account = ? AND id = ?');
				for (const id of batch.journalDrop ?? []) drop.run(this.account, id);
				const put = db.prepare(
					`INSERT INTO journal (account, id, value) VALUES (?, ?, ?)
					 ON CONFLICT (account, id) DO UPDATE SET value = excluded.value`,
				);
				for (const [id, value] of batch.journalPut ?? []) put.run(this.account, id, value);
			},
			// A session must not be stored without the messages that advanced it before.
			{ chain: this },
		);
	}

	async *keys(prefix: string): AsyncIterable<string> {
		yield* this.file.run(() => this.adapter.keysWith(prefix));
	}

	async clear(): Promise<void> {
		await this.file.write((db) => {
			this.adapter.clearNow();
			db.prepare('DELETE FROM journal WHERE account = ?').run(this.account);
		});
	}

	readonly journal: Journal = {
		pending: () => this.pending(),
		size: async () =>
			this.file.run((db) =>
				Number(
					db.prepare('SELECT count(*) AS n FROM journal WHERE account = ?').get(this.account)?.n,
				),
			),
	};

	private async *pending() {
		let after = 0;
		for (;;) {
			const rows = this.file.run((db) =>
				db
					.prepare(
						'SELECT n, id, value FROM journal WHERE account = ? AND n > ? ORDER BY n LIMIT 100',
					)
					.all(this.account, after),
			);
			for (const { n, id, value } of rows) {
				after = n as number;
				yield { id: id as string, value: value as Uint8Array };
			}
			if (rows.length === 0) return;
		}
	}
}
