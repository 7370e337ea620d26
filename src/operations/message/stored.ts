/** Operations that look one message up in the history. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import type { KnownMessage } from '../../history/types';
import { chatField, readChat } from '../chat';
import { addressOf } from '../place';
import type { Reader } from '../reading';
import { messageIdField, readMessageId } from './target';

export type StoredParams = { messageId: string; chat?: string };

/** Which message; the chat is asked for nowhere else, because the id nearly always says it. */
export const storedFields: INodeProperties[] = [
	messageIdField,
	chatField({
		displayName: 'Chat (Optional)',
		required: false,
		description: 'Only needed when two chats have a message with the same ID',
	}),
];

export function readStored(context: IExecuteFunctions, item: number): StoredParams {
	const chat = readChat(context, item).trim();
	return {
		messageId: readMessageId(context, item),
		chat: chat === '' ? undefined : addressOf(chat),
	};
}

/** @throws LinkedError `not-found` */
export async function storedMessage(
	{ history }: Pick<Reader, 'history'>,
	{ messageId, chat }: StoredParams,
): Promise<KnownMessage> {
	const message = await history.message(messageId, chat);
	if (message) return message;
	throw new LinkedError('not-found', {
		detail:
			'The history has no message with this ID. It may be older than what is kept; Chat > Fetch Older Messages asks the phone for it.',
		data: { messageId },
	});
}
