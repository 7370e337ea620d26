/** One open SQLite file, shared by all handles on it in this process. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Clock } from '../../clock';
import { LinkedError } from '../../errors';
import { AccountSignals, Listeners } from '../listeners';
import { LocalLease } from '../localLease';
import type { StorageDeps } from '../open';
import type { StorageHealth } from '../roles';
import { Database } from './database';
import { fromSqlite } from './errors';
import type { GroupOptions } from './group';
import { Recent } from './recent';
import { Tracks } from './tracks';

const open = new Map<string, SqliteFile>();

/** One name for a folder however it is written, also when it is not there yet. */
function realFolder(folder: string): string {
	const path = resolve(folder);
	try {
		return realpathSync(path);
	} catch {
		const parent = dirname(path);
		return parent === path ? path : join(realFolder(parent), basename(path));
	}
}

/** Failures of the file as a whole, as opposed to of one request. */
const SICK = new Set([
	...['storage-full', 'storage-damaged', 'storage-not-writable', 'storage-in-use', 'storage-busy'],
]);

interface Local {
	signals: AccountSignals;
	lease: LocalLease;
	/** The end of the inbox. */
	recent: Recent;
	/** How far its triggers are. */
	tracks: Tracks;
}

export class SqliteFile {
	readonly database: Database;
	readonly clock: Clock;
	readonly onHealth: Listeners<[StorageHealth]>;
	private readonly accounts = new Map<string, Local>();
	private state: StorageHealth = { ok: true };
	/** What failed last was a write: that the file can be read does not make it well. */
	private unwritable = false;
	private handles = 0;

	/** The open file of this folder, or a new one. Give every handle back with `release`. */
	static take(folder: string, deps: StorageDeps): SqliteFile {
		const key = realFolder(folder);
		let file = open.get(key);
		if (!file) open.set(key, (file = new SqliteFile(key, deps)));
		file.handles += 1;
		return file;
	}

	private constructor(
		private readonly key: string,
		private readonly deps: StorageDeps,
	) {
		this.database = new Database(key, deps.log);
		this.clock = deps.clock;
		this.onHealth = new Listeners(deps.log);
	}

	get health(): StorageHealth {
		return this.state;
	}

	release(): void {
		this.handles -= 1;
		if (this.handles > 0) return;
		open.delete(this.key);
		this.database.close();
	}

	/** What belongs to one account in this process, whichever handle it is used by. */
	local(account: string): Local {
		let local = this.accounts.get(account);
		if (!local) {
			const signals = new AccountSignals(this.deps.log);
			local = {
				signals,
				lease: new LocalLease(this.clock, signals),
				recent: new Recent(),
				tracks: new Tracks(account),
			};
			this.accounts.set(account, local);
		}
		return local;
	}

	/** Runs statements; what they throw becomes a LinkedError and, if it is lasting, the health. */
	run<T>(work: (database: Database) => T): T {
		if (this.handles === 0) throw new LinkedError('closing');
		try {
			this.database.flushIfLate();
			const result = work(this.database);
			if (!this.unwritable) this.well();
			return result;
		} catch (error) {
			throw this.failed(error, false);
		}
	}

	/**
	 * Writes, all of it or nothing: runs now, resolves when it is committed together with what else is
	 * written in this turn of the event loop, or a little longer if it is lazy. It may be run again,
	 * see group.ts.
	 */
	async write<T>(work: (database: Database) => T, options?: GroupOptions): Promise<T> {
		if (this.handles === 0) throw new LinkedError('closing');
		try {
			const result = await this.database.write(() => work(this.database), options);
			this.unwritable = false;
			this.well();
			return result;
		} catch (error) {
			throw this.failed(error, true);
		}
	}

	private well(): void {
		if (!this.state.ok) this.setHealth({ ok: true });
	}

	private failed(error: unknown, writing: boolean): LinkedError {
		const linked = fromSqlite(error);
		if (!SICK.has(linked.code)) return linked;
		this.unwritable ||= writing;
		if (this.state.ok) {
			this.setHealth({ ok: false, since: this.clock.now(), reason: linked.message });
		}
		return linked;
	}

	private setHealth(health: StorageHealth): void {
		this.state = health;
		this.onHealth.emit(health);
	}
}
