/** The credential's fields about the history. */
import type { INodeProperties } from 'n8n-workflow';

export const historyFields: INodeProperties[] = [
	{
		displayName: 'Keep History Of',
		name: 'historyChats',
		type: 'options',
		default: 'all',
		description:
			'Whose messages are kept, encrypted, so that workflows can read and search them. What is not to be kept (any more) is removed within an hour.',
		options: [
			{ name: 'All Chats', value: 'all' },
			{ name: 'Chosen Chats', value: 'chosen' },
			{ name: 'Direct Chats Only', value: 'direct', description: 'No groups, channels or status' },
			{
				name: 'Nothing',
				value: 'none',
				description: 'Names of chats and contacts are kept, messages only for a week, for replies',
			},
		],
	},
	{
		displayName: 'Chats to Keep',
		name: 'historyChosen',
		type: 'string',
		default: '',
		placeholder: 'e.g. +1 555 010 0123, 120363000000000001@g.us',
		description: 'Phone numbers and IDs of chats, separated by commas',
		displayOptions: { show: { historyChats: ['chosen'] } },
	},
	{
		displayName: 'Days to Keep',
		name: 'historyDays',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'Messages older than this are removed. 0 keeps them for good.',
		displayOptions: { hide: { historyChats: ['none'] } },
	},
	{
		displayName: 'Messages per Chat',
		name: 'historyPerChat',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'Only so many of the newest messages of each chat are kept. 0 keeps all.',
		displayOptions: { hide: { historyChats: ['none'] } },
	},
	{
		displayName: 'Files in the History',
		name: 'historyMedia',
		type: 'options',
		default: 'details',
		description:
			'What is kept of messages with pictures and other files. Files themselves never are.',
		options: [
			{
				name: 'Details',
				value: 'details',
				description: 'Name, type, size and the key to download the file later',
			},
			{
				name: 'Caption Only',
				value: 'none',
				description: 'No name and no key: the file cannot be downloaded later',
			},
		],
		displayOptions: { hide: { historyChats: ['none'] } },
	},
];
