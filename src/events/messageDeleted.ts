import { aboutMessage, authorOf } from './messageBase';
import { ANNA, inChat } from './samples';
import type { EventDefinition } from './types';

export const messageDeleted: EventDefinition = {
	name: 'message.deleted',
	label: 'Message: Deleted for Everyone',
	description:
		'Somebody deleted a message for everyone, their own or (as admin of a group) another’s',
	fromMessage(input, context) {
		if (input.content.kind !== 'delete' || !input.message.message) return;
		return (async () => {
			const event = await aboutMessage('message.deleted', input, context);
			const wrote = await authorOf(input.content.target, event, context, 'sender');
			const byAdmin = wrote.author !== null && wrote.author.id !== event.from?.id;
			return [{ event: { ...event, ...wrote, byAdmin }, message: input.message }];
		})();
	},
	sample: inChat('message.deleted', {
		offline: false,
		author: ANNA,
		authorIsMe: false,
		byAdmin: false,
	}),
};
