import { noticeEvent } from './notice';
import { onPhone } from './samples';
import type { EventDefinition, Normalised } from './types';

export const messageDeletedForMe: EventDefinition = {
	name: 'message.deletedForMe',
	label: 'Message: Deleted for Me',
	description: 'The owner of the number deleted a message on the phone, for themselves only',
	byOwner: true,
	on: {
		async 'messages.delete'(deleted, context) {
			if (context.syncing || !('keys' in deleted)) return [];
			const found: Normalised[] = [];
			for (const { remoteJid, id, fromMe } of deleted.keys) {
				if (!id) continue;
				const chat = (await context.chat(remoteJid)) ?? '';
				const about = { id: `${chat}:${id}`, chat: [remoteJid], byMe: true, messageId: id };
				const event = await noticeEvent('message.deletedForMe', context, about);
				found.push({ event: { ...event, authorIsMe: fromMe === true } });
			}
			return found;
		},
	},
	sample: onPhone('message.deletedForMe', {
		id: 'message.deletedForMe:200000000000101@lid:3EB0A1B2C3D4E5F60718',
		messageId: '3EB0A1B2C3D4E5F60718',
		authorIsMe: false,
	}),
};
