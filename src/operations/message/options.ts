/** What may be said of every message that is sent: a quote, mentions, a timer, typing first. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { checkChat } from '../chat';
import { asList, asNumber, asText, badField, readCollection } from '../fields';
import type { JsonObject } from '../types';

export type SendOptions = {
	/** Id of the message that is answered. */
	replyTo?: string;
	/** Numbers and ids of people, as typed. */
	mentions?: string[];
	mentionAll?: boolean;
	/** Seconds until it disappears, 0 never; as the chat has it when absent. */
	timer?: number;
	/** Seconds of "typing..." (or "recording...") before it is sent. */
	typing?: number;
};

/** WhatsApp offers these three. */
const TIMERS = [86_400, 604_800, 7_776_000];
const MAX_TYPING = 60;

const COMMON: INodeProperties[] = [
	{
		displayName: 'Disappears After',
		name: 'timer',
		type: 'options',
		options: [
			{ name: '24 Hours', value: '86400' },
			{ name: '7 Days', value: '604800' },
			{ name: '90 Days', value: '7776000' },
			{ name: 'As Set for the Chat', value: 'chat' },
			{ name: 'Never', value: '0' },
		],
		default: 'chat',
		description: 'When the message disappears from the chat',
	},
	{
		displayName: 'Mention',
		name: 'mentions',
		type: 'string',
		default: '',
		placeholder: 'e.g. +1 555 010 0101, +1 555 010 0102',
		description:
			'People to notify: phone numbers or IDs, separated by commas. Write @ and the number in the text where the name is to be shown.',
	},
	{
		displayName: 'Mention Everyone',
		name: 'mentionAll',
		type: 'boolean',
		default: false,
		description: 'Whether to notify all members of the group',
	},
	{
		displayName: 'Reply To',
		name: 'replyTo',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.messageId }}',
		description: 'ID of the message to quote',
	},
	{
		displayName: 'Show Typing First',
		name: 'typing',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: MAX_TYPING },
		default: 3,
		description: 'For how many seconds to show "typing…" before the message is sent',
	},
];

/** The Options collection of a send operation, with more options of its own. */
export function optionsField(more: INodeProperties[] = []): INodeProperties {
	const options = [...COMMON, ...more].sort((a, b) => a.displayName.localeCompare(b.displayName));
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
	};
}

/** @throws LinkedError `bad-parameter`, `bad-recipient`, `bad-phone`. */
export function readOptions(context: IExecuteFunctions, item: number): SendOptions {
	const given = readCollection(context, item, 'options');
	const options: SendOptions = {};
	const replyTo = asText(given.replyTo).trim();
	if (replyTo) options.replyTo = replyTo;
	const mentions = asList(given.mentions).map(checkChat);
	if (mentions.length > 0) options.mentions = mentions;
	if (given.mentionAll === true) options.mentionAll = true;
	if (given.timer !== undefined && given.timer !== 'chat') {
		const timer = asNumber(given.timer, 'Disappears After');
		if (timer !== 0 && !TIMERS.includes(timer)) {
			throw badField('Disappears After', 'WhatsApp knows 24 hours, 7 days and 90 days.');
		}
		options.timer = timer;
	}
	if (given.typing !== undefined) {
		const typing = asNumber(given.typing, 'Show Typing First');
		if (typing < 0 || typing > MAX_TYPING) {
			throw badField('Show Typing First', `it must be 0 to ${MAX_TYPING} seconds.`);
		}
		options.typing = typing;
	}
	return options;
}

/** Typing and uploads take time of their own. */
export const timeoutWith = (params: JsonObject): number => {
	const options = params.options as SendOptions | undefined;
	return 60_000 + (options?.typing ?? 0) * 1_000;
};
