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
	`
	-- Chats that have messages, by number, which is shorter.
	CREATE TABLE history_chats (
		n INTEGER PRIMARY KEY AUTOINCREMENT,
		account TEXT NOT NULL,
		chat TEXT NOT NULL,
		UNIQUE (account, chat)
	);

	-- n is the position: the second of the message, then a slot (historyRole.ts). As the number of a row
	-- in the index of words it is also the order of that, which so gives the newest first without
	-- sorting. Without numbers of their own, messages of a chat lie beside each other.
	CREATE TABLE history_messages (
		chat INTEGER NOT NULL,
		n INTEGER NOT NULL,
		id TEXT NOT NULL,
		flags INTEGER NOT NULL,
		body BLOB NOT NULL,
		PRIMARY KEY (chat, n)
	) WITHOUT ROWID;
	CREATE UNIQUE INDEX history_messages_n ON history_messages (n);
	CREATE UNIQUE INDEX history_messages_id ON history_messages (id, chat);

	-- Keyed words (src/history/words.ts), not text: nothing is stored but where each occurs.
	CREATE VIRTUAL TABLE history_words USING fts5 (
		words, content = '', contentless_delete = 1, tokenize = 'ascii'
	);

	CREATE TABLE history_entries (
		account TEXT NOT NULL,
		id TEXT NOT NULL,
		at INTEGER NOT NULL,
		value BLOB NOT NULL,
		PRIMARY KEY (account, id)
	) WITHOUT ROWID;
	CREATE INDEX history_entries_at ON history_entries (account, at);
	`,
	`
	-- Most facts are messages: some hundred bytes each, under keys in no order. Where they lay in a tree
	-- by key, each new one rewrote a page full of others; now only the short index is in that order.
	ALTER TABLE facts RENAME TO facts_by_key;
	CREATE TABLE facts (
		account TEXT NOT NULL,
		key TEXT NOT NULL,
		value BLOB NOT NULL,
		expires INTEGER,
		UNIQUE (account, key)
	);
	INSERT INTO facts (account, key, value, expires)
		SELECT account, key, value, expires FROM facts_by_key;
	DROP TABLE facts_by_key;
	CREATE INDEX facts_expires ON facts (expires) WHERE expires IS NOT NULL;
	`,
];
