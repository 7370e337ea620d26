/**
 * Newsletters (channels): made, read, followed and written to. Messages are not encrypted.
 * Queries are GraphQL over `w:mex`; shapes as Baileys' Socket/newsletter.js reads them.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { BinaryNode } from '../contract';
import type { Account, Device } from './accounts';
import type { Mex } from './mex';
import { IqError } from './iq';
import { bytesOf, child, el } from './nodes';
import type { Service } from './service';

interface Post {
	readonly serverId: number;
	readonly id: string;
	readonly type: string;
	readonly at: number;
	readonly body: Buffer;
	readonly reactions: Map<Account, string>;
}

export class Newsletter {
	readonly jid = `1203633${String(randomInt(1e11)).padStart(11, '0')}@newsletter`;
	readonly invite = randomBytes(12).toString('base64url');
	readonly followers = new Set<Account>();
	readonly muted = new Set<Account>();
	readonly posts: Post[] = [];

	constructor(
		public owner: Account,
		public name: string,
		public description: string,
		readonly created: number,
	) {}
}

type Variables = Record<string, unknown>;

export class Newsletters {
	private readonly newsletters = new Map<string, Newsletter>();

	constructor(
		private readonly service: Service,
		mex: Mex,
	) {
		mex.set('xwa2_newsletter_create', ({ input }, device) =>
			this.create(input as Variables, device),
		);
		mex.set('xwa2_newsletter', ({ input }, device) =>
			this.describe(this.find(input), device.account),
		);
		mex.set('xwa2_newsletter_update', (variables, device) => this.update(variables, device));
		mex.set('xwa2_newsletter_join_v2', (variables, device) => this.follow(variables, device, true));
		mex.set('xwa2_newsletter_leave_v2', (variables, device) =>
			this.follow(variables, device, false),
		);
		mex.set('xwa2_newsletter_mute_v2', (variables, device) => this.mute(variables, device, true));
		mex.set('xwa2_newsletter_unmute_v2', (variables, device) =>
			this.mute(variables, device, false),
		);
		mex.set('xwa2_newsletter_subscribers', (v) => ({ subscribers: this.get(v).followers.size }));
		mex.set('xwa2_newsletter_admin', () => ({ admin_count: 1 }));
		mex.set('xwa2_newsletter_delete_v2', (v, device) => this.remove(v, device));
	}

	/** A post, a reaction to one, or an edit: by the owner, reactions by everybody. */
	message(sender: Device, message: BinaryNode): number | undefined {
		const { to = '', type = 'text', id = '', server_id } = message.attrs;
		const newsletter = this.newsletters.get(to);
		if (!newsletter) return 404;
		if (type === 'reaction') {
			const post = newsletter.posts.find((p) => String(p.serverId) === server_id);
			if (!post) return 404;
			const code = child(message, 'reaction')?.attrs['code'];
			if (code) post.reactions.set(sender.account, code);
			else post.reactions.delete(sender.account);
			return undefined;
		}
		if (newsletter.owner !== sender.account) return 403;
		const body = bytesOf(child(message, 'plaintext')) ?? Buffer.alloc(0);
		const serverId = 100 + newsletter.posts.length;
		const post = { serverId, id, type, at: this.service.seconds(), body, reactions: new Map() };
		newsletter.posts.push(post);
		for (const account of [newsletter.owner, ...newsletter.followers]) {
			const attrs = { from: to, id, type, t: post.at, server_id: serverId };
			this.service.deliverToAll(account, el('message', attrs, [el('plaintext', {}, body)]), sender);
		}
		return undefined;
	}

	/** xmlns `newsletter`: past messages with their counts, and the promise of live updates. */
	query(jid: string, ask: BinaryNode): BinaryNode[] {
		const newsletter = this.get({ newsletter_id: jid });
		if (ask.tag === 'live_updates') return [el('live_updates', { duration: 300 })];
		if (ask.tag !== 'message_updates' && ask.tag !== 'messages')
			throw new IqError(400, 'bad-request');
		const after = Number(ask.attrs['after'] ?? 0);
		const posts = newsletter.posts
			.filter(({ serverId }) => serverId > after)
			.slice(-Number(ask.attrs['count'] ?? 100));
		const messages = posts.map(({ serverId, id, type, at, body, reactions }) => {
			const counts = new Map<string, number>();
			for (const code of reactions.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
			return el('message', { server_id: serverId, id, type, t: at }, [
				el('plaintext', {}, body),
				el('views_count', { count: newsletter.followers.size }),
				el(
					'reactions',
					{},
					[...counts].map(([code, count]) => el('reaction', { code, count })),
				),
			]);
		});
		return [el(ask.tag, { t: this.service.seconds() }, [el('messages', { jid }, messages)])];
	}

	private create({ name, description }: Variables, { account }: Device) {
		const newsletter = new Newsletter(
			account,
			typeof name === 'string' ? name : '',
			typeof description === 'string' ? description : '',
			this.service.seconds(),
		);
		this.newsletters.set(newsletter.jid, newsletter);
		return this.describe(newsletter, account);
	}

	private update(variables: Variables, { account }: Device) {
		const newsletter = this.owned(variables, account);
		const { name, description } = variables['updates'] as Variables;
		if (typeof name === 'string') newsletter.name = name;
		if (typeof description === 'string') newsletter.description = description;
		return this.describe(newsletter, account);
	}

	private follow(variables: Variables, { account }: Device, on: boolean) {
		const newsletter = this.get(variables);
		if (on) newsletter.followers.add(account);
		else newsletter.followers.delete(account);
		return { id: newsletter.jid, state: { type: 'ACTIVE' } };
	}

	private mute(variables: Variables, { account }: Device, on: boolean) {
		const newsletter = this.get(variables);
		if (on) newsletter.muted.add(account);
		else newsletter.muted.delete(account);
		return { id: newsletter.jid };
	}

	private remove(variables: Variables, { account }: Device) {
		const newsletter = this.owned(variables, account);
		this.newsletters.delete(newsletter.jid);
		return { id: newsletter.jid, state: { type: 'DELETED' } };
	}

	private owned(variables: Variables, account: Account): Newsletter {
		const newsletter = this.get(variables);
		if (newsletter.owner !== account) throw new IqError(403, 'forbidden');
		return newsletter;
	}

	private get(variables: Variables): Newsletter {
		const newsletter = this.newsletters.get(String(variables['newsletter_id']));
		if (!newsletter) throw new IqError(404, 'item-not-found');
		return newsletter;
	}

	/** By address or by invitation. */
	private find(input: unknown): Newsletter {
		const { key, type } = input as { key?: string; type?: string };
		const found =
			type === 'INVITE'
				? [...this.newsletters.values()].find(({ invite }) => invite === key)
				: this.newsletters.get(key ?? '');
		if (!found) throw new IqError(404, 'item-not-found');
		return found;
	}

	private describe(newsletter: Newsletter, viewer: Account) {
		const { jid, name, description, created, invite, followers, muted, owner } = newsletter;
		const role = viewer === owner ? 'OWNER' : followers.has(viewer) ? 'SUBSCRIBER' : 'GUEST';
		const text = (value: string) => ({ id: '1', text: value, update_time: `${created}000000` });
		return {
			id: jid,
			state: { type: 'ACTIVE' },
			thread_metadata: {
				creation_time: String(created),
				name: text(name),
				description: text(description),
				handle: null,
				invite,
				picture: { id: '', type: 'IMAGE', direct_path: '' },
				preview: { id: '', type: 'PREVIEW', direct_path: '' },
				reaction_codes: { value: 'ALL' },
				subscribers_count: String(followers.size),
				verification: 'UNVERIFIED',
			},
			viewer_metadata: { mute: muted.has(viewer) ? 'ON' : 'OFF', role },
		};
	}
}
