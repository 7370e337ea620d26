import { isPeopleMessage } from './kinds';
import { messageEvent } from './messageBase';
import type { EventDefinition } from './types';

export const messageReceived: EventDefinition = {
	name: 'message.received',
	label: 'Message Received',
	description: 'Somebody wrote to this number or to a group it is in',
	async fromMessage(input, context) {
		if (input.message.key.fromMe || !isPeopleMessage(input)) return [];
		const event = await messageEvent('message.received', input, context);
		return [{ event: { ...event, ...details(input.content) }, message: input.message }];
	},
	sample: {
		event: 'message.received',
		id: 'message.received:200000000000101@lid:3EB0A1B2C3D4E5F60718:200000000000101@lid',
		timestamp: '2026-11-23T09:30:00.000Z',
		chat: '200000000000101@lid',
		chatName: 'Anna',
		isGroup: false,
		from: {
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
		fromMe: false,
		messageId: '3EB0A1B2C3D4E5F60718',
		text: 'Hello, are you there?',
		kind: 'text',
		media: null,
		quoted: null,
		mentions: [],
		mentionsMe: false,
		offline: false,
	},
};

/** What only some kinds have: location, contacts, poll and so on. */
export function details(content: object): Record<string, unknown> {
	const {
		text: _t,
		kind: _k,
		media: _m,
		quoted: _q,
		mentions: _p,
		...rest
	} = content as Record<string, unknown>;
	return rest;
}
