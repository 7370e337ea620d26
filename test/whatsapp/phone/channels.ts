/** Channels (newsletters): a person makes them, follows them, posts and reacts; nothing is encrypted. */
import type { PhoneCore } from './core';
import { type Inbox, toPhoneMessage } from './messages';
import { type BinaryNode, bytes, child, children, node } from './nodes';
import { type proto, wa } from './proto';

/** GraphQL queries by id, as Baileys' QueryIds. */
const CREATE = '8823471724422422';
const METADATA = '6563316087068696';
const FOLLOW = '24404358912487870';
const UNFOLLOW = '9767147403369991';

export interface ChannelInfo {
	id: string;
	name: string;
	description: string;
	/** The code of its link. */
	invite: string;
	picture: { direct_path: string } | null;
	subscribers: number;
	role: string;
	muted: boolean;
}

export interface ChannelPost {
	id: string;
	serverId: string;
	/** Undefined when it was deleted. */
	message?: proto.IMessage;
	reactions: Record<string, number>;
}

interface Described {
	id: string;
	thread_metadata: {
		name: { text: string };
		description: { text: string };
		invite: string;
		picture: { direct_path: string } | null;
		subscribers_count: string;
	};
	viewer_metadata: { role: string; mute: string } | null;
}

export const isChannel = (jid: string | undefined): boolean =>
	jid?.endsWith('@newsletter') ?? false;

export class Channels {
	/** Ids of posts that were deleted, as this phone was told. */
	readonly deleted: string[] = [];

	constructor(
		private readonly core: PhoneCore,
		private readonly inbox: Inbox,
	) {}

	/** A post, or its edit, arrives; called by the receiver. */
	take(stanza: BinaryNode): void {
		const { from = '', id = '', edit } = stanza.attrs;
		this.core.acknowledge(stanza);
		const body = bytes(child(stanza, 'plaintext'));
		if (!body) {
			if (edit) this.deleted.push(id);
			return;
		}
		const message = wa().Message.decode(body);
		const shown = edit ? { ...stanza, attrs: { ...stanza.attrs, id: `${id}#${edit}` } } : stanza;
		this.inbox.add(toPhoneMessage(this.core, shown, from, { jid: from, device: 0 }, message));
	}

	async create(name: string, description = ''): Promise<ChannelInfo> {
		const input = { name, description };
		return read(await this.ask<Described>(CREATE, 'xwa2_newsletter_create', { input }));
	}

	async follow(channel: string, on = true): Promise<void> {
		const path = on ? 'xwa2_newsletter_join_v2' : 'xwa2_newsletter_leave_v2';
		await this.ask(on ? FOLLOW : UNFOLLOW, path, { newsletter_id: channel });
	}

	/** By address, or by the code of its link. */
	async info(key: string): Promise<ChannelInfo> {
		const input = { key, type: isChannel(key) ? 'JID' : 'INVITE' };
		return read(await this.ask<Described>(METADATA, 'xwa2_newsletter', { input }));
	}

	/** @returns the id of the post */
	async post(channel: string, message: proto.IMessage): Promise<string> {
		const id = this.core.newId();
		await this.send(channel, { id }, wa().Message.encode(message).finish());
		return id;
	}

	/** Puts other content in the place of a post, under its id. */
	async edit(channel: string, id: string, message: proto.IMessage): Promise<void> {
		await this.send(channel, { id, edit: '3' }, wa().Message.encode(message).finish());
	}

	async delete(channel: string, id: string): Promise<void> {
		await this.send(channel, { id, edit: '8' }, Buffer.alloc(0));
	}

	private async send(
		channel: string,
		attrs: { id: string; edit?: string },
		body: Uint8Array,
	): Promise<void> {
		const isAck = ({ tag, attrs: { id } }: BinaryNode) => tag === 'ack' && id === attrs.id;
		const before = this.core.received.filter(isAck).length;
		const acked = this.core.waits.until(
			'the ack of the post',
			() => this.core.received.filter(isAck)[before],
		);
		const all = { to: channel, type: 'text', ...attrs };
		this.core.send(node('message', all, [node('plaintext', {}, Buffer.from(body))]));
		const { error } = (await acked).attrs;
		if (error) throw new Error(`The post was refused: ${error}`);
	}

	react(channel: string, serverId: string, code: string): void {
		const attrs = { to: channel, type: 'reaction', server_id: serverId, id: this.core.newId() };
		this.core.send(node('message', attrs, [node('reaction', { code })]));
	}

	/** Posts of a channel with their reactions, oldest first. */
	async posts(channel: string): Promise<ChannelPost[]> {
		const ask = node('messages', { type: 'jid', jid: channel, count: '100' });
		const answer = await this.core.query('newsletter', 'get', [ask]);
		return children(child(answer, 'messages'), 'message').map((stanza) => {
			const body = bytes(child(stanza, 'plaintext'));
			const reactions = children(child(stanza, 'reactions'), 'reaction').map(
				({ attrs: { code = '', count } }) => [code, Number(count)] as const,
			);
			const { id = '', server_id: serverId = '' } = stanza.attrs;
			const message = body && wa().Message.decode(body);
			return { id, serverId, message, reactions: Object.fromEntries(reactions) };
		});
	}

	private async ask<T>(id: string, path: string, variables: object): Promise<T> {
		const query = node('query', { query_id: id }, Buffer.from(JSON.stringify({ variables })));
		const answer = await this.core.query('w:mex', 'get', [query]);
		const { data, errors } = JSON.parse(bytes(child(answer, 'result'))?.toString() ?? '{}') as {
			data?: Record<string, T>;
			errors?: Array<{ message: string }>;
		};
		const found = data?.[path];
		if (!found) throw new Error(errors?.[0]?.message ?? 'The server gave no answer');
		return found;
	}
}

function read({ id, thread_metadata: thread, viewer_metadata: viewer }: Described): ChannelInfo {
	return {
		id,
		name: thread.name.text,
		description: thread.description.text,
		invite: thread.invite,
		picture: thread.picture,
		subscribers: Number(thread.subscribers_count),
		role: viewer?.role ?? '',
		muted: viewer?.mute === 'ON',
	};
}
