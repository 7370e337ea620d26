import { isMessage, whereOf } from './kinds';
import { detailsOf, messageEvent } from './messageBase';
import { ANNA, inChat, ME, MESSAGE } from './samples';
import type { EventDefinition } from './types';

export const messageSent: EventDefinition = {
	name: 'message.sent',
	label: 'Message: Sent From the Phone',
	description:
		'The owner of the number wrote a message on the phone or another linked device; what n8n sends does not count',
	hasContent: true,
	byOwner: true,
	fromMessage(input, context) {
		if (!input.message.key.fromMe || whereOf(input) !== 'people' || !isMessage(input)) return;
		return (async () => {
			const event = await messageEvent('message.sent', input, context);
			return [{ event: { ...event, ...detailsOf(input.content) }, message: input.message }];
		})();
	},
	sample: inChat('message.sent', {
		id: 'message.sent:200000000000101@lid:3EB0A1B2C3D4E5F60718:me',
		from: ME,
		fromMe: true,
		to: ANNA,
		text: 'I will call you later',
		...MESSAGE,
	}),
};
