/** The safety fields of the credential, with the numbers of the profiles beside them. */
import type { INodeProperties } from 'n8n-workflow';
import { NUMBER_FIELDS, type NumberField } from './numbers';
import { BALANCED, CAREFUL } from './profiles';
import { recipientChoices } from './recipients';

const shown = (field: NumberField, limits: typeof CAREFUL): number =>
	Math.round(field.read(limits) * 100) / 100;

export const safetyFields: INodeProperties[] = [
	{
		displayName: 'Safety Profile',
		name: 'safetyProfile',
		type: 'options',
		default: 'careful',
		description:
			'WhatsApp restricts numbers that write to people who do not answer. The profile keeps this number away from that. Answers to people who wrote, groups and people who know this number are hardly held up.',
		options: [
			{
				name: 'Balanced',
				value: 'balanced',
				description: 'For numbers in use for long, whose messages people expect',
			},
			{
				name: 'Careful',
				value: 'careful',
				description: 'Few new conversations a day, small pauses. For most numbers.',
			},
			{
				name: 'Off',
				value: 'off',
				description: 'No limits of our own; what WhatsApp itself refuses still counts',
			},
		],
	},
	{
		displayName: 'Safety Limits',
		name: 'safetyLimits',
		type: 'collection',
		placeholder: 'Add Limit',
		default: {},
		description: 'Numbers that are to be other than the profile has them',
		options: NUMBER_FIELDS.map((field): INodeProperties => ({
			displayName: field.label,
			name: field.name,
			type: 'number',
			typeOptions: { minValue: field.unlimited ? -1 : 0, numberPrecision: 2 },
			default: shown(field, CAREFUL),
			description: `${field.description.replace(/\.$/, '')}. Careful: ${shown(field, CAREFUL)}, Balanced: ${shown(field, BALANCED)}.`,
		})),
	},
	{
		displayName: 'Guardrails',
		name: 'safetyGuardrails',
		type: 'collection',
		placeholder: 'Add Guardrail',
		default: {},
		description: 'What no workflow and no AI agent that uses this credential may do',
		options: [
			{
				displayName: 'Allowed Recipients',
				name: 'recipients',
				type: 'options',
				default: 'anyone',
				description: 'Who may be written to',
				options: recipientChoices,
			},
			{
				displayName: 'Only Answers',
				name: 'onlyReplies',
				type: 'boolean',
				default: false,
				description:
					'Whether messages go only to chats from which somebody has written within the last 24 hours',
			},
			{
				displayName: 'Recipients',
				name: 'list',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'e.g. +1 555 010 0101, 120363000000000000@g.us',
				description:
					'Phone numbers and IDs of chats, separated by commas; counts when Allowed Recipients is From a List',
			},
		],
	},
];
