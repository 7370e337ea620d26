/**
 * Edits and deletions of channel posts. They come as the post itself, under its id, with an attribute
 * that says what they are (whatsmeow's EditAttribute) and with the new content or none: to Baileys rc14
 * the same post once more, or a message without content. Here they become what they are in chats.
 */
import { hash } from 'node:crypto';
import type { BaileysEventMap, BinaryNode, proto, WAMessage } from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';
import { isNewsletter } from '../wa/ids';
import { bytesOf, childOf, childrenOf } from '../wa/nodes';

const EDITED = '3';
const DELETED = '8';
/** ProtocolMessage.Type */
const REVOKE = 0;
const MESSAGE_EDIT = 14;

/** Writes into the raw stanza, before Baileys sees it. */
export function showPostChange(node: BinaryNode, { proto: { Message } }: Baileys): void {
	const { from, id, edit, t } = node.attrs;
	if (!isNewsletter(from ?? '') || !id || (edit !== EDITED && edit !== DELETED)) return;
	const meta = childOf(node, 'meta')?.attrs.msg_edit_t;
	const change: proto.Message.IProtocolMessage = {
		type: REVOKE,
		// As its writer sees it.
		key: { remoteJid: from, id, fromMe: true },
		timestampMs: Number(meta) || Number(t) * 1_000,
	};
	const content = bytesOf(childOf(node, 'plaintext'));
	if (edit === EDITED && content) {
		change.type = MESSAGE_EDIT;
		change.editedMessage = Message.decode(content);
	}
	const plaintext = Message.encode({ protocolMessage: change }).finish();
	node.content = [
		...childrenOf(node).filter(({ tag }) => tag !== 'plaintext'),
		{ tag: 'plaintext', attrs: {}, content: plaintext },
	];
}

/** The same events, with changes of posts under ids of their own: the post's is taken. */
export function namedApart(events: Partial<BaileysEventMap>): Partial<BaileysEventMap> {
	const upsert = events['messages.upsert'];
	if (!upsert?.messages.some(isPostChange)) return events;
	const messages = upsert.messages.map((message) => {
		if (!isPostChange(message)) return message;
		// The same change that comes again has the same name.
		const name = hash('sha256', JSON.stringify(message.message), 'base64url').slice(0, 10);
		return { ...message, key: { ...message.key, id: `${message.key.id}~${name}` } };
	});
	return { ...events, 'messages.upsert': { ...upsert, messages } };
}

const isPostChange = ({ key, message }: WAMessage): boolean =>
	isNewsletter(key.remoteJid ?? '') &&
	typeof key.id === 'string' &&
	message?.protocolMessage?.key?.id === key.id;
