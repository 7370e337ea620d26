/** Get Posts: what a channel has published, with reactions, followed or not. */
import type { BinaryNode } from '@whiskeysockets/baileys';
import { loadBaileys } from '../../baileys';
import { contentOf } from '../../wa/content';
import { bytesOf, childOf, childrenOf } from '../../wa/nodes';
import { iso } from '../group/shape';
import { limitFields, readLimit } from '../listing';
import { query } from '../query';
import { defineOperation, type Json, type JsonObject, type Owner } from '../types';
import { channelField, readChannel, resolveChannel } from './field';
import { CHANNEL_ID } from './shape';

/** How many are asked for at once. */
const PAGE = 100;
/** Enough for every channel seen; Return All must end. */
const MOST = 10_000;

/**
 * Posts of a channel, the newest first. Baileys' newsletterFetchMessages asks another question, which
 * the server does not answer any more (waha's issue 2150); this is the one that whatsmeow asks.
 */
export async function postsOf(owner: Owner, channel: string, limit: number): Promise<JsonObject[]> {
	const posts: JsonObject[] = [];
	const most = Math.min(limit, MOST);
	let before: string | undefined;
	while (posts.length < most) {
		const count = Math.min(PAGE, most - posts.length);
		const attrs = { type: 'jid', jid: channel, count: String(count) };
		const answer = await query(
			owner,
			{
				to: 's.whatsapp.net',
				xmlns: 'newsletter',
				type: 'get',
				content: [{ tag: 'messages', attrs: before ? { ...attrs, before } : attrs }],
			},
			{ 404: { code: 'not-found', detail: 'There is no such channel (any more).' } },
		);
		const page = childrenOf(childOf(answer, 'messages'), 'message').sort(
			(a, b) => Number(b.attrs.server_id) - Number(a.attrs.server_id),
		);
		for (const post of page) posts.push(await describePost(channel, post));
		const oldest = page.at(-1)?.attrs.server_id;
		if (page.length < count || !oldest || oldest === before) break;
		before = oldest;
	}
	return posts;
}

async function describePost(channel: string, post: BinaryNode): Promise<JsonObject> {
	const { id, server_id, t, is_sender } = post.attrs;
	const body = bytesOf(childOf(post, 'plaintext'));
	const { proto } = await loadBaileys();
	let content: ReturnType<typeof contentOf> | undefined;
	try {
		content = body && contentOf(proto.Message.decode(body));
	} catch {
		// A post that cannot be read is listed all the same.
	}
	const views = childOf(post, 'views_count')?.attrs.count;
	const reactions = childrenOf(childOf(post, 'reactions'), 'reaction').map(
		({ attrs: { code = '', count } }) => [code, Number(count)] as const,
	);
	const edited = childOf(post, 'meta')?.attrs.msg_edit_t;
	const { poll, link, location } = (content ?? {}) as Record<string, Json | undefined>;
	return {
		messageId: id ?? null,
		serverId: server_id ?? null,
		channel,
		timestamp: iso(t),
		fromMe: is_sender === 'true',
		kind: content?.kind ?? null,
		text: content?.text ?? null,
		media: (content?.media ?? null) as Json,
		...(poll ? { poll } : {}),
		...(link ? { link } : {}),
		...(location ? { location } : {}),
		edited: edited !== undefined && body !== undefined,
		deleted: body === undefined,
		reactions: Object.fromEntries(reactions),
		views: views === undefined ? null : Number(views),
	};
}

export const getPosts = defineOperation<{ channel: string; limit: number }>({
	resource: 'channel',
	operation: 'getPosts',
	name: 'Get Posts',
	description: 'Get the posts of a channel with their reactions, the newest first; followed or not',
	action: 'Get the posts of a channel',
	needs: 'socket',
	writes: false,
	fields: [channelField, ...limitFields(50)],
	read: (context, item) => ({
		channel: readChannel(context, item),
		limit: readLimit(context, item),
	}),
	async perform(owner, { channel: given, limit }) {
		return await postsOf(owner, await resolveChannel(owner, given), limit);
	},
	sample: [
		{
			messageId: '3EB0A1B2C3D4E5F60718',
			serverId: '117',
			channel: CHANNEL_ID,
			timestamp: '2026-11-23T09:30:00.000Z',
			fromMe: false,
			kind: 'text',
			text: 'The bridge is open again',
			media: null,
			edited: false,
			deleted: false,
			reactions: { '👍': 12 },
			views: null,
		},
	],
});
