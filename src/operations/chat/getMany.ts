import type { ChatKind } from '../../history/types';
import { asText, readCollection, filtersCollection } from '../fields';
import { limitFields, readLimit, readSimplify, simplifyField } from '../listing';
import { defineQuery } from '../reading';
import { CHAT_SAMPLE, chatJson } from './shape';

type Params = {
	search: string;
	kind: string;
	limit: number;
	unread?: boolean;
	archived?: boolean;
	withMessages?: boolean;
	simplify?: boolean;
};

export const getMany = defineQuery<Params>({
	resource: 'chat',
	operation: 'getMany',
	name: 'Get Many',
	description: 'Get the chats, contacts and groups that this number knows, the most recent first',
	action: 'Get many chats',
	fields: [
		...limitFields(),
		simplifyField,
		filtersCollection([
			{
				displayName: 'Archived',
				name: 'archived',
				type: 'boolean',
				default: false,
				description: 'Whether to return archived chats (on) or those that are not (off)',
			},
			{
				displayName: 'Kind',
				name: 'kind',
				type: 'options',
				default: 'all',
				options: [
					{ name: 'All', value: 'all' },
					{ name: 'Channels', value: 'channel' },
					{ name: 'Groups', value: 'group' },
					{ name: 'People', value: 'person' },
				],
			},
			{
				displayName: 'Only With Messages',
				name: 'withMessages',
				type: 'boolean',
				default: true,
				description: 'Whether to leave out contacts and groups without messages',
			},
			{
				displayName: 'Search',
				name: 'search',
				type: 'string',
				default: '',
				placeholder: 'e.g. Anna',
				description: 'Part of a name or a phone number',
			},
			{
				displayName: 'Unread',
				name: 'unread',
				type: 'boolean',
				default: true,
				description: 'Whether to return chats with unread messages (on) or without (off)',
			},
		]),
	],
	read(context, item) {
		const { search, kind, unread, archived, withMessages } = readCollection(
			context,
			item,
			'filters',
		);
		const choice = (value: unknown) => (typeof value === 'boolean' ? value : undefined);
		return {
			search: asText(search).trim(),
			kind: asText(kind) || 'all',
			limit: readLimit(context, item),
			unread: choice(unread),
			archived: choice(archived),
			withMessages: withMessages === true,
			simplify: readSimplify(context, item),
		};
	},
	async answer({ history }, { kind, simplify = true, ...query }) {
		const kinds = kind === 'all' ? undefined : [kind as ChatKind];
		const found = await history.chats({ ...query, kinds });
		return found.map((chat) => chatJson(chat, simplify));
	},
	sample: [CHAT_SAMPLE],
});
