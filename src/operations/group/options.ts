import type { INodeProperties } from 'n8n-workflow';
import { optionsCollection } from '../fields';

export const refreshOption: INodeProperties = optionsCollection([
	{
		displayName: 'Ask WhatsApp Anew',
		name: 'refresh',
		type: 'boolean',
		default: false,
		description:
			'Whether to ask WhatsApp although the answer is known. What is known is kept right by the changes that WhatsApp tells of, and asking often is refused.',
	},
]);
