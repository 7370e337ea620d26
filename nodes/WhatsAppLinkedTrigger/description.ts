import type { INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { EVENTS } from '../../src/events';

export const description: INodeTypeDescription = {
	displayName: 'WhatsApp Linked Device Trigger',
	name: 'whatsAppLinkedTrigger',
	icon: { light: 'file:whatsAppLinked.svg', dark: 'file:whatsAppLinked.dark.svg' },
	group: ['trigger'],
	version: 1,
	subtitle: '={{ $parameter["events"].join(", ") }}',
	description: 'Starts the workflow when something happens on your own WhatsApp number',
	defaults: { name: 'WhatsApp Linked Device Trigger' },
	inputs: [],
	outputs: [NodeConnectionTypes.Main],
	credentials: [{ name: 'whatsAppLinkedApi', required: true }],
	properties: [
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
			displayName: 'Chats',
			name: 'chats',
			type: 'options',
			default: 'all',
			options: [
				{ name: 'All', value: 'all' },
				{ name: 'Direct Chats Only', value: 'direct' },
				{ name: 'Groups Only', value: 'groups' },
			],
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				{
					displayName: 'After a Crash, Run Again',
					name: 'rerun',
					type: 'boolean',
					default: true,
					description:
						'Whether an event whose execution died with n8n starts the workflow again; otherwise it is only reported in the log',
				},
				{
					displayName: 'Catch Up (Hours)',
					name: 'catchUpHours',
					type: 'number',
					default: 24,
					description:
						'Messages that came while n8n or the connection was away start the workflow if they are not older than this',
				},
				{
					displayName: 'Executions at Once',
					name: 'maxInFlight',
					type: 'number',
					default: 5,
					description: 'How many executions of this trigger may run at the same time',
				},
				{
					displayName: 'Next Message of a Chat',
					name: 'next',
					type: 'options',
					default: 'start',
					options: [
						{
							name: 'After the Execution Before Has Started',
							value: 'start',
						},
						{
							name: 'After the Execution Before Has Ended',
							value: 'end',
						},
					],
					description: 'When the next message of the same chat starts its execution',
				},
			],
		},
	],
};
