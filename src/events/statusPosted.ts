import { isMessage, whereOf } from './kinds';
import { detailsOf, messageEvent } from './messageBase';
import { inChat, MESSAGE } from './samples';
import type { EventDefinition } from './types';

export const statusPosted: EventDefinition = {
	name: 'status.posted',
	label: 'Status: Posted',
	description: 'Somebody posted a status, or the owner of the number did on the phone',
	hasContent: true,
	fromMessage(input, context) {
		if (whereOf(input) !== 'status' || !isMessage(input)) return;
		return (async () => {
			const event = await messageEvent('status.posted', input, context);
			return [{ event: { ...event, ...detailsOf(input.content) }, message: input.message }];
		})();
	},
	sample: inChat('status.posted', {
		id: 'status.posted:status@broadcast:3EB0A1B2C3D4E5F60718:200000000000101@lid',
		chat: 'status@broadcast',
		chatName: null,
		to: null,
		text: 'On holiday!',
		...MESSAGE,
	}),
};
