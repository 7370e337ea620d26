/** The embedded storage: one SQLite file for all accounts, for an n8n that is one process. */
import type { StorageDeps } from '../open';
import { UNSEALED } from '../historyRole';
import type { AccountId, AccountStorage, Sealing, Storage, StorageHealth } from '../roles';
import { SqliteCursors } from './cursors';
import { SqliteFacts } from './facts';
import { SqliteFile } from './file';
import { SqliteHistory } from './history';
import { SqliteInbox } from './inbox';
import { SqliteKeys } from './keys';

const TABLES = ['journal', 'inbox', 'inbox_last', 'inbox_seen', 'cursors', 'deliveries', 'facts'];

export class SqliteStorage implements Storage {
	readonly kind = 'sqlite';
	readonly shared = false;
	private readonly file: SqliteFile;
	private readonly accounts = new Map<AccountId, AccountStorage>();
	private closed = false;

	constructor(folder: string, deps: StorageDeps) {
		this.file = SqliteFile.take(folder, deps);
	}

	account(account: AccountId): AccountStorage {
		let found = this.accounts.get(account);
		if (!found) this.accounts.set(account, (found = this.create(account)));
		return found;
	}

	/**
	 * @throws LinkedError `storage-in-use` (another process has it), `storage-damaged`,
	 * `storage-newer`, `storage-not-writable`, `storage-full` or `storage-busy`.
	 */
	async ready(): Promise<void> {
		this.file.run((database) => database.open());
	}

	health(): StorageHealth {
		return this.file.health;
	}

	onHealth(listener: (health: StorageHealth) => void): () => void {
		return this.file.onHealth.add(listener);
	}

	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		this.file.release();
	}

	private create(account: AccountId): AccountStorage {
		const { file } = this;
		const { lease, signals, recent, tracks } = file.local(account);
		const keys = new SqliteKeys(file, account, lease);
		const history = (sealing: Sealing) => new SqliteHistory(file, account, lease, sealing);
		return {
			account,
			keys,
			journal: keys.journal,
			inbox: new SqliteInbox(file, account, lease, signals, recent),
			cursors: new SqliteCursors(file, signals, tracks),
			lease,
			facts: new SqliteFacts(file, account, lease),
			history,
			async erase() {
				// In steps, so it goes first: should it end half-way, what tells whose history it is is there.
				await history(UNSEALED).clear();
				await file.write((db) => {
					db.prepare('DELETE FROM keyv WHERE namespace = ?').run(account);
					for (const table of TABLES) {
						db.prepare(`DELETE FROM ${table} WHERE account = ?`).run(account);
					}
					tracks.clear();
				});
				recent.clear();
				lease.drop();
			},
		};
	}
}
