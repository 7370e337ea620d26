import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { proto } from '@whiskeysockets/baileys';
import type { AnswerKind, AskedQuestion } from '../../questions/question';
import { checkText, LIMITS, pollMessage } from '../../wa/format';
import { isGroup, isLid, isNewsletter, userJid } from '../../wa/ids';
import { canonicalChat, chatField, checkChat, readChat, resolveChat, resolvePeople } from '../chat';
import {
	asDate,
	asList,
	asNumber,
	asText,
	badField,
	must,
	readCollection,
	readEntries,
	readText,
} from '../fields';
import { readOnce } from '../safetyOptions';
import { defineOperation, type JsonObject, type Owner } from '../types';
import { deliverTo, messageSecret } from './deliver';

type Params = {
	chat: string;
	message: string;
	kind: AnswerKind;
	choices: string[];
	asPoll: boolean;
	onlyReplies?: boolean;
	from: string[];
	/** Nobody waits after this, milliseconds since the epoch. */
	until?: number;
};

/** Stands for the question of a poll that follows a text, in any language. */
const BELOW = '👇';

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

const fields: INodeProperties[] = [
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
	{
		displayName: 'Choices',
		name: 'answerChoices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Choice',
		default: { choice: [{ text: '' }, { text: '' }] },
		description: 'What can be answered, 2 to 12',
		displayOptions: { show: { responseType: ['choice'] } },
		options: [
			{
				displayName: 'Choice',
				name: 'choice',
				values: [
					{
						displayName: 'Text',
						name: 'text',
						type: 'string',
						default: '',
						placeholder: 'e.g. Tomorrow',
					},
				],
			},
		],
	},
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
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
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
		],
	},
];

function readUntil(value: unknown): number | undefined {
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

function readKind(context: IExecuteFunctions, item: number): Pick<Params, 'kind' | 'choices'> {
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

const pollOf = (question: string, choices: string[], secret: Uint8Array) =>
	must(pollMessage({ question, options: choices, selectable: 1 }, secret));

/** The messages that ask: a poll, a text, or a long text and then a poll. */
async function messagesFor(owner: Owner, params: Params): Promise<proto.IMessage[]> {
	const { message, kind, choices, asPoll } = params;
	const text = (body: string): proto.IMessage => ({ extendedTextMessage: { text: body } });
	if (kind === 'freeText') return [text(message)];
	if (!asPoll) {
		const signs = kind === 'approval' ? ['👍', '👎'] : choices.map((_, index) => `${index + 1}.`);
		const lines = choices.map((choice, index) => `${signs[index] ?? ''} ${choice}`);
		return [text(`${message}\n\n${lines.join('\n')}`)];
	}
	if (message.length <= LIMITS.pollQuestion) {
		return [pollOf(message, choices, await messageSecret(owner, 0))];
	}
	return [text(message), pollOf(BELOW, choices, await messageSecret(owner, 1))];
}

/** Both forms of everybody who may answer, since events may know only one of them. */
async function whoMayAnswer(owner: Owner, typed: readonly string[]): Promise<string[]> {
	const people = await resolvePeople(owner, typed);
	const { lidMapping } = (await owner.socket()).signalRepository;
	const forms = await Promise.all(
		people.map(async (jid) => [jid, isLid(jid) ? await lidMapping.getPNForLID(jid) : undefined]),
	);
	return forms.flat().flatMap((jid) => userJid(jid) ?? []);
}

export const sendAndWait = defineOperation<Params>({
	resource: 'message',
	operation: 'sendAndWait',
	name: 'Send and Wait for Response',
	description: 'Ask a question in a chat; the execution waits until it is answered there',
	action: 'Send a message and wait for the response',
	needs: 'socket',
	writes: true,
	sends: true,
	fields,
	read(context, item) {
		const options = readCollection(context, item, 'options');
		const asked = readKind(context, item);
		if (readOnce(context, item)) {
			throw badField('Send Once Per', 'every execution that waits needs a question of its own.');
		}
		const params: Params = {
			chat: checkChat(readChat(context, item)),
			message: must(checkText(readText(context, item, 'message'))),
			...asked,
			asPoll: asked.kind !== 'freeText' && options.askWith !== 'text',
			onlyReplies: typeof options.onlyReplies === 'boolean' ? options.onlyReplies : undefined,
			from: asList(options.from).map(checkChat),
			until: readUntil(options.limitWaitTime),
		};
		if (params.kind !== 'freeText') pollOf(BELOW, params.choices, new Uint8Array(32));
		return params;
	},
	async perform(owner, params) {
		const to = await resolveChat(owner, params.chat);
		if (isNewsletter(to)) throw badField('Chat', 'in a channel nobody can answer.');
		const chat = await canonicalChat(owner, to);
		const messages = await messagesFor(owner, params);
		const question: AskedQuestion = {
			id: owner.messageId,
			messageIds: messages.map((_, part) => owner.idOfPart(part)),
			chat,
			kind: params.kind,
			choices: params.choices,
			onlyReplies: params.onlyReplies ?? isGroup(chat),
			from: await whoMayAnswer(owner, params.from),
			// Looked up before it is sent: the answer may be there at once.
			after: await owner.storage.inbox.end(),
			askedAt: owner.clock.now(),
			until: params.until,
		};
		let result: JsonObject = {};
		for (const [part, message] of messages.entries()) {
			const sent = await deliverTo(owner, to, { message, part });
			if (part === 0) result = { ...sent };
		}
		return { ...result, question };
	},
	sample: {
		data: { approved: true, respondedAt: '2026-03-01T10:15:30.000Z' },
		answered: true,
		answeredBy: {
			id: '200000000000001@lid',
			lid: '200000000000001@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
		answeredWith: 'vote',
		chat: '200000000000001@lid',
		messageId: '3EB0C0FFEE00000000000A',
		questionId: '3EB0C0FFEE00000000000A',
	},
});
