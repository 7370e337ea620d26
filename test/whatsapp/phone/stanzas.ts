/** The attributes that tell the server what kind of message an encrypted one is (messages-send.js). */
import type { proto } from './proto';

const MEDIA: Array<[keyof proto.IMessage, string]> = [
	['imageMessage', 'image'],
	['contactMessage', 'vcard'],
	['documentMessage', 'document'],
	['contactsArrayMessage', 'contact_array'],
	['liveLocationMessage', 'livelocation'],
	['stickerMessage', 'sticker'],
	['listMessage', 'list'],
	['groupInviteMessage', 'url'],
];

const unwrap = (message: proto.IMessage): proto.IMessage =>
	message.ephemeralMessage?.message ??
	message.viewOnceMessage?.message ??
	message.documentWithCaptionMessage?.message ??
	message;

export function mediaType(message: proto.IMessage): string | undefined {
	const inner = unwrap(message);
	if (inner.videoMessage) return inner.videoMessage.gifPlayback ? 'gif' : 'video';
	if (inner.audioMessage) return inner.audioMessage.ptt ? 'ptt' : 'audio';
	return MEDIA.find(([kind]) => inner[kind] != null)?.[1];
}

export function stanzaType(message: proto.IMessage): string {
	const inner = unwrap(message);
	if (inner.reactionMessage || inner.encReactionMessage) return 'reaction';
	if (inner.pollCreationMessage || inner.pollCreationMessageV3 || inner.pollUpdateMessage) {
		return 'poll';
	}
	if (inner.eventMessage) return 'event';
	return mediaType(inner) ? 'media' : 'text';
}

/** The `edit` attribute: 1 edit, 2 pin, 7 delete one's own, 8 delete as an admin. */
export function editAttribute(message: proto.IMessage): string | undefined {
	const inner = unwrap(message);
	const { protocolMessage } = inner;
	if (inner.pinInChatMessage) return '2';
	if (inner.editedMessage || protocolMessage?.editedMessage) return '1';
	if (inner.secretEncryptedMessage) return '1';
	// 0 is REVOKE; a key says that it is meant and not just the default value.
	if (protocolMessage?.key && !protocolMessage.type) return protocolMessage.key.fromMe ? '7' : '8';
	return undefined;
}

/** Those that a client need not show an error for when it cannot decrypt them. */
export const isHidden = (message: proto.IMessage): boolean =>
	!!message.reactionMessage || !!message.pinInChatMessage || !!message.pollUpdateMessage;
