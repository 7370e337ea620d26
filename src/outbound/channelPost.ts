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
	const change = changeOf(post.message);
	if (change) {
		const { edit, message } = change;
		const content = message ? proto.Message.encode(message).finish() : Buffer.alloc(0);
		await socket.sendNode({
			tag: 'message',
			attrs: { to, id: change.id, type: 'text', edit },
			content: [{ tag: 'plaintext', attrs: {}, content }],
		});
		return;
	}
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

/** ProtocolMessage.Type */
const REVOKE = 0;
/** Values of the `edit` attribute: whatsmeow's EditAttributeAdminEdit and EditAttributeAdminRevoke. */
const EDITED = '3';
const DELETED = '8';

/**
 * A post is edited and deleted by sending it again under its own id: with its new content, or with none
 * (whatsmeow's sendNewsletter; Baileys rc14 would send a post of its own).
 */
function changeOf(
	message: proto.IMessage | null | undefined,
): { id: string; edit: string; message?: proto.IMessage } | undefined {
	const { protocolMessage: about } = message ?? {};
	const id = about?.key?.id;
	if (!id) return undefined;
	if (about.editedMessage) return { id, edit: EDITED, message: about.editedMessage };
	return (about.type ?? REVOKE) === REVOKE ? { id, edit: DELETED } : undefined;
}

/** The id under which something goes out to a channel, when it is not that of the message. */
export const wireIdOf = (message: proto.IMessage | null | undefined): string | undefined =>
	changeOf(message)?.id;

/** What changes another message goes another way in channels; sent like this it would be a post of its own. */
function assertPost(message: proto.IMessage): void {
	if (message.reactionMessage) {
		throw new LinkedError('not-allowed', { detail: 'In channels use Channel > React.' });
	}
	if (message.protocolMessage || message.pinInChatMessage || message.pollUpdateMessage) {
		throw new LinkedError('not-allowed', {
			detail: 'Posts of channels can be pinned on the phone only.',
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
