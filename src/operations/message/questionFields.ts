/** The fields of Send and Wait for Response, and reading them. */
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { AnswerKind } from '../../questions/question';
import { chatField } from '../chat';
import {
	asDate,
	asNumber,
	asText,
	badField,
	readCollection,
	readEntries,
	readText,
	optionsCollection,
} from '../fields';
import { choicesField } from './choicesField';

const UNIT_MS: Record<string, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** The same fields, names and defaults as n8n's own nodes have, so that they can be exchanged. */
const limitWaitTime: INodeProperties = {
	displayName: 'Limit Wait Time',
	name: 'limitWaitTime',
	type: 'fixedCollection',
	description: 'How long to wait for the answer; without it the execution waits for ever',
	default: { values: { limitType: 'afterTimeInterval', resumeAmount: 45, resumeUnit: 'minutes' } },
	options: [
		{
			displayName: 'Values',
			name: 'values',
			values: [
				{
					displayName: 'Limit Type',
					name: 'limitType',
					type: 'options',
					default: 'afterTimeInterval',
					options: [
						{ name: 'After Time Interval', value: 'afterTimeInterval' },
						{ name: 'At Specified Time', value: 'atSpecifiedTime' },
					],
				},
				{
					displayName: 'Amount',
					name: 'resumeAmount',
					type: 'number',
					typeOptions: { minValue: 0, numberPrecision: 2 },
					displayOptions: { show: { limitType: ['afterTimeInterval'] } },
					default: 1,
				},
				{
					displayName: 'Unit',
					name: 'resumeUnit',
					type: 'options',
					displayOptions: { show: { limitType: ['afterTimeInterval'] } },
					options: [
						{ name: 'Days', value: 'days' },
						{ name: 'Hours', value: 'hours' },
						{ name: 'Minutes', value: 'minutes' },
					],
					default: 'hours',
				},
				{
					displayName: 'Date and Time',
					name: 'maxDateAndTime',
					type: 'dateTime',
					displayOptions: { show: { limitType: ['atSpecifiedTime'] } },
					default: '',
				},
			],
		},
	],
};

export const questionFields: INodeProperties[] = [
	chatField({ description: 'Who is asked: a person, or a group' }),
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		placeholder: 'e.g. Shall I send the offer to Anna?',
		description: 'The question. WhatsApp formatting works: *bold*, _italic_.',
	},
	{
		displayName: 'Response Type',
		name: 'responseType',
		type: 'options',
		default: 'approval',
		options: [
			{
				name: 'Approval',
				value: 'approval',
				description: 'Yes or no: by vote, by a reaction like 👍 or 👎, or in words',
			},
			{
				name: 'Choice',
				value: 'choice',
				description: 'One of several choices: by vote, or in words',
			},
			{ name: 'Free Text', value: 'freeText', description: 'Whatever the person answers' },
		],
	},
	choicesField(
		{
			name: 'answerChoices',
			description: 'What can be answered, 2 to 12',
			displayOptions: { show: { responseType: ['choice'] } },
		},
		'e.g. Tomorrow',
	),
	{
		displayName: 'Approval Options',
		name: 'approvalOptions',
		type: 'fixedCollection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: { responseType: ['approval'] } },
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Approve Label',
						name: 'approveLabel',
						type: 'string',
						default: 'Approve',
					},
					{
						displayName: 'Decline Label',
						name: 'disapproveLabel',
						type: 'string',
						default: 'Decline',
					},
				],
			},
		],
	},
	optionsCollection([
		{
			displayName: 'Ask With',
			name: 'askWith',
			type: 'options',
			options: [
				{ name: 'Poll', value: 'poll', description: 'One tap answers' },
				{ name: 'Text', value: 'text' },
			],
			default: 'poll',
			description: 'How an approval or a choice is asked for',
		},
		limitWaitTime,
		{
			displayName: 'Only Replies',
			name: 'onlyReplies',
			type: 'boolean',
			default: true,
			description:
				'Whether only messages that reply to (quote) the question are answers. By default so in groups, while in a direct chat the next fitting message answers. Votes and reactions always count.',
		},
		{
			displayName: 'Who May Answer',
			name: 'from',
			type: 'string',
			default: '',
			placeholder: 'e.g. +1 555 010 0101, +1 555 010 0102',
			description:
				'Phone numbers or IDs, separated by commas; everybody in the chat when empty. Others are not heard.',
		},
	]),
];

/** When nobody waits any more, milliseconds since the epoch; undefined = never. */
export function readUntil(value: unknown): number | undefined {
	const { values } = (value ?? {}) as { values?: Record<string, unknown> };
	if (!values) return undefined;
	const until =
		values.limitType === 'atSpecifiedTime'
			? asDate(values.maxDateAndTime, 'Date and Time').getTime()
			: Date.now() +
				asNumber(values.resumeAmount ?? 1, 'Amount') *
					(UNIT_MS[asText(values.resumeUnit ?? 'hours')] ?? Number.NaN);
	if (!Number.isFinite(until) || until <= Date.now()) {
		throw badField('Limit Wait Time', 'it must end in the future.');
	}
	return until;
}

/** What kind of answer is wanted, and what can be chosen. */
export function readKind(
	context: IExecuteFunctions,
	item: number,
): { kind: AnswerKind; choices: string[] } {
	const kind = readText(context, item, 'responseType') || 'approval';
	switch (kind) {
		case 'approval': {
			const { values } = readCollection(context, item, 'approvalOptions') as {
				values?: IDataObject;
			};
			const yes = asText(values?.approveLabel).trim() || 'Approve';
			const no = asText(values?.disapproveLabel).trim() || 'Decline';
			return { kind, choices: [yes, no] };
		}
		case 'choice':
			return {
				kind,
				choices: readEntries(context, item, 'answerChoices', 'choice').map(({ text }) =>
					asText(text).trim(),
				),
			};
		case 'freeText':
			return { kind, choices: [] };
		default:
			throw badField('Response Type', 'it must be approval, choice or freeText.');
	}
}
