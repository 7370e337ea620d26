import { isPeopleMessage } from './kinds';
import { messageEvent } from './messageBase';
import { details } from './messageReceived';
import type { EventDefinition } from './types';

export const messageSent: EventDefinition = {
	name: 'message.sent',
	label: 'Message Sent From the Phone',
	description: 'The owner of the number wrote a message on the phone or another linked device',
	async fromMessage(input, context) {
		const { key } = input.message;
		if (!key.fromMe || !isPeopleMessage(input)) return [];
		if (key.id && context.sentByUs(key.id)) return [];
		const event = await messageEvent('message.sent', input, context);
		return [{ event: { ...event, ...details(input.content) }, message: input.message }];
	},
	sample: {
		event: 'message.sent',
		id: 'message.sent:200000000000101@lid:3EB0A1B2C3D4E5F60718:me',
		timestamp: '2026-11-23T09:30:00.000Z',
		chat: '200000000000101@lid',
		chatName: null,
		isGroup: false,
		from: {
			id: '200000000000100@lid',
			lid: '200000000000100@lid',
			phone: '+15550100100',
			name: 'Me',
			username: null,
		},
		fromMe: true,
		messageId: '3EB0A1B2C3D4E5F60718',
		text: 'I will call you later',
		kind: 'text',
		media: null,
		quoted: null,
		mentions: [],
		mentionsMe: false,
		offline: false,
	},
};
