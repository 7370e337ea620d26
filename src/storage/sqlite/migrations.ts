/**
 * The schema, as steps from one version to the next. `PRAGMA user_version` holds how many have been
 * done. Steps that have been released are never changed, only followed by new ones.
 */
export const MIGRATIONS: readonly string[] = [
	`
	-- Credentials and Signal keys, written through Keyv (keyvSqlite.ts). Expiry is there for Keyv's
	-- interface; our keys have none.
	CREATE TABLE keyv (
		namespace TEXT NOT NULL,
		key TEXT NOT NULL,
		value NOT NULL,
		expires INTEGER,
		UNIQUE (namespace, key)
	);

	CREATE TABLE journal (
		n INTEGER PRIMARY KEY AUTOINCREMENT,
		account TEXT NOT NULL,
		id TEXT NOT NULL,
		value BLOB NOT NULL,
		UNIQUE (account, id)
	);

	CREATE TABLE inbox (
		account TEXT NOT NULL,
		seq INTEGER NOT NULL,
		key TEXT NOT NULL,
		at INTEGER NOT NULL,
		value BLOB NOT NULL,
		UNIQUE (account, seq)
	);
	CREATE INDEX inbox_at ON inbox (account, at);

	-- The last position given out, so that none is given twice after a trim.
	CREATE TABLE inbox_last (
		account TEXT PRIMARY KEY,
		seq INTEGER NOT NULL
	) WITHOUT ROWID;

	-- Keys that were appended; expires is set when their entry is trimmed.
	CREATE TABLE inbox_seen (
		account TEXT NOT NULL,
		key TEXT NOT NULL,
		expires INTEGER,
		PRIMARY KEY (account, key)
	) WITHOUT ROWID;
	CREATE INDEX inbox_seen_expires ON inbox_seen (expires) WHERE expires IS NOT NULL;

	CREATE TABLE cursors (
		account TEXT NOT NULL,
		trigger TEXT NOT NULL,
		seq INTEGER,
		PRIMARY KEY (account, trigger)
	) WITHOUT ROWID;

	CREATE TABLE deliveries (
		account TEXT NOT NULL,
		trigger TEXT NOT NULL,
		seq INTEGER NOT NULL,
		state TEXT NOT NULL,
		attempt INTEGER NOT NULL,
		process TEXT,
		execution TEXT,
		at INTEGER NOT NULL,
		PRIMARY KEY (account, trigger, seq)
	) WITHOUT ROWID;

	CREATE TABLE facts (
		account TEXT NOT NULL,
		key TEXT NOT NULL,
		value BLOB NOT NULL,
		expires INTEGER,
		PRIMARY KEY (account, key)
	) WITHOUT ROWID;
	CREATE INDEX facts_expires ON facts (expires) WHERE expires IS NOT NULL;
	`,
];
