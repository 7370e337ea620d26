/** Chats as operations return them. */
import type { KnownChat } from '../../history/types';
import { isoTime } from '../message/shown';
import type { Json, JsonObject } from '../types';

export function chatJson(chat: KnownChat, simplify: boolean): JsonObject {
	const { id, kind, name, person, last } = chat;
	const shared = {
		id,
		kind,
		name: name ?? null,
		phone: person?.phone ?? null,
		isContact: person?.isContact ?? false,
		unread: chat.unread,
		archived: chat.archived,
		lastMessageAt: isoTime(chat.lastAt),
	};
	if (simplify) {
		return { ...shared, lastMessage: last?.text ?? null, lastMessageFromMe: last?.fromMe ?? null };
	}
	const { mutedUntil } = chat;
	return {
		...shared,
		person: person as unknown as Json,
		markedUnread: chat.markedUnread,
		pinned: chat.pinned,
		muted: mutedUntil !== null,
		// JSON has no infinity: without a time it is muted for good.
		mutedUntil: mutedUntil === Infinity ? null : isoTime(mutedUntil),
		lastMessage: last && {
			messageId: last.id,
			timestamp: isoTime(last.at),
			fromMe: last.fromMe,
			kind: last.kind,
			text: last.text,
		},
	};
}

export const CHAT_SAMPLE = {
	id: '200000000000101@lid',
	kind: 'person',
	name: 'Anna',
	phone: '+15550100101',
	isContact: true,
	unread: 2,
	archived: false,
	lastMessageAt: '2026-11-23T09:30:00.000Z',
	lastMessage: 'Can you send me the invoice?',
	lastMessageFromMe: false,
};
