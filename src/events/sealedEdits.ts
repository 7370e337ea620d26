/**
 * Edits as the apps send them since May 2026: the new content is encrypted for those who have the
 * edited message, with its secret. whatsmeow's msgsecret.go and Baileys' pull requests 2547 and 2690
 * have the scheme, checked against live traffic; Baileys rc14 hands such edits out unopened.
 */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import type { proto, WAMessage } from '@whiskeysockets/baileys';
import { loadBaileys } from '../baileys';
import { contentOf } from '../wa/content';
import { unwrap } from '../wa/unwrap';
import { openWith, type Secret } from './secrets';
import type { NormaliseContext } from './types';

/** SecretEncryptedMessage.SecretEncType, and what its keys are derived for. */
const USES: Readonly<Record<number, string>> = { 1: 'Event Edit', 2: 'Message Edit' };
/** ProtocolMessage.Type.MESSAGE_EDIT */
const MESSAGE_EDIT = 14;
const TAG_LENGTH = 16;

export const isSealedEdit = ({ message }: Pick<WAMessage, 'message'>): boolean =>
	Boolean(unwrap(message).message.secretEncryptedMessage);

/**
 * The same edit in the form that edits had before, which every room reads.
 * @returns the message itself when it is no sealed edit, or cannot be opened: the original is not
 * known here, or is of a kind whose seals are not known
 */
export async function openedEdit(
	message: WAMessage,
	context: Pick<NormaliseContext, 'stored' | 'addresses' | 'isMe' | 'me'>,
): Promise<WAMessage> {
	const { secretEncryptedMessage: sealed } = unwrap(message.message).message;
	const { targetMessageKey: key, secretEncType, encPayload, encIv } = sealed ?? {};
	const use = USES[secretEncType ?? 0];
	if (!key?.id || !use || !encPayload || !encIv) return message;
	const stored = await context.stored(key.id);
	if (!stored) return message;
	const { proto } = await loadBaileys();
	const content = contentOf(message.message);
	const plain = await openWith({ message, content }, stored.message, context, 'sender', (secret) =>
		proto.Message.decode(unseal(secret, use, encPayload, encIv)),
	);
	if (!plain) return message;
	// What is inside is the edit as it was before, or the new content alone.
	const { protocolMessage } = unwrap(plain).message;
	const edit: proto.Message.IProtocolMessage = protocolMessage?.editedMessage
		? { ...protocolMessage, key }
		: { type: MESSAGE_EDIT, key, editedMessage: plain };
	return { ...message, message: { protocolMessage: edit } };
}

function unseal(
	{ messageId, author, answerer, secret }: Secret,
	use: string,
	payload: Uint8Array,
	iv: Uint8Array,
): Buffer {
	const info = `${messageId}${author}${answerer}${use}`;
	const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));
	const tagAt = payload.length - TAG_LENGTH;
	const open = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH });
	// Other than of votes, nothing beside the key is authenticated.
	open.setAuthTag(payload.subarray(tagAt));
	return Buffer.concat([open.update(payload.subarray(0, tagAt)), open.final()]);
}
