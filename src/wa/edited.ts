import type { proto } from '@whiskeysockets/baileys';
import { unwrap } from './unwrap';

/**
 * What a message is after an edit, which names the new text or caption only. Writes into the message
 * that was there; its secret stays, with which the next edit is sealed.
 */
export function edited(before: proto.IMessage, after: proto.IMessage): proto.IMessage {
	const { message: old, context } = unwrap(before);
	const media = old.imageMessage ?? old.videoMessage ?? old.documentMessage;
	const caption =
		after.imageMessage?.caption ?? after.videoMessage?.caption ?? after.documentMessage?.caption;
	if (media && caption != null) {
		media.caption = caption;
		return before;
	}
	const has = Object.keys(context).length > 0;
	return { ...after, messageContextInfo: has ? context : before.messageContextInfo };
}
