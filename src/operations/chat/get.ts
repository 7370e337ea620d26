import { chatField, checkChat, readChat } from '../chat';
import { isoTime } from '../message/shown';
import { knownChat } from '../place';
import { defineQuery } from '../reading';
import { CHAT_SAMPLE, chatJson } from './shape';

export const get = defineQuery<{ chat: string }>({
	resource: 'chat',
	operation: 'get',
	name: 'Get',
	description: 'Get one chat: name, last message, settings, and how much of it is in the history',
	action: 'Get a chat',
	fields: [chatField()],
	read: (context, item) => ({ chat: checkChat(readChat(context, item)) }),
	async answer(reader, params) {
		const chat = await knownChat(reader, params.chat);
		let oldest = null;
		const { history } = reader;
		for await (const message of history.messages({ chat: chat.id, order: 'oldest', limit: 1 })) {
			oldest = message.at;
		}
		return {
			...chatJson(chat, false),
			storedMessages: await history.count(chat.id),
			oldestMessageAt: isoTime(oldest),
		};
	},
	sample: {
		...CHAT_SAMPLE,
		person: {
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
			savedName: 'Anna',
			pushName: 'Anna K.',
			isContact: true,
		},
		markedUnread: false,
		pinned: true,
		muted: false,
		mutedUntil: null,
		lastMessage: {
			messageId: '3EB0A1B2C3D4E5F60718',
			timestamp: '2026-11-23T09:30:00.000Z',
			fromMe: false,
			kind: 'text',
			text: 'Can you send me the invoice?',
		},
		lastMessageFromMe: undefined,
		storedMessages: 1240,
		oldestMessageAt: '2026-01-08T17:02:11.000Z',
	},
});
