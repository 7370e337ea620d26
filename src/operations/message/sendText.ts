import { LinkedError } from '../../errors';
import { chatField, checkChat, readChat, resolveChat } from '../chat';
import { defineOperation } from '../types';

/** WhatsApp clients refuse longer texts (whatsmeow and WhatsApp Web: 65 536 characters). */
const MAX_TEXT = 65_536;

type Params = { chat: string; text: string };

export const sendText = defineOperation<Params>({
	resource: 'message',
	operation: 'sendText',
	name: 'Send Text',
	description: 'Send a text message to a person, a group or a channel',
	action: 'Send a text message',
	needs: 'socket',
	writes: true,
	fields: [
		chatField(),
		{
			displayName: 'Text',
			name: 'text',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
			placeholder: 'e.g. Hello, *this* is _formatted_',
			description: 'WhatsApp formatting works: *bold*, _italic_, ~strikethrough~, `code`',
		},
	],
	read(context, item) {
		const value: unknown = context.getNodeParameter('text', item, '');
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		if (!text || text.trim() === '') throw new LinkedError('empty-text');
		if (text.length > MAX_TEXT) {
			throw new LinkedError('text-too-long', { detail: `It has ${text.length} characters.` });
		}
		return { chat: checkChat(readChat(context, item)), text };
	},
	async perform(owner, { chat, text }) {
		const to = await resolveChat(owner, chat);
		return { ...(await owner.send({ to, message: { extendedTextMessage: { text } } })) };
	},
	sample: {
		messageId: '3EB0A1B2C3D4E5F60718',
		chat: '200000000000101@lid',
		timestamp: '2026-11-23T09:30:00.000Z',
		status: 'accepted',
	},
});
