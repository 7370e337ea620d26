import type { LinkedEvent } from './types';

/** The place of an event that belongs to no chat and no message. */
export const NOWHERE = {
	chat: null,
	chatName: null,
	isGroup: false,
	from: null,
	fromContact: false,
	fromMe: false,
	to: null,
	messageId: null,
	text: null,
} as const satisfies Partial<LinkedEvent>;
