/** Who may be written to, as the credential and the nodes let people choose. */
import type { INodePropertyOptions } from 'n8n-workflow';

export const recipientChoices: INodePropertyOptions[] = [
	{ name: 'Anyone', value: 'anyone' },
	{ name: 'From a List', value: 'list' },
	{
		name: 'People Who Wrote First',
		value: 'wroteFirst',
		description: 'Chats from which somebody has written to this number before',
	},
];
