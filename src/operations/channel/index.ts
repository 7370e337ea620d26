import type { Resource } from '../types';
import { create, removeChannelPicture, setChannelPicture, updateChannel } from './create';
import { deleteChannel, follow, mute, unfollow, unmute } from './follow';
import { postMedia, postText } from './post';
import { getPosts } from './posts';
import { react, removeReaction } from './react';
import { get, getMany } from './read';

export const channel: Resource = {
	value: 'channel',
	name: 'Channel',
	default: 'get',
	operations: [
		get,
		getMany,
		getPosts,
		follow,
		unfollow,
		mute,
		unmute,
		react,
		removeReaction,
		create,
		postText,
		postMedia,
		updateChannel,
		setChannelPicture,
		removeChannelPicture,
		deleteChannel,
	],
};
