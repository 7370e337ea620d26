/** The Safety collection that every operation has that sends messages, and reading it. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { asList, asNumber, asText, badField, readCollection } from './fields';
import { checkChat } from './chat';
import type { AnyOperation, SafetyWish } from './types';
import { recipientChoices } from '../safety/recipients';

/** A day: n8n keeps executions that wait in memory. */
const MOST_MINUTES = 24 * 60;
const MINUTES = 10;
/** What pauses between messages may take, beside the operation's own time. */
const PAUSES_MS = 90_000;

export const safetyField: INodeProperties = {
	displayName: 'Safety',
	name: 'safety',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	description:
		'What keeps this number from being restricted is set in the credential; this is for this node alone',
	options: [
		{
			displayName: 'Allowed Recipients',
			name: 'recipients',
			type: 'options',
			default: 'anyone',
			description: 'Who may be written to by this node, within what the credential allows',
			options: recipientChoices,
		},
		{
			displayName: 'Dry Run',
			name: 'dryRun',
			type: 'boolean',
			default: true,
			description: 'Whether to send nothing and only say what would happen',
		},
		{
			displayName: 'Only Answers',
			name: 'onlyReplies',
			type: 'boolean',
			default: true,
			description:
				'Whether to send only to chats from which somebody has written within the last 24 hours',
		},
		{
			displayName: 'Recipients',
			name: 'list',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. +1 555 010 0101, 120363000000000000@g.us',
			description:
				'Phone numbers and IDs of chats, separated by commas; counts when Allowed Recipients is From a List',
		},
		{
			displayName: 'Send Once Per',
			name: 'once',
			type: 'string',
			default: '',
			placeholder: 'e.g. {{ $json.orderId }}',
			description:
				'With the same text this node sends once within 7 days, whichever execution asks; the repetition gives out the first result. Needed only where n8n starts a new execution for the same work, as for sub-workflows.',
		},
		{
			displayName: 'Wait at Most (Minutes)',
			name: 'waitMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: MOST_MINUTES },
			default: MINUTES,
			description: 'How long to wait when a limit is reached and the node is to wait',
		},
		{
			displayName: 'When a Limit Is Reached',
			name: 'atLimit',
			type: 'options',
			default: 'fail',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'Say which limit it is and when it becomes possible',
				},
				{
					name: 'Send Anyway',
					value: 'send',
					description:
						'At your own risk: WhatsApp may restrict or ban this number. What WhatsApp itself refuses, and guardrails, still count.',
				},
				{
					name: 'Wait',
					value: 'wait',
					description: 'Wait until it is possible, up to Wait at Most; the execution runs as long',
				},
			],
		},
	],
};

/** @throws LinkedError `bad-parameter`, `bad-recipient`, `bad-phone` */
export function readWish(context: IExecuteFunctions, item: number): SafetyWish {
	const given = readCollection(context, item, 'safety');
	const wish: SafetyWish = {};
	const atLimit = asText(given.atLimit ?? 'fail');
	if (!['fail', 'wait', 'send'].includes(atLimit)) {
		throw badField('When a Limit Is Reached', 'it must be fail, wait or send.');
	}
	if (atLimit === 'send') wish.atLimit = 'send';
	if (atLimit === 'wait') {
		wish.atLimit = 'wait';
		const minutes = asNumber(given.waitMinutes ?? MINUTES, 'Wait at Most');
		if (minutes < 0 || minutes > MOST_MINUTES) {
			throw badField('Wait at Most', `it must be 0 to ${MOST_MINUTES} minutes.`);
		}
		wish.waitMs = minutes * 60_000;
	}
	if (given.dryRun === true) wish.dryRun = true;
	if (given.onlyReplies === true) wish.onlyReplies = true;
	const recipients = asText(given.recipients ?? 'anyone');
	if (recipients === 'wroteFirst') wish.recipients = 'wroteFirst';
	else if (recipients === 'list') {
		wish.recipients = 'list';
		wish.list = asList(given.list).map(checkChat);
	} else if (recipients !== 'anyone') {
		throw badField('Allowed Recipients', 'it must be anyone, wroteFirst or list.');
	}
	return wish;
}

/** What the node is to send once for; empty for every execution and item. */
export function readOnce(context: IExecuteFunctions, item: number): string {
	return asText(readCollection(context, item, 'safety').once).trim();
}

/** How much longer than its own time a node waits for an operation, because of pauses and limits. */
export function patienceFor(operation: AnyOperation, wish: SafetyWish | undefined): number {
	return operation.sends ? PAUSES_MS + (wish?.waitMs ?? 0) : 0;
}
