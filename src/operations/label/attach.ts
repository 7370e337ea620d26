import { changeAppState } from '../appState';
import { chatField, checkChat, readChat } from '../chat';
import { resolveListed } from '../chat/place';
import { messageIdField, readMessageId } from '../message/target';
import { defineOperation, type AnyOperation } from '../types';
import { findLabel, labelField, readLabel } from './field';

type Params = { label: string; chat: string; messageId: string | null };

const attach = (
	kind: 'chat' | 'message',
	labeled: boolean,
	names: { operation: string; name: string; action: string; description: string },
): AnyOperation =>
	defineOperation<Params>({
		resource: 'label',
		...names,
		needs: 'socket',
		writes: true,
		repeatable: true,
		fields: [
			labelField,
			chatField({ description: 'The person or group' }),
			...(kind === 'message' ? [messageIdField] : []),
		],
		read: (context, item) => ({
			label: readLabel(context, item),
			chat: checkChat(readChat(context, item)),
			messageId: kind === 'message' ? readMessageId(context, item) : null,
		}),
		async perform(owner, { messageId, ...params }) {
			const label = await findLabel(owner, params.label);
			const chat = await resolveListed(owner, params.chat);
			await changeAppState(owner, {
				syncAction: { labelAssociationAction: { labeled } },
				// A message's writer is always '0' here, as with Baileys and whatsmeow.
				index: messageId
					? ['label_message', label.id, chat, messageId, '0', '0']
					: ['label_jid', label.id, chat],
				type: 'regular',
				apiVersion: 3,
			});
			const { id: labelId, name: labelName } = label;
			return { labelId, labelName, chat, messageId, labeled };
		},
		sample: {
			labelId: '6',
			labelName: 'New customer',
			chat: '200000000000101@lid',
			messageId: kind === 'message' ? '3EB0B2C3D4E5F6071829' : null,
			labeled,
		},
	});

export const addToChat = attach('chat', true, {
	operation: 'addToChat',
	name: 'Add to Chat',
	action: 'Add a label to a chat',
	description: 'Put a label on a chat; only the own devices see it',
});

export const removeFromChat = attach('chat', false, {
	operation: 'removeFromChat',
	name: 'Remove From Chat',
	action: 'Remove a label from a chat',
	description: 'Take a label off a chat',
});

export const addToMessage = attach('message', true, {
	operation: 'addToMessage',
	name: 'Add to Message',
	action: 'Add a label to a message',
	description: 'Put a label on a message; only the own devices see it',
});

export const removeFromMessage = attach('message', false, {
	operation: 'removeFromMessage',
	name: 'Remove From Message',
	action: 'Remove a label from a message',
	description: 'Take a label off a message',
});
