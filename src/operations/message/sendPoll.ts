import { pollMessage } from '../../wa/format';
import { chatField, checkChat, readChat } from '../chat';
import { asNumber, asText, must, readEntries, readText } from '../fields';
import { defineOperation } from '../types';
import { choicesField } from './choicesField';
import { deliver, messageSecret } from './deliver';
import { optionsField, readOptions, timeoutWith, type SendOptions } from './options';
import { SENT } from './sample';

type Params = {
	chat: string;
	question: string;
	choices: string[];
	selectable: number;
	options: SendOptions;
};

const build = ({ question, choices, selectable }: Params, secret: Uint8Array) =>
	must(pollMessage({ question, options: choices, selectable }, secret));

export const sendPoll = defineOperation<Params>({
	resource: 'message',
	operation: 'sendPoll',
	name: 'Send Poll',
	description: 'Send a poll with 2 to 12 options',
	action: 'Send a poll',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: timeoutWith,
	fields: [
		chatField(),
		{
			displayName: 'Question',
			name: 'question',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. When shall we meet?',
		},
		choicesField(
			{ name: 'choices', required: true, description: 'What people can vote for, 2 to 12' },
			'e.g. Monday',
		),
		{
			displayName: 'People May Choose',
			name: 'selectable',
			type: 'options',
			options: [
				{ name: 'Any Number of Choices', value: 0 },
				{ name: 'One Choice', value: 1 },
			],
			default: 1,
		},
		optionsField(),
	],
	read(context, item) {
		const params: Params = {
			chat: checkChat(readChat(context, item)),
			question: readText(context, item, 'question'),
			choices: readEntries(context, item, 'choices', 'choice').map(({ text }) => asText(text)),
			selectable: asNumber(context.getNodeParameter('selectable', item, 1), 'People May Choose'),
			options: readOptions(context, item),
		};
		build(params, new Uint8Array(32));
		return params;
	},
	async perform(owner, params) {
		const message = build(params, await messageSecret(owner));
		return await deliver(owner, { chat: params.chat, message, options: params.options });
	},
	sample: SENT,
});
