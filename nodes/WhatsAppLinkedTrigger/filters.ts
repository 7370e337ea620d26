/** The Filters collection: what has to be true before an execution starts. */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** A chat or person, picked or typed. */
const chatRow = (displayName: string, placeholder: string): INodeProperties => ({
	displayName,
	name: 'chat',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchChats', searchable: true },
		},
		{
			displayName: 'Number or ID',
			name: 'id',
			type: 'string',
			placeholder,
			hint: 'A phone number with country code, or an ID that ends with @s.whatsapp.net, @lid or @g.us; several with commas',
		},
	],
});

const DAYS: INodePropertyOptions[] = [
	'Sunday',
	'Monday',
	'Tuesday',
	'Wednesday',
	'Thursday',
	'Friday',
	'Saturday',
].map((name, value) => ({ name, value }));

export const MEDIA_KINDS: INodePropertyOptions[] = [
	{ name: 'Audio', value: 'audio' },
	{ name: 'File', value: 'file' },
	{ name: 'GIF', value: 'gif' },
	{ name: 'Image', value: 'image' },
	{ name: 'Sticker', value: 'sticker' },
	{ name: 'Video', value: 'video' },
	{ name: 'Video Note', value: 'ptv' },
	{ name: 'Voice Message', value: 'voice' },
];

export const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	description: 'What has to be true before an execution starts; all filters have to fit',
	options: [
		{
			displayName: 'Chats',
			name: 'chats',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Chat' },
			default: {},
			description: 'Only what happens in one of these chats',
			options: [
				{
					displayName: 'Chats',
					name: 'values',
					values: [chatRow('Chat', 'e.g. 120363000000000001@g.us')],
				},
			],
		},
		{
			displayName: 'Ignore People Not in Contacts',
			name: 'onlyContacts',
			type: 'boolean',
			default: true,
			description: 'Whether to leave out people who are not saved in the address book of the phone',
		},
		{
			displayName: 'Ignore What I Do Myself',
			name: 'ignoreOwn',
			type: 'boolean',
			default: true,
			description:
				'Whether to leave out what the owner of the number (or n8n) does, for example own reactions; this is the default and keeps workflows from starting themselves. Message: Sent From the Phone and events about own chats are not affected.',
		},
		{
			displayName: 'Media',
			name: 'media',
			type: 'multiOptions',
			default: [],
			description: 'Only messages with media of these kinds',
			options: [...MEDIA_KINDS, { name: 'Without Media', value: 'none' }],
		},
		{
			displayName: 'Only When I Am Mentioned or Replied To',
			name: 'addressed',
			type: 'boolean',
			default: true,
			description:
				'Whether to leave out messages in groups that neither mention this number nor reply to it; direct messages always fit',
		},
		{
			displayName: 'People',
			name: 'people',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Person' },
			default: {},
			description: 'Only what one of these people did, or what is about them, in any chat',
			options: [
				{
					displayName: 'People',
					name: 'values',
					values: [chatRow('Person', 'e.g. +1 555 010 0123')],
				},
			],
		},
		{
			displayName: 'Quiet Times',
			name: 'quiet',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Quiet Time' },
			default: {},
			description:
				'What happens in these hours starts no execution, now or later. Times are in the time zone of the workflow.',
			options: [
				{
					displayName: 'Quiet Times',
					name: 'values',
					values: [
						{
							displayName: 'From',
							name: 'from',
							type: 'string',
							default: '22:00',
							placeholder: 'e.g. 22:00',
						},
						{
							displayName: 'To',
							name: 'to',
							type: 'string',
							default: '07:00',
							placeholder: 'e.g. 07:00',
							description: 'May be on the next morning',
						},
						{
							displayName: 'Days',
							name: 'days',
							type: 'multiOptions',
							default: [],
							description: 'Days on which it begins; none = every day',
							options: DAYS,
						},
					],
				},
			],
		},
		{
			displayName: 'Starts With Command',
			name: 'commands',
			type: 'string',
			default: '',
			placeholder: 'e.g. /help, /stop',
			description:
				'Only messages that begin with this word, in small or capital letters; several with commas',
		},
		{
			displayName: 'Text Contains',
			name: 'contains',
			type: 'string',
			default: '',
			placeholder: 'e.g. invoice',
			description: 'Only messages with this text, in small or capital letters',
		},
		{
			displayName: 'Text Matches',
			name: 'pattern',
			type: 'string',
			default: '',
			placeholder: 'e.g. /order\\s+\\d+/i',
			description: 'Only messages whose text matches this regular expression',
		},
		{
			displayName: 'Where',
			name: 'places',
			type: 'multiOptions',
			default: [],
			description: 'Only what happens there; none = everywhere',
			options: [
				{ name: 'Channels', value: 'channels' },
				{ name: 'Direct Chats', value: 'direct' },
				{ name: 'Groups', value: 'groups' },
				{ name: 'Status', value: 'status' },
			],
		},
	],
};
