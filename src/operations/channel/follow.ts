/** Follow, Unfollow, Mute, Unmute and Delete: one shape, five changes. */
import { defineOperation, type AnyOperation } from '../types';
import { channelField, readChannel, resolveChannel } from './field';
import { mex } from './mex';
import { CHANNEL_ID } from './shape';

const change = (
	query: 'follow' | 'unfollow' | 'mute' | 'unmute' | 'delete',
	result: { [name: string]: boolean },
	names: { name: string; action: string; description: string; destructive?: boolean },
): AnyOperation =>
	defineOperation<{ channel: string }>({
		resource: 'channel',
		operation: query,
		...names,
		needs: 'socket',
		writes: true,
		repeatable: query !== 'delete',
		fields: [channelField],
		read: (context, item) => ({ channel: readChannel(context, item) }),
		async perform(owner, { channel: given }) {
			const channel = await resolveChannel(owner, given);
			await mex(owner, query, { newsletter_id: channel });
			return { channel, ...result };
		},
		sample: { channel: CHANNEL_ID, ...result },
	});

export const follow = change(
	'follow',
	{ following: true },
	{
		name: 'Follow',
		action: 'Follow a channel',
		description: 'Follow a channel; its posts then start workflows, too',
	},
);

export const unfollow = change(
	'unfollow',
	{ following: false },
	{
		name: 'Unfollow',
		action: 'Unfollow a channel',
		description: 'Stop following a channel',
	},
);

export const mute = change(
	'mute',
	{ muted: true },
	{
		name: 'Mute',
		action: 'Mute a channel',
		description: 'Have the phone show no notifications for posts of a channel',
	},
);

export const unmute = change(
	'unmute',
	{ muted: false },
	{
		name: 'Unmute',
		action: 'Unmute a channel',
		description: 'Have the phone show notifications for posts of a channel',
	},
);

export const deleteChannel = change(
	'delete',
	{ deleted: true },
	{
		name: 'Delete',
		action: 'Delete a channel',
		description: 'Delete a channel of this number for everybody, with all its posts and followers',
		destructive: true,
	},
);
