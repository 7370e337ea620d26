/** React and Remove Reaction. */
import type { IExecuteFunctions } from 'n8n-workflow';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { asked } from '../asked';
import { emojiField, readEmoji } from '../emoji';
import { badField, readText } from '../fields';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { channelField, readChannel, resolveChannel } from './field';
import { postsOf } from './posts';
import { CHANNEL_ID } from './shape';

type Params = { channel: string; post: string; emoji: string };

const ANSWER_MS = 15_000;
/** How many of the last posts a message ID is looked for in. */
const LAST = 100;

const postField = {
	displayName: 'Post ID',
	name: 'post',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. {{ $json.serverId }}',
	description: 'The server ID of the post, or its message ID',
} as const;

/** WhatsApp names posts by a number of the server's own. */
async function serverIdOf(owner: Owner, channel: string, post: string): Promise<string> {
	if (/^\d{1,12}$/.test(post)) return post;
	const known = (await owner.findMessage(post))?.key as { server_id?: string } | undefined;
	if (known?.server_id) return known.server_id;
	const found = (await postsOf(owner, channel, LAST)).find(({ messageId }) => messageId === post);
	if (found?.serverId) return String(found.serverId);
	throw new LinkedError('not-found', {
		detail: `No post with this ID is among the last ${LAST} of the channel.`,
		data: { post },
	});
}

/** As Baileys' newsletterReactMessage, which does not look at the answer. */
async function setReaction(owner: Owner, params: Params): Promise<JsonObject> {
	const channel = await resolveChannel(owner, params.channel);
	const serverId = await serverIdOf(owner, channel, params.post);
	const { emoji } = params;
	const attrs = { to: channel, type: 'reaction', server_id: serverId, id: owner.messageId };
	const stanza: BinaryNode = {
		tag: 'message',
		attrs: emoji ? attrs : { ...attrs, edit: '7' },
		content: [{ tag: 'reaction', attrs: emoji ? { code: emoji } : {} }],
	};
	const socket = await owner.socket();
	const unsure = { 408: 'no-answer', 428: 'no-answer' } as const;
	const ack = (await asked(socket.query(stanza, ANSWER_MS), unsure)) as BinaryNode | undefined;
	if (!ack) throw new LinkedError('no-answer');
	const { error } = ack.attrs;
	if (error === '404') {
		throw new LinkedError('not-found', { detail: 'There is no such post (any more).' });
	}
	if (error && error !== '0') {
		throw new LinkedError('rejected', {
			detail: `It answered ${error}.`,
			data: { status: Number(error) },
		});
	}
	return { channel, serverId, emoji: emoji || null };
}

export const react = defineOperation<Params>({
	resource: 'channel',
	operation: 'react',
	name: 'React',
	description: 'React to a post of a channel; a new reaction takes the place of the one before',
	action: 'React to a post of a channel',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [channelField, postField, emojiField],
	read(context, item) {
		const emoji = readEmoji(context, item);
		return { channel: readChannel(context, item), post: readPost(context, item), emoji };
	},
	perform: setReaction,
	sample: { channel: CHANNEL_ID, serverId: '117', emoji: '👍' },
});

export const removeReaction = defineOperation<Params>({
	resource: 'channel',
	operation: 'removeReaction',
	name: 'Remove Reaction',
	description: 'Take back the reaction to a post of a channel',
	action: 'Remove a reaction to a post of a channel',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [channelField, postField],
	read: (context, item) => ({
		channel: readChannel(context, item),
		post: readPost(context, item),
		emoji: '',
	}),
	perform: setReaction,
	sample: { channel: CHANNEL_ID, serverId: '117', emoji: null },
});

function readPost(context: IExecuteFunctions, item: number): string {
	const post = readText(context, item, 'post').trim();
	if (!/^[\w.-]{1,64}$/.test(post)) throw badField('Post ID', 'this is not the ID of a post.');
	return post;
}
