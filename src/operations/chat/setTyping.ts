import { asked } from '../asked';
import { chatField, checkChat, readChat } from '../chat';
import { asNumber, badField, readCollection, readText } from '../fields';
import { showTyping } from '../../outbound/typing';
import { defineOperation } from '../types';
import { resolveListed } from './place';

type State = 'composing' | 'recording' | 'paused';
type Params = { chat: string; state: State; seconds: number };

/** Longer than any person types; and the node waits for it. */
const MAX_SECONDS = 300;

export const setTyping = defineOperation<Params>({
	resource: 'chat',
	operation: 'setTyping',
	name: 'Show Typing',
	description: 'Show "typing..." or "recording audio..." in a chat, or end that',
	action: 'Show typing in a chat',
	needs: 'socket',
	writes: false,
	timeoutMs: ({ seconds }) => 60_000 + seconds * 1_000,
	fields: [
		chatField({ description: 'The person or group' }),
		{
			displayName: 'Show',
			name: 'state',
			type: 'options',
			options: [
				{ name: 'Nothing (Stop Typing)', value: 'paused' },
				{ name: 'Recording Audio', value: 'recording' },
				{ name: 'Typing', value: 'composing' },
			],
			default: 'composing',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			displayOptions: { show: { state: ['composing', 'recording'] } },
			options: [
				{
					displayName: 'Seconds',
					name: 'seconds',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: MAX_SECONDS },
					default: 5,
					description:
						'How long to show it before the workflow goes on. With 0 it goes on at once, and WhatsApp stops showing it after about 20 seconds.',
				},
			],
		},
	],
	read(context, item) {
		const state = readText(context, item, 'state');
		if (state !== 'composing' && state !== 'recording' && state !== 'paused') {
			throw badField('Show', 'it must be composing, recording or paused.');
		}
		const options = state === 'paused' ? {} : readCollection(context, item, 'options');
		const seconds = asNumber(options.seconds ?? 0, 'Seconds');
		if (seconds < 0 || seconds > MAX_SECONDS) {
			throw badField('Seconds', `it must be between 0 and ${MAX_SECONDS}.`);
		}
		return { chat: checkChat(readChat(context, item)), state, seconds };
	},
	async perform(owner, { state, seconds, ...params }) {
		const chat = await resolveListed(owner, params.chat);
		const socket = await owner.socket();
		await asked(
			seconds > 0
				? showTyping(owner, socket, chat, seconds * 1_000, state === 'recording')
				: socket.sendPresenceUpdate(state, chat),
		);
		return { chat, shown: seconds > 0 ? 'paused' : state };
	},
	sample: { chat: '200000000000101@lid', shown: 'composing' },
});
