/** Operations about a message that is there already: which one, and what WhatsApp allows with it. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys';
import { LinkedError } from '../../errors';
import { isGroup, isNewsletter, isPerson, sameJid } from '../../wa/ids';
import { canonicalChat, chatField, checkChat, readChat, resolveChat } from '../chat';
import { asText, badField, readCollection, readText, optionsCollection } from '../fields';
import type { Owner } from '../types';

export type TargetParams = {
	chat: string;
	messageId: string;
	/** `me` or a number or id: who wrote it, when the message is not known here. */
	sender?: string;
};

export interface Target {
	/** The chat's address. */
	to: string;
	key: WAMessageKey;
	/** The message, when it was seen lately. */
	known?: WAMessage;
}

/** WebMessageInfo's stub for a message that was deleted for everyone. */
const REVOKED = 1;

export const messageIdField: INodeProperties = {
	displayName: 'Message ID',
	name: 'messageId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. {{ $json.messageId }}',
};

const senderOption: INodeProperties = {
	displayName: 'Sent By',
	name: 'sender',
	type: 'string',
	default: '',
	placeholder: 'e.g. me',
	description:
		'Who wrote the message: "me", or a phone number or ID. Only needed for messages that the history does not have.',
};

/** Chat, Message ID, and the option that helps with messages that are not known here. */
export function targetFields(more: INodeProperties[] = []): INodeProperties[] {
	return [chatField(), messageIdField, ...more, optionsCollection([senderOption])];
}

export function readMessageId(context: IExecuteFunctions, item: number): string {
	const id = readText(context, item, 'messageId').trim();
	if (!id) throw badField('Message ID', 'it is empty.');
	if (!/^[\w.-]{4,64}$/.test(id)) throw badField('Message ID', 'this is not the ID of a message.');
	return id;
}

export function readTarget(context: IExecuteFunctions, item: number): TargetParams {
	const sender = asText(readCollection(context, item, 'options').sender).trim();
	return {
		chat: checkChat(readChat(context, item)),
		messageId: readMessageId(context, item),
		sender:
			sender && sender.toLowerCase() !== 'me'
				? checkChat(sender)
				: sender.toLowerCase() || undefined,
	};
}

/** @throws LinkedError `not-found` when it is not known and nobody says who wrote it */
export async function findTarget(owner: Owner, params: TargetParams): Promise<Target> {
	const { messageId: id, sender } = params;
	const to = await resolveChat(owner, params.chat);
	const known = await owner.findMessage(id);
	if (known) {
		const chat = await canonicalChat(owner, known.key.remoteJid ?? '');
		if (!sameJid(chat, to)) {
			throw new LinkedError('not-found', {
				detail: 'The message with this ID is in another chat.',
				data: { messageId: id },
			});
		}
		const own = isNewsletter(to) ? { fromMe: true } : {};
		return { to, known, key: { ...known.key, remoteJid: to, ...own } };
	}
	// Whoever may post in a channel may change its posts; who wrote them is not said there.
	if (isNewsletter(to)) return { to, key: { remoteJid: to, id, fromMe: true } };
	if (!sender) {
		throw new LinkedError('not-found', {
			detail:
				'No message with this ID was seen here lately. If it is older, say in the option Sent By who wrote it.',
			data: { messageId: id },
		});
	}
	if (sender === 'me') return { to, key: { remoteJid: to, id, fromMe: true } };
	const participant = isGroup(to) ? await resolveChat(owner, sender) : undefined;
	if (participant && !isPerson(participant)) throw badField('Sent By', 'this is not a person.');
	return { to, key: { remoteJid: to, id, fromMe: false, participant } };
}

/** @throws LinkedError `already-deleted` */
export function assertNotDeleted({ known }: Target): void {
	if (known?.messageStubType === REVOKED) throw new LinkedError('already-deleted');
}

/** @throws LinkedError `too-old`; a message that is not known here is let through */
export function assertNotOlder(
	owner: Owner,
	{ known }: Target,
	limitMs: number,
	said: string,
): void {
	const sentAt = Number(known?.messageTimestamp ?? 0) * 1_000;
	if (sentAt > 0 && owner.clock.now() - sentAt > limitMs) {
		throw new LinkedError('too-old', {
			detail: `The limit is ${said}; it was sent ${new Date(sentAt).toISOString()}.`,
		});
	}
}
