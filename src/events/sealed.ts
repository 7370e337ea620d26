/**
 * What is encrypted for those who have the message that it is about, with that message's secret: edits,
 * as the apps send them since May 2026, and reactions in announcement groups of communities. whatsmeow's
 * msgsecret.go and Baileys' pull requests 2547 and 2690 have the scheme, checked against live traffic;
 * Baileys rc14 hands these messages out unopened. (Votes and answers have files of their own.)
 */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import type { proto, WAMessage } from '@whiskeysockets/baileys';
import { loadBaileys, type Baileys } from '../baileys';
import { contentOf } from '../wa/content';
import { innermost, unwrap } from '../wa/unwrap';
import { openWith, type Secret } from './secrets';
import type { NormaliseContext } from './types';

/** SecretEncryptedMessage.SecretEncType, and what its keys are derived for. */
const EDITS: Readonly<Record<number, string>> = { 1: 'Event Edit', 2: 'Message Edit' };
const REACTION = 'Enc Reaction';
/** ProtocolMessage.Type.MESSAGE_EDIT */
const MESSAGE_EDIT = 14;
const TAG_LENGTH = 16;

/** A message that is sealed, and how what is inside becomes what it was before the apps sealed it. */
interface Sealed {
	key: proto.IMessageKey & { id: string };
	use: string;
	payload: Uint8Array;
	iv: Uint8Array;
	readable(plain: Uint8Array, baileys: Baileys): proto.IMessage;
}

function sealedIn({ message }: Pick<WAMessage, 'message'>): Sealed | undefined {
	const { secretEncryptedMessage: edit, encReactionMessage: reaction } = innermost(message);
	const sealed = edit ?? reaction;
	const use = edit ? EDITS[edit.secretEncType ?? 0] : REACTION;
	const { targetMessageKey: target, encPayload: payload, encIv: iv } = sealed ?? {};
	if (!target?.id || !use || !payload || !iv) return undefined;
	const key = { ...target, id: target.id };
	return {
		...{ key, use, payload, iv },
		readable(plain, { proto }) {
			if (!edit) {
				return { reactionMessage: { ...proto.Message.ReactionMessage.decode(plain), key } };
			}
			// The edit as it was before, or the new content alone.
			const content = proto.Message.decode(plain);
			const { protocolMessage } = unwrap(content).message;
			return {
				protocolMessage: protocolMessage?.editedMessage
					? { ...protocolMessage, key }
					: { type: MESSAGE_EDIT, key, editedMessage: content },
			};
		},
	};
}

export const isSealed = (message: Pick<WAMessage, 'message'>): boolean =>
	sealedIn(message) !== undefined;

/**
 * The same edit or reaction in the form which every room reads.
 * @returns the message itself when nothing is sealed, or when it cannot be opened: what it is about is
 * not known here, or it is of a kind whose seals are not known
 */
export async function opened(
	message: WAMessage,
	context: Pick<NormaliseContext, 'stored' | 'addresses' | 'isMe' | 'me'>,
): Promise<WAMessage> {
	const sealed = sealedIn(message);
	const stored = sealed && (await context.stored(sealed.key.id));
	if (!stored) return message;
	const baileys = await loadBaileys();
	const content = contentOf(message.message);
	const readable = await openWith(
		{ message, content },
		stored.message,
		context,
		'sender',
		(secret) => sealed.readable(unseal(secret, sealed), baileys),
	);
	return readable ? { ...message, message: readable } : message;
}

function unseal(
	{ messageId, author, answerer, secret }: Secret,
	{ use, payload, iv }: Sealed,
): Buffer {
	const info = `${messageId}${author}${answerer}${use}`;
	const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));
	const tagAt = payload.length - TAG_LENGTH;
	const open = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH });
	// Other than of votes, nothing beside the key is authenticated.
	open.setAuthTag(payload.subarray(tagAt));
	return Buffer.concat([open.update(payload.subarray(0, tagAt)), open.final()]);
}
