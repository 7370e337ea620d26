/** What is posted in newsletters. Nothing is encrypted; reactions and counts go by the server's id. */
import type { BinaryNode } from '../../contract';
import type { Account, Device } from '../accounts';
import { IqError } from '../iq';
import { bytesOf, child, el } from '../nodes';
import type { Service } from '../service';
import type { Newsletter, Post } from './newsletter';

/** The `edit` attribute: whatsmeow's EditAttribute (3 by an admin, 7 taken back, 8 deleted by an admin). */
const EDITED = '3';
const DELETED = '8';

export class Posts {
	constructor(private readonly service: Service) {}

	/** A post, its edit or deletion, or a reaction: refused with a code, or acknowledged. */
	take(sender: Device, message: BinaryNode): number | { server_id: number } | undefined {
		const { to = '', type } = message.attrs;
		let newsletter: Newsletter;
		try {
			newsletter = this.service.newsletters.at(to);
		} catch {
			return 404;
		}
		if (type === 'reaction') return react(newsletter, sender.account, message);
		if (!newsletter.mayPost(sender.account)) return 403;
		const { edit } = message.attrs;
		if (edit === EDITED || edit === DELETED) return this.change(newsletter, sender, message);
		return this.post(newsletter, sender, message);
	}

	/** Past posts; without the number of views, as gateways report (waha's issue 2150). */
	messages(ask: BinaryNode, asker: Account): BinaryNode[] {
		const { type, jid, key } = ask.attrs;
		const newsletter = this.service.newsletters.find({ type, key: type === 'jid' ? jid : key });
		const posts = this.select(newsletter, ask);
		const nodes = posts.map((post) => describe(post, asker));
		return [el('messages', { jid: newsletter.jid, t: this.service.seconds() }, nodes)];
	}

	/** Counts of posts. (The real service does not answer this any more, says the same issue.) */
	updates(jid: string, ask: BinaryNode, asker: Account): BinaryNode[] {
		const newsletter = this.service.newsletters.at(jid);
		const nodes = this.select(newsletter, ask).map((post) =>
			describe(post, asker, [el('views_count', { count: newsletter.followers.size })]),
		);
		return [el('message_updates', { t: this.service.seconds() }, [el('messages', { jid }, nodes)])];
	}

	private select(newsletter: Newsletter, ask: BinaryNode): Post[] {
		const { after = '0', before = 'Infinity', count = '100' } = ask.attrs;
		if (!Number(count)) throw new IqError(400, 'bad-request');
		return newsletter.posts
			.filter(({ serverId }) => serverId > Number(after) && serverId < Number(before))
			.slice(-Number(count));
	}

	private post(newsletter: Newsletter, sender: Device, message: BinaryNode) {
		const { id = '', type = 'text', media_id } = message.attrs;
		const plaintext = child(message, 'plaintext');
		const { mediatype: mediaType } = plaintext?.attrs ?? {};
		// smax-invalid, as people report it for media that does not say what it is, or that was uploaded
		// as for a chat (Baileys' issue 2199 and pull request 2434).
		if (type === 'media' && !mediaType) return 479;
		if (media_id !== undefined && !this.service.media.isPlain(media_id)) return 479;
		const post: Post = {
			serverId: newsletter.nextServerId,
			id,
			type,
			mediaType,
			at: this.service.seconds(),
			by: sender.account,
			body: bytesOf(plaintext) ?? Buffer.alloc(0),
			reactions: new Map(),
		};
		newsletter.posts.push(post);
		this.spread(newsletter, post, sender);
		return { server_id: post.serverId };
	}

	private change(newsletter: Newsletter, sender: Device, message: BinaryNode) {
		const { id, edit } = message.attrs;
		const post = newsletter.posts.find((each) => each.id === id);
		if (!post) return 404;
		post.body = edit === DELETED ? undefined : bytesOf(child(message, 'plaintext'));
		post.editedAt = this.service.seconds();
		this.spread(newsletter, post, sender, { edit });
		return { server_id: post.serverId };
	}

	private spread(
		newsletter: Newsletter,
		post: Post,
		sender: Device,
		more: Record<string, string | undefined> = {},
	): void {
		const { id, type, at, serverId, by } = post;
		for (const account of newsletter.readers) {
			const attrs = {
				from: newsletter.jid,
				id,
				type,
				t: at,
				server_id: serverId,
				is_sender: account === by ? 'true' : undefined,
				...more,
			};
			this.service.deliverToAll(account, el('message', attrs, contentOf(post)), sender);
		}
	}
}

function react(newsletter: Newsletter, account: Account, message: BinaryNode) {
	const { server_id } = message.attrs;
	const post = newsletter.posts.find(({ serverId }) => String(serverId) === server_id);
	if (!post?.body) return 404;
	const code = child(message, 'reaction')?.attrs['code'];
	if (code) post.reactions.set(account, code);
	else post.reactions.delete(account);
	return undefined;
}

function contentOf({ body, mediaType, editedAt, at }: Post): BinaryNode[] {
	const plaintext = body && el('plaintext', { mediatype: mediaType }, body);
	const meta = editedAt && el('meta', { msg_edit_t: editedAt * 1_000, original_msg_t: at });
	return [plaintext, meta].filter((node) => node !== undefined && node !== 0) as BinaryNode[];
}

function describe(post: Post, asker: Account, more: BinaryNode[] = []): BinaryNode {
	const { serverId, id, type, at, by } = post;
	const counts = new Map<string, number>();
	for (const code of post.reactions.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
	const reactions = [...counts].map(([code, count]) => el('reaction', { code, count }));
	const is_sender = by === asker ? 'true' : undefined;
	return el('message', { server_id: serverId, id, type, t: at, is_sender }, [
		...contentOf(post),
		...more,
		...(reactions.length > 0 ? [el('reactions', {}, reactions)] : []),
	]);
}
