/**
 * A Keyv storage adapter on node:sqlite. (`@keyv/sqlite` needs a native build, which n8n's installer
 * does not run.) It passes Keyv's own adapter suite, see test/contract/keyv-sqlite.test.ts.
 *
 * Strings are stored as text and bytes as blobs. With serialisation switched off in Keyv, values are
 * bytes and stay bytes, and `apply` writes many of them at once.
 */
import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import type { Database } from './database';

interface Entry {
	key: string;
	value: unknown;
	ttl?: number;
}

interface Row {
	value: string | Uint8Array;
	expires: number | null;
}

/** What Keyv hands over when it does not serialise. */
interface Wrapped {
	value: Uint8Array;
	expires?: number;
}

const isWrapped = (value: unknown): value is Wrapped =>
	typeof value === 'object' &&
	value !== null &&
	'value' in value &&
	value.value instanceof Uint8Array;

function toColumn(value: unknown): string | Uint8Array {
	if (typeof value === 'string' || value instanceof Uint8Array) return value;
	if (isWrapped(value)) return value.value;
	throw new TypeError('Only strings and bytes can be stored; let Keyv serialise other values.');
}

export class KeyvSqlite extends EventEmitter implements KeyvStoreAdapter {
	/** Keyv looks at the dialect to know that it may iterate. */
	opts: Record<string, unknown> = { dialect: 'sqlite', url: 'sqlite://' };
	namespace?: string;

	constructor(
		private readonly db: Database,
		private readonly now: () => number = Date.now,
	) {
		super();
	}

	async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
		return this.read(key) as StoredData<Value> | undefined;
	}

	async getMany<Value>(keys: string[]): Promise<Array<StoredData<Value | undefined>>> {
		return keys.map((key) => this.read(key) as StoredData<Value | undefined>);
	}

	async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
		this.put(key, value, ttl);
		return true;
	}

	async setMany(entries: Entry[]): Promise<void> {
		this.db.transaction(() => {
			for (const { key, value, ttl } of entries) this.put(key, value, ttl);
		});
	}

	async delete(key: string): Promise<boolean> {
		return this.remove(key);
	}

	/** True when one of them was there. */
	async deleteMany(keys: string[]): Promise<boolean> {
		return this.db.transaction(() => keys.map((key) => this.remove(key)).includes(true));
	}

	async clear(): Promise<void> {
		this.clearNow();
	}

	async has(key: string): Promise<boolean> {
		return this.read(key) !== undefined;
	}

	async hasMany(keys: string[]): Promise<boolean[]> {
		return keys.map((key) => this.read(key) !== undefined);
	}

	async *iterator<Value>(
		namespace: string | undefined = this.namespace,
	): AsyncGenerator<Array<string | Awaited<Value> | undefined>, void> {
		const page = this.db.prepare(
			`SELECT key, value FROM keyv WHERE namespace = ? AND key > ?
			 AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT 100`,
		);
		let after = '';
		for (;;) {
			// Page by page, so that entries may be written and deleted meanwhile.
			const rows = page.all(namespace ?? '', after, this.now());
			for (const { key, value } of rows) yield [key as string, value as Awaited<Value>];
			if (rows.length === 0) return;
			after = rows.at(-1)?.key as string;
		}
	}

	async disconnect(): Promise<void> {}

	/** Sets and deletes without awaiting, to be part of a larger transaction. */
	apply(set: Iterable<[string, Uint8Array]>, remove: Iterable<string>): void {
		for (const key of remove) this.remove(key);
		for (const [key, value] of set) this.put(key, value);
	}

	clearNow(): void {
		this.db.prepare('DELETE FROM keyv WHERE namespace = ?').run(this.namespace ?? '');
	}

	/** The keys of the namespace that start with the prefix. */
	keysWith(prefix: string): string[] {
		return this.db
			.prepare(
				`SELECT key FROM keyv WHERE namespace = ?1 AND key >= ?2
				 AND substr(key, 1, length(?2)) = ?2 AND (expires IS NULL OR expires > ?3)`,
			)
			.all(this.namespace ?? '', prefix, this.now())
			.map(({ key }) => key as string);
	}

	private read(key: string): string | Wrapped | undefined {
		const row = this.db
			.prepare('SELECT value, expires FROM keyv WHERE namespace = ? AND key = ?')
			.get(this.namespace ?? '', key) as Row | undefined;
		if (!row) return undefined;
		if (row.expires !== null && row.expires <= this.now()) {
			this.remove(key);
			return undefined;
		}
		return typeof row.value === 'string'
			? row.value
			: { value: row.value, expires: row.expires ?? undefined };
	}

	private put(key: string, value: unknown, ttl?: number): void {
		this.db
			.prepare(
				`INSERT INTO keyv (namespace, key, value, expires) VALUES (?, ?, ?, ?)
				 ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
			)
			.run(this.namespace ?? '', key, toColumn(value), ttl ? this.now() + ttl : null);
	}

	private remove(key: string): boolean {
		return (
			this.db
				.prepare('DELETE FROM keyv WHERE namespace = ? AND key = ?')
				.run(this.namespace ?? '', key).changes > 0
		);
	}
}
