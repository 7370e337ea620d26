/** Which message a download is about: by its id, by the incoming item, or the one that is answered. */
import type { proto, WAMessage } from '@whiskeysockets/baileys';
import type { IDataObject } from 'n8n-workflow';
import { loadBaileys } from '../../baileys';
import { quotedMessage } from '../../wa/content';
import { asText, badField } from '../fields';
import type { JsonObject, NodeSide } from '../types';

export type Source = {
	messageId: string;
	/** Only needed where two chats have the same id. */
	chat?: string;
	/** The message behind the item, where the item has it. */
	raw?: JsonObject;
	/** Id of the message that the item says it answers. */
	quoted?: string;
	/** The item says that it may be seen once. */
	viewOnce?: boolean;
};

/** @throws LinkedError `bad-parameter` when the item is about no message */
export function fromItem(json: IDataObject): Source {
	const { messageId, chat, raw, quoted, viewOnce, kind } = json;
	const id = asText(messageId).trim();
	const about = raw && typeof raw === 'object' ? (raw as JsonObject) : undefined;
	if (!id && !about) {
		throw badField(
			'Message',
			'the incoming item has no messageId. Take items of the trigger, or choose Message ID.',
		);
	}
	const answered = quoted && typeof quoted === 'object' ? (quoted as IDataObject).id : undefined;
	return {
		messageId: id,
		chat: asText(chat).trim() || undefined,
		raw: about,
		quoted: asText(answered) || undefined,
		viewOnce: viewOnce === true || kind === 'viewOnce',
	};
}

/** The message from storage; else as the item brought it along. */
export async function byId(node: NodeSide, source: Source): Promise<WAMessage | undefined> {
	const { messageId, chat, raw } = source;
	const known = messageId ? await node.history.message(messageId, chat) : undefined;
	if (known?.message.message) return known.message;
	if (!raw) return known?.message;
	const { proto } = await loadBaileys();
	try {
		const info = proto.WebMessageInfo.fromObject(raw);
		return info.key ? ({ ...info, key: info.key } as WAMessage) : undefined;
	} catch {
		throw badField('Message', 'the raw message of the incoming item cannot be read.');
	}
}

/**
 * The message that this one answers: from storage, else what of it was sent along with the answer.
 * @throws LinkedError `bad-parameter` when it answers none
 */
export async function quotedBy(
	node: NodeSide,
	source: Source,
	answer: WAMessage | undefined,
): Promise<WAMessage | undefined> {
	const quoted = quotedMessage(answer?.message);
	const id = quoted?.id ?? source.quoted;
	if (answer && !quoted) throw badField('File', 'this message does not answer another one.');
	if (id) {
		const known = await node.history.message(id, quoted?.chat ?? source.chat);
		if (known?.message.message) return known.message;
	}
	if (!answer || !quoted?.message) return undefined;
	return { key: keyOf(quoted, answer), message: quoted.message } as WAMessage;
}

/** What can be said of the key of a quoted message; who of the two wrote it the owner knows. */
function keyOf(
	{ id, from, chat }: NonNullable<ReturnType<typeof quotedMessage>>,
	answer: WAMessage,
): proto.IMessageKey {
	return { id, remoteJid: chat ?? answer.key.remoteJid, participant: from, fromMe: false };
}
