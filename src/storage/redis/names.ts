/**
 * The names of our keys in Redis: `<prefix>:{<account>}:<what>`. The account in braces is the hash
 * tag, so that in a cluster all keys of an account live on one node and a script may touch them all.
 */

/** Characters that would end a hash tag, mean something in a SCAN pattern, or be the escape itself. */
const escape = (account: string): string =>
	account.replace(/[{}%*?[\]\\]/g, (character) => {
		return `%${character.charCodeAt(0).toString(16)}`;
	});

const escapePattern = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');

export class Names {
	private readonly base: string;

	constructor(prefix: string, account: string) {
		this.base = `${prefix}:{${escape(account)}}:`;
	}

	/** Keyv's keys: credentials and Signal keys. */
	key(key: string): string {
		return `${this.base}k:${key}`;
	}

	fact(key: string): string {
		return `${this.base}f:${key}`;
	}

	/** Deliveries of one trigger, by seq. */
	deliveries(trigger: string): string {
		return `${this.base}d:${trigger}`;
	}

	/** Pending stanzas by id, and the order in which they came. */
	get journal(): string {
		return `${this.base}journal`;
	}
	get journalOrder(): string {
		return `${this.base}journal-order`;
	}
	get journalCount(): string {
		return `${this.base}journal-count`;
	}

	/** The stream of events, the last position given out, and the keys seen with their expiry. */
	get inbox(): string {
		return `${this.base}inbox`;
	}
	get inboxLast(): string {
		return `${this.base}inbox-last`;
	}
	get inboxSeen(): string {
		return `${this.base}inbox-seen`;
	}

	/** Positions by trigger; `~` for a trigger that has none yet. */
	get cursors(): string {
		return `${this.base}cursors`;
	}
	/** The last claims, for those who missed the message about them. */
	get claims(): string {
		return `${this.base}claims`;
	}

	/** The lease, the last fencing token, and when it was last released. */
	get lease(): string {
		return `${this.base}lease`;
	}
	get leaseToken(): string {
		return `${this.base}lease-token`;
	}
	get leaseReleased(): string {
		return `${this.base}lease-released`;
	}

	/** Entries of the history by id, and their times. */
	get historyEntries(): string {
		return `${this.base}h:entries`;
	}
	get historyRecent(): string {
		return `${this.base}h:recent`;
	}
	/** Numbers of chats that have messages, the chats by number, and the last number given out. */
	get historyChats(): string {
		return `${this.base}h:chats`;
	}
	get historyNames(): string {
		return `${this.base}h:names`;
	}
	get historyCount(): string {
		return `${this.base}h:count`;
	}
	/** The blocks of a chat by their first position, and their contents; see historyBlocks.ts. */
	historyOrder(chat: number): string {
		return `${this.base}h:o:${chat}`;
	}
	historyBlocks(chat: number): string {
		return `${this.base}h:b:${chat}`;
	}
	/** In which block a message is: many small hashes, which Redis keeps without pointers. */
	historyIds(bucket: number): string {
		return `${this.base}h:i:${bucket}`;
	}

	/** The channel for messages to other processes. */
	get channel(): string {
		return `${this.base}events`;
	}

	/** SCAN pattern for everything of the account whose name goes on with `rest`. */
	pattern(rest: string): string {
		return `${escapePattern(this.base + rest)}*`;
	}
}
