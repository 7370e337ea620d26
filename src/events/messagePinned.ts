import { aboutMessage, authorOf } from './messageBase';
import { ANNA, inChat } from './samples';
import type { EventDefinition } from './types';

export const messagePinned: EventDefinition = {
	name: 'message.pinned',
	label: 'Message: Pinned or Unpinned',
	description: 'Somebody pinned a message in its chat, or took it down',
	fromMessage(input, context) {
		const { content } = input;
		if (content.kind !== 'pin') return;
		return (async () => {
			const event = await aboutMessage('message.pinned', input, context);
			const wrote = await authorOf(content.target, event, context, 'sender');
			const pinned = content.pinned ?? false;
			const pinnedFor = content.pinnedFor ?? null;
			return [{ event: { ...event, ...wrote, pinned, pinnedFor }, message: input.message }];
		})();
	},
	sample: inChat('message.pinned', {
		offline: false,
		author: ANNA,
		authorIsMe: false,
		pinned: true,
		pinnedFor: 86_400,
	}),
};
