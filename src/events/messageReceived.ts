import { isMessage, whereOf } from './kinds';
import { detailsOf, messageEvent } from './messageBase';
import { inChat, MESSAGE } from './samples';
import type { EventDefinition } from './types';

export const messageReceived: EventDefinition = {
	name: 'message.received',
	label: 'Message: Received',
	description: 'Somebody wrote to this number or to a group it is in',
	hasContent: true,
	fromMessage(input, context) {
		if (input.message.key.fromMe || whereOf(input) !== 'people' || !isMessage(input)) return;
		return (async () => {
			const event = await messageEvent('message.received', input, context);
			return [{ event: { ...event, ...detailsOf(input.content) }, message: input.message }];
		})();
	},
	sample: inChat('message.received', { text: 'Hello, are you there?', ...MESSAGE }),
};
