import { counterBytes, counterValue } from '../bytes';
import type { LocalLease } from '../localLease';
import type { Fact, Facts, Fence, WriteOptions } from '../roles';
import type { Database } from './database';
import type { SqliteFile } from './file';

export class SqliteFacts implements Facts {
	private writes = 0;

	constructor(
		private readonly file: SqliteFile,
		private readonly account: string,
		private readonly lease: LocalLease,
	) {}

	async get(key: string): Promise<Uint8Array | undefined> {
		return this.file.run((db) => this.live(db, key)?.value);
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		return this.file.run((db) => keys.map((key) => this.live(db, key)?.value));
	}

	async set(key: string, value: Uint8Array, ttlMs?: number, options?: WriteOptions): Promise<void> {
		await this.file.write((db) => this.put(db, key, value, this.until(ttlMs)), options);
	}

	async setMany(
		facts: ReadonlyMap<string, Fact>,
		fence?: Fence,
		options?: WriteOptions,
	): Promise<void> {
		await this.file.write((db) => {
			this.lease.check(fence);
			for (const [key, { value, ttlMs }] of facts) this.put(db, key, value, this.until(ttlMs));
		}, options);
	}

	async setIfAbsent(
		key: string,
		value: Uint8Array,
		ttlMs?: number,
	): Promise<Uint8Array | undefined> {
		return await this.file.write((db) => {
			const held = this.live(db, key);
			if (!held) this.put(db, key, value, this.until(ttlMs));
			return held?.value;
		});
	}

	async delete(keys: readonly string[]): Promise<void> {
		await this.file.write((db) => {
			const remove = db.prepare('DELETE FROM facts WHERE account = ? AND key = ?');
			for (const key of keys) remove.run(this.account, key);
		});
	}

	async increment(key: string, by: number, ttlMs?: number): Promise<number> {
		return await this.file.write((db) => {
			const held = this.live(db, key);
			const value = counterValue(held?.value) + by;
			this.put(db, key, counterBytes(value), held ? held.expires : this.until(ttlMs));
			return value;
		});
	}

	async *keys(prefix: string): AsyncIterable<string> {
		yield* this.file.run((db) =>
			db
				.prepare(
					`SELECT key FROM facts WHERE account = ?1 AND key >= ?2
					 AND substr(key, 1, length(?2)) = ?2 AND (expires IS NULL OR expires > ?3)`,
				)
				.all(this.account, prefix, this.file.clock.now())
				.map(({ key }) => key as string),
		);
	}

	private until(ttlMs: number | undefined): number | null {
		return ttlMs === undefined ? null : this.file.clock.now() + ttlMs;
	}

	private live(db: Database, key: string) {
		const row = db
			.prepare(
				`SELECT value, expires FROM facts WHERE account = ? AND key = ?
				 AND (expires IS NULL OR expires > ?)`,
			)
			.get(this.account, key, this.file.clock.now());
		return row as { value: Uint8Array; expires: number | null } | undefined;
	}

	private put(db: Database, key: string, value: Uint8Array, expires: number | null): void {
		db.prepare(
			`INSERT INTO facts (account, key, value, expires) VALUES (?, ?, ?, ?)
			 ON CONFLICT (account, key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
		).run(this.account, key, value, expires);
		// Expired facts that nobody reads again must go too; of all accounts, by the index.
		if (this.writes++ % 500 === 0) {
			db.prepare('DELETE FROM facts WHERE expires <= ?').run(this.file.clock.now());
		}
	}
}
