import type { proto } from '@whiskeysockets/baileys';

/**
 * What a message is after an edit, which names the new text or caption only. Writes into the message
 * that was there.
 */
export function edited(before: proto.IMessage, after: proto.IMessage): proto.IMessage {
	const media = before.imageMessage ?? before.videoMessage ?? before.documentMessage;
	const caption =
		after.imageMessage?.caption ?? after.videoMessage?.caption ?? after.documentMessage?.caption;
	if (media && caption != null) {
		media.caption = caption;
		return before;
	}
	return { ...after, messageContextInfo: before.messageContextInfo };
}
