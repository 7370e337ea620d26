/** The Options collection: how executions start and what they get. */
import type { INodeProperties } from 'n8n-workflow';
import { MEDIA_KINDS } from './filters';

export const options: INodeProperties = {
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
				'Whether an event whose execution died with n8n starts the workflow again; otherwise the event Trigger: Execution Interrupted tells of it',
		},
		{
			displayName: 'Batch Messages of a Chat (Seconds)',
			name: 'batchSeconds',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 3600 },
			default: 5,
			description:
				'Messages of a chat that follow each other within this time start one execution together, with an item for each. Waits for ten times as long, or for 50 messages, at most.',
		},
		{
			displayName: 'Catch Up (Hours)',
			name: 'catchUpHours',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 720 },
			default: 24,
			description:
				'What happened while n8n or the connection was away starts the workflow if it is not older than this; 0 leaves all of it out',
		},
		{
			displayName: 'Download Media',
			name: 'download',
			type: 'boolean',
			default: true,
			description: 'Whether to put the file of a message into the binary data of its item',
		},
		{
			displayName: 'Download Media: Kinds',
			name: 'downloadKinds',
			type: 'multiOptions',
			default: [],
			description: 'Only files of these kinds are downloaded; none = all',
			options: MEDIA_KINDS,
		},
		{
			displayName: 'Download Media: Limit (MB)',
			name: 'downloadMaxMegabytes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 2048 },
			default: 20,
			description: 'Larger files are not downloaded; the item then has the field mediaError',
		},
		{
			displayName: 'Download Media: Put Output in Field',
			name: 'binaryPropertyName',
			type: 'string',
			default: 'data',
			hint: 'The name of the output binary field to put the file in',
		},
		{
			displayName: 'Executions at Once',
			name: 'maxInFlight',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100 },
			default: 10,
			description:
				'How many executions of this trigger may run at the same time; other events wait in storage',
		},
		{
			displayName: 'Link Page',
			name: 'linkPage',
			type: 'boolean',
			default: true,
			description:
				'Whether to serve a web page on which the owner of the number links it, by QR code or by a code typed on the phone. Its address is the production URL of this node, once the workflow is published. Whoever has the address can link a number to this credential until one is linked: give it to that person only.',
		},
		{
			displayName: 'Mark as Read',
			name: 'markRead',
			type: 'boolean',
			default: true,
			description: 'Whether to mark messages that start an execution as read',
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
		{
			displayName: 'Raw Message',
			name: 'raw',
			type: 'boolean',
			default: true,
			description:
				'Whether to add the message as WhatsApp has it in the field raw; it holds the keys of its files',
		},
		{
			displayName: 'Show Typing',
			name: 'typing',
			type: 'boolean',
			default: true,
			description: 'Whether the chat shows typing... while the workflow runs.',
		},
	],
};
