import { noticeEvent } from './notice';
import { onPhone } from './samples';
import type { EventDefinition } from './types';

export const labelChanged: EventDefinition = {
	name: 'label.changed',
	label: 'Label: Changed',
	description:
		'A label of WhatsApp Business was made, changed or deleted, or put on a chat or message, or taken off',
	byOwner: true,
	on: {
		async 'labels.edit'({ id, name, color, deleted }, context) {
			if (context.syncing) return [];
			const about = { id: `${id}:${context.now()}`, byMe: true };
			const event = await noticeEvent('label.changed', context, about);
			const change = deleted ? 'deleted' : 'saved';
			return [{ event: { ...event, change, labelId: id, labelName: name || null, color } }];
		},
		async 'labels.association'({ association, type }, context) {
			if (context.syncing) return [];
			const { chatId, labelId } = association;
			const messageId = 'messageId' in association ? association.messageId : null;
			const event = await noticeEvent('label.changed', context, {
				id: `${labelId}:${chatId}:${messageId ?? ''}:${type}:${context.now()}`,
				chat: [chatId],
				byMe: true,
				messageId,
			});
			const change = type === 'add' ? 'added' : 'removed';
			return [{ event: { ...event, change, labelId, labelName: null, color: null } }];
		},
	},
	sample: onPhone('label.changed', {
		change: 'added',
		labelId: '3',
		labelName: null,
		color: null,
	}),
};
