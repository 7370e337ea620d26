/**
 * The SQLite file: opened on first use, locked against other processes, brought to the newest schema.
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LinkedError } from '../../errors';
import { errorName, type Log } from '../../log';
import { fromSqlite } from './errors';
import { GroupCommit, type GroupOptions } from './group';
import { MIGRATIONS } from './migrations';

const FILE = 'storage.sqlite';
const LOCK = 'storage.lock';

/** How long a statement waits for another program that has locked the file, for example a backup. */
const BUSY_MS = 1000;

/** State that is kept in memory and written once a commit, however often it changed. */
export interface Behind {
	/** Runs in the transaction, just before it is committed. What it throws has the commit fail. */
	write(db: Database): void;
}

export class Database {
	private db?: DatabaseSync;
	private lock?: DatabaseSync;
	private readonly statements = new Map<string, StatementSync>();
	private inTransaction = false;
	/** Another program writes and writes. To wait for it each time would hold up all of n8n. */
	private busy = false;
	/** How often something was taken back. What was read before may never have been. */
	rollbacks = 0;
	private readonly behind = new Set<Behind>();
	private readonly group = new GroupCommit({
		begin: () => this.begin(),
		commit: () => this.commit(),
		rollback: () => this.rollback(),
	});

	constructor(
		private readonly folder: string,
		private readonly log: Log,
	) {}

	/** Opens the file if it is not open. @throws LinkedError that says why it cannot be used. */
	open(): DatabaseSync {
		if (this.db) return this.db;
		try {
			this.makeFolder();
			this.takeLock();
			this.db = this.openFile();
			return this.db;
		} catch (error) {
			this.close();
			throw fromSqlite(error);
		}
	}

	/** The prepared statement for this text, prepared once. */
	prepare(sql: string): StatementSync {
		let statement = this.statements.get(sql);
		if (!statement) {
			statement = this.open().prepare(sql);
			this.statements.set(sql, statement);
		}
		return statement;
	}

	/** Runs `work` in one transaction: all of it is written or, when it throws, nothing. */
	transaction<T>(work: () => T): T {
		if (this.inTransaction) return work();
		this.group.flush();
		this.begin();
		this.inTransaction = true;
		try {
			const result = work();
			this.commit();
			return result;
		} catch (error) {
			this.rollback();
			throw error;
		} finally {
			this.inTransaction = false;
		}
	}

	/**
	 * Runs `work` now, together with what else is written in this turn of the event loop, or a little
	 * longer if it is lazy (group.ts); resolves when it is committed.
	 */
	async write<T>(work: () => T, options?: GroupOptions): Promise<T> {
		return await this.group.write(() => {
			this.inTransaction = true;
			try {
				return work();
			} finally {
				this.inTransaction = false;
			}
		}, options);
	}

	/** Call it before reading: what was written must not wait for ever behind what reads. */
	flushIfLate(): void {
		this.group.flushIfLate();
	}

	/** Commits what was written in this turn, so that what is read next will have been written. */
	flush(): void {
		this.group.flush();
	}

	/**
	 * Has this state written with the next commit. When something is taken back it is not, and has to
	 * be as it is in the file again: see rollbacks.
	 */
	beforeCommit(state: Behind): void {
		this.behind.add(state);
	}

	private begin(): void {
		try {
			this.prepare('BEGIN IMMEDIATE').run();
		} catch (error) {
			if (fromSqlite(error).code === 'storage-busy') this.waitFor(false);
			throw error;
		}
		if (this.busy) this.waitFor(true);
	}

	/** Whether other programs that write are waited for. */
	private waitFor(others: boolean): void {
		this.busy = !others;
		this.db?.exec(`PRAGMA busy_timeout = ${others ? BUSY_MS : 0}`);
	}

	private commit(): void {
		for (const state of this.behind) state.write(this);
		this.behind.clear();
		this.prepare('COMMIT').run();
	}

	private rollback(): void {
		this.rollbacks += 1;
		this.behind.clear();
		// SQLite has rolled back by itself after some errors, a full disk for example.
		if (this.db?.isTransaction) this.prepare('ROLLBACK').run();
	}

	close(): void {
		this.group.flush();
		this.statements.clear();
		for (const each of [this.db, this.lock]) {
			try {
				each?.close();
			} catch (error) {
				this.log.warn('the embedded storage did not close cleanly', { error: errorName(error) });
			}
		}
		this.db = undefined;
		this.lock = undefined;
	}

	private makeFolder(): void {
		mkdirSync(this.folder, { recursive: true, mode: 0o700 });
		if (process.platform === 'win32') return; // has no such modes
		if ((statSync(this.folder).mode & 0o077) === 0) return;
		try {
			chmodSync(this.folder, 0o700);
		} catch (error) {
			this.log.warn('others may list the folder of the embedded storage', {
				error: errorName(error),
			});
		}
	}

	/**
	 * Keeps every other process out, for as long as this one lives: an exclusive transaction on a file
	 * beside the storage holds a lock of the operating system, which goes away with the process
	 * however it ends. Locking the storage itself would keep backup programs out too.
	 */
	private takeLock(): void {
		this.lock = new DatabaseSync(this.createPrivate(LOCK), { timeout: 0 });
		try {
			this.lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
		} catch (error) {
			const linked = fromSqlite(error);
			if (linked.code === 'storage-busy') throw new LinkedError('storage-in-use', { cause: error });
			throw linked.code === 'storage-damaged'
				? new LinkedError('storage-damaged', { detail: `It is the file ${LOCK}.`, cause: error })
				: linked;
		}
	}

	/**
	 * Creates the file, readable by us only, before SQLite does it with wider rights (its -wal and -shm
	 * files take over these rights). An existing file is not opened here: closing a second descriptor
	 * of the lock file would drop the process's lock on it.
	 */
	private createPrivate(name: string): string {
		const path = join(this.folder, name);
		try {
			closeSync(openSync(path, 'wx', 0o600));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		}
		return path;
	}

	private openFile(): DatabaseSync {
		const db = new DatabaseSync(this.createPrivate(FILE), { timeout: BUSY_MS });
		this.db = db;
		// A write-ahead log with synchronous=NORMAL, chosen on purpose: a transaction is in the log, and
		// so safe from a crash or kill -9 of n8n, when its commit returns, without an fsync per message.
		// Only a power cut can take back the last commits (never damage the file); WhatsApp then sends
		// again what was not acknowledged, and Signal mends a session that stepped back by a retry.
		// A received message is a few dozen pages in the log: by SQLite's own rule (1 000) the log would
		// be brought home, with two fsyncs, every twenty messages or so.
		db.exec(`
			PRAGMA journal_mode = WAL;
			PRAGMA synchronous = NORMAL;
			PRAGMA temp_store = MEMORY;
			PRAGMA wal_autocheckpoint = 8000;
			PRAGMA journal_size_limit = 33554432;
		`);
		this.migrate(db);
		return db;
	}

	private migrate(db: DatabaseSync): void {
		const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
		if (version > MIGRATIONS.length) throw new LinkedError('storage-newer');
		this.transaction(() => {
			for (const [index, step] of MIGRATIONS.entries()) {
				if (index < version) continue;
				db.exec(step);
				db.exec(`PRAGMA user_version = ${index + 1}`);
			}
		});
	}
}
