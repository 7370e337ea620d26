/** A newsletter (channel) and how GraphQL describes it: shapes as whatsmeow's types/newsletter.go. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Account } from '../accounts';

export interface Post {
	readonly serverId: number;
	readonly id: string;
	readonly type: string;
	readonly at: number;
	readonly by: Account;
	/** The message, not encrypted; undefined once it was deleted. */
	body?: Buffer;
	mediaType?: string;
	/** Seconds since the epoch of the last edit. */
	editedAt?: number;
	readonly reactions: Map<Account, string>;
}

/** The servers' first id; they count up within a channel. */
const FIRST_SERVER_ID = 100;

export class Newsletter {
	readonly jid = `1203633${String(randomInt(1e11)).padStart(11, '0')}@newsletter`;
	readonly invite = randomBytes(12).toString('base64url');
	readonly followers = new Set<Account>();
	readonly admins = new Set<Account>();
	readonly muted = new Set<Account>();
	readonly posts: Post[] = [];
	/** Path of the picture on the media server. */
	picture?: { id: string; path: string };

	constructor(
		public owner: Account,
		public name: string,
		public description: string,
		readonly created: number,
	) {}

	mayPost(account: Account): boolean {
		return account === this.owner || this.admins.has(account);
	}

	get nextServerId(): number {
		return FIRST_SERVER_ID + this.posts.length;
	}

	/** Everybody who sees new posts. */
	get readers(): Set<Account> {
		return new Set([this.owner, ...this.admins, ...this.followers]);
	}

	describe(viewer: Account) {
		const { jid, name, description, created, invite, followers, muted, picture } = this;
		const text = (value: string) => ({ id: '1', text: value, update_time: `${created}000000` });
		const shown = (type: string) =>
			picture ? { id: picture.id, type, direct_path: picture.path } : null;
		return {
			id: jid,
			state: { type: 'ACTIVE' },
			thread_metadata: {
				creation_time: String(created),
				name: text(name),
				description: text(description),
				handle: null,
				invite,
				// Null without a picture, which Baileys rc14's newsletterCreate trips over (its issue 2313).
				picture: shown('IMAGE'),
				preview: shown('PREVIEW'),
				settings: { reaction_codes: { value: 'ALL' } },
				subscribers_count: String(followers.size),
				verification: 'UNVERIFIED',
			},
			viewer_metadata: { mute: muted.has(viewer) ? 'ON' : 'OFF', role: this.roleOf(viewer) },
		};
	}

	private roleOf(viewer: Account): 'OWNER' | 'ADMIN' | 'SUBSCRIBER' | 'GUEST' {
		if (viewer === this.owner) return 'OWNER';
		if (this.admins.has(viewer)) return 'ADMIN';
		return this.followers.has(viewer) ? 'SUBSCRIBER' : 'GUEST';
	}
}
