/**
 * Posts of channels (newsletters): not encrypted, and what kind of media they hold is said outside.
 * Baileys rc14 leaves that out, and the server then refuses every post with a file (479), as its
 * issues 2199 and 2322 tell.
 */
import type { BinaryNode, proto, WAMessage, WASocket } from '@whiskeysockets/baileys';
import { loadBaileys } from '../baileys';
import { LinkedError } from '../errors';
import { unwrap } from '../wa/unwrap';

/** @param mediaHandle what the server said of an uploaded file (whatsmeow's MediaHandle) */
export async function relayPost(
	socket: WASocket,
	to: string,
	post: WAMessage,
	mediaHandle?: string,
): Promise<void> {
	const { proto } = await loadBaileys();
	const { messageContextInfo, ...rest } = post.message ?? {};
	assertPost(rest);
	// Only polls need their secret; nothing else is bound to one here.
	const isPoll = Boolean(rest.pollCreationMessage ?? rest.pollCreationMessageV3);
	const message = isPoll ? { ...rest, messageContextInfo } : rest;
	const mediatype = mediaTypeOf(message);
	const content: BinaryNode[] = [
		{
			tag: 'plaintext',
			attrs: mediatype ? { mediatype } : {},
			content: proto.Message.encode(message).finish(),
		},
	];
	if (isPoll) content.push({ tag: 'meta', attrs: { polltype: 'creation', contenttype: 'text' } });
	const type = isPoll ? 'poll' : mediatype ? 'media' : 'text';
	const attrs = { to, id: post.key.id ?? '', type };
	await socket.sendNode({
		tag: 'message',
		attrs: mediaHandle ? { ...attrs, media_id: mediaHandle } : attrs,
		content,
	});
}

/** What changes another message goes another way in channels; sent like this it would be a post of its own. */
function assertPost(message: proto.IMessage): void {
	if (message.reactionMessage) {
		throw new LinkedError('not-allowed', { detail: 'In channels use Channel > React.' });
	}
	if (message.protocolMessage || message.pinInChatMessage || message.pollUpdateMessage) {
		throw new LinkedError('not-allowed', {
			detail: 'Posts of channels can be edited, deleted and pinned on the phone only.',
		});
	}
}

/** As Baileys' getMediaType (messages-send.js), for what can be posted. */
function mediaTypeOf(outer: proto.IMessage): string | undefined {
	const { message } = unwrap(outer);
	if (message.imageMessage) return 'image';
	if (message.videoMessage) return message.videoMessage.gifPlayback ? 'gif' : 'video';
	if (message.ptvMessage) return 'ptv';
	if (message.audioMessage) return message.audioMessage.ptt ? 'ptt' : 'audio';
	if (message.documentMessage) return 'document';
	if (message.stickerMessage) return 'sticker';
	if (message.contactMessage) return 'vcard';
	if (message.contactsArrayMessage) return 'contact_array';
	if (message.locationMessage) return 'location';
	// whatsmeow: a text with the title of a link.
	if (message.extendedTextMessage?.title || message.groupInviteMessage) return 'url';
	return undefined;
}
