import { contentOf } from '../wa/content';
import { messageEvent } from './messageBase';
import { inChat, MESSAGE } from './samples';
import { opened } from './sealed';
import type { EventDefinition } from './types';

export const messageEdited: EventDefinition = {
	name: 'message.edited',
	label: 'Message: Edited',
	description:
		'Somebody changed a message; the text is the new one, the message ID that of the original',
	hasContent: true,
	fromMessage(sealed, context) {
		if (sealed.content.kind !== 'edit') return;
		return (async () => {
			const message = await opened(sealed.message, context);
			const content = { ...contentOf(message.message), kind: sealed.content.kind };
			const input = { ...sealed, message, content };
			const event = await messageEvent('message.edited', input, context);
			return [
				{
					event: {
						...event,
						messageId: content.target?.id ?? event.messageId,
						// What the message is now; unknown when the edit is sealed and cannot be opened.
						kind: content.newKind ?? null,
						encrypted: content.encrypted ?? false,
					},
					message: input.message,
				},
			];
		})();
	},
	sample: inChat('message.edited', {
		text: 'Hello, are you here?',
		...MESSAGE,
		encrypted: false,
	}),
};
