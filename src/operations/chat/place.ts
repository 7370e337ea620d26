/** What operations about a chat's place in the own list share. */
import type { proto } from '@whiskeysockets/baileys';
import type { INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { isGroup, isPerson, userJid } from '../../wa/ids';
import { resolveChat } from '../chat';
import type { Owner } from '../types';

/**
 * The address of a direct chat or a group, in the form in which the own devices name it.
 * @throws LinkedError `bad-recipient` for channels and the status list, and as resolveChat
 */
export async function resolveListed(owner: Owner, text: string): Promise<string> {
	const chat = await resolveChat(owner, text);
	if (isPerson(chat) || isGroup(chat)) return chat;
	throw new LinkedError('bad-recipient', {
		detail: 'This works for chats with people and for groups only.',
	});
}

export const deleteMediaOption: INodeProperties = {
	displayName: 'Delete Media From Phone',
	name: 'deleteMedia',
	type: 'boolean',
	default: false,
	description: 'Whether the phone also deletes received files from its gallery',
};

/**
 * Up to which message a change counts: a phone that has seen newer ones knows that it is not about
 * those. whatsmeow documents the message itself as optional, and the present time as what to say when
 * the last message is not known.
 */
export async function rangeOf(
	owner: Owner,
	chat: string,
): Promise<proto.SyncActionValue.ISyncActionMessageRange> {
	for await (const last of owner.history.messages({ chat, order: 'newest', limit: 1 })) {
		const { id, fromMe, participant } = last.message.key;
		const timestamp = Math.floor(last.at / 1_000);
		const writer = isGroup(chat) && !fromMe ? userJid(participant) : undefined;
		const key = { remoteJid: chat, id, fromMe: fromMe ?? false, participant: writer };
		return { lastMessageTimestamp: timestamp, messages: [{ key, timestamp }] };
	}
	const lastAt = (await owner.history.chat(chat))?.lastAt || owner.clock.now();
	return { lastMessageTimestamp: Math.floor(lastAt / 1_000) };
}
