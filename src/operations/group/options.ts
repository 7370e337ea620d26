import type { INodeProperties } from 'n8n-workflow';

export const refreshOption: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Ask WhatsApp Anew',
			name: 'refresh',
			type: 'boolean',
			default: false,
			description:
				'Whether to ask WhatsApp although the answer is known. What is known is kept right by the changes that WhatsApp tells of, and asking often is refused.',
		},
	],
};
