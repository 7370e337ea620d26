import { noticeEvent } from './notice';
import { onPhone, ANNA } from './samples';
import type { EventDefinition, Normalised } from './types';

export const contactChanged: EventDefinition = {
	name: 'contact.changed',
	label: 'Contact: Changed',
	description:
		'Somebody was saved in the address book of the phone, got another name, or changed their picture',
	on: {
		async 'linked.contacts'(changes, context) {
			const found: Normalised[] = [];
			for (const { addresses, change, name, before } of changes) {
				const event = await noticeEvent('contact.changed', context, {
					id: `${addresses[0] ?? ''}:${change}:${context.now()}`,
					chat: addresses,
					from: addresses,
				});
				found.push({ event: { ...event, change, name, before } });
			}
			return found;
		},
	},
	sample: onPhone('contact.changed', {
		from: ANNA,
		fromMe: false,
		change: 'name',
		name: 'Anna',
		before: 'Anna Work',
	}),
};
