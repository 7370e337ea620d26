/** The fields of the trigger. */
import type { INodeProperties } from 'n8n-workflow';
import { EVENTS } from '../../src/events';
import { filters } from './filters';
import { options } from './options';

export const properties: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		required: true,
		default: ['message.received'],
		description: 'What starts the workflow',
		options: [...EVENTS]
			.sort((a, b) => a.label.localeCompare(b.label))
			.map(({ name, label, description: text }) => ({
				name: label,
				value: name,
				description: text,
			})),
	},
	{
		displayName:
			'Presence is told of those people and groups only that are named in Filters: Chats or People',
		name: 'presenceNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { events: ['presence.changed'] } },
	},
	filters,
	options,
];
