/** Get and Get Many. */
import { asText, readCollection, filtersCollection } from '../fields';
import { limitFields, readLimit } from '../listing';
import { defineOperation } from '../types';
import { channelField, lookUpChannel, readChannel } from './field';
import { mex } from './mex';
import { CHANNEL_SAMPLE, describeChannel } from './shape';

export const get = defineOperation<{ channel: string }>({
	resource: 'channel',
	operation: 'get',
	name: 'Get',
	description: 'Get a channel by its ID or its link, followed or not',
	action: 'Get a channel',
	needs: 'socket',
	writes: false,
	fields: [channelField],
	read: (context, item) => ({ channel: readChannel(context, item) }),
	perform: async (owner, { channel }) => await lookUpChannel(owner, channel),
	sample: CHANNEL_SAMPLE,
});

export const getMany = defineOperation<{ role: string; limit: number }>({
	resource: 'channel',
	operation: 'getMany',
	name: 'Get Many',
	description: 'Get the channels that this number follows, owns or is an admin of',
	action: 'Get many channels',
	needs: 'socket',
	writes: false,
	fields: [
		...limitFields(),
		filtersCollection([
			{
				displayName: 'Role',
				name: 'role',
				type: 'options',
				default: 'all',
				options: [
					{ name: 'All', value: 'all' },
					{ name: 'Followed', value: 'followed' },
					{ name: 'Own', value: 'own', description: 'Those that this number can post in' },
				],
			},
		]),
	],
	read: (context, item) => ({
		role: asText(readCollection(context, item, 'filters').role) || 'all',
		limit: readLimit(context, item),
	}),
	async perform(owner, { role, limit }) {
		const list = await mex(owner, 'list', {});
		return (Array.isArray(list) ? list : [])
			.filter((each) => each !== null)
			.map(describeChannel)
			.filter((channel) => {
				if (role === 'all') return true;
				return (role === 'own') === (channel.role === 'owner' || channel.role === 'admin');
			})
			.slice(0, limit);
	},
	sample: [CHANNEL_SAMPLE],
});
