/** The Chat field, and how what was picked or typed becomes an address to write to. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../errors';
import { isPerson, isPhoneJid, userJid } from '../wa/ids';
import { parseRecipient } from '../wa/recipient';
import { pickOrType } from './locator';
import { onWhatsApp } from './onWhatsApp';
import type { Owner } from './types';

/** A resource locator: pick a chat from the list, or type a number or an id. */
export function chatField(options: Partial<INodeProperties> = {}): INodeProperties {
	return {
		displayName: 'Chat',
		name: 'chat',
		type: 'resourceLocator',
		default: { mode: 'id', value: '' },
		required: true,
		description: 'The person, group or channel',
		modes: pickOrType('searchChats', {
			displayName: 'Number or ID',
			placeholder: 'e.g. +1 555 010 0123',
			hint: 'A phone number with country code, an ID that ends with @s.whatsapp.net, @lid or @g.us, or a link to a chat or group',
		}),
		...options,
	};
}

/** What the field holds for this item, not yet checked. */
export function readChat(context: IExecuteFunctions, item: number, name = 'chat'): string {
	const value: unknown = context.getNodeParameter(name, item, '', { extractValue: true });
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Whether this may be the name of somebody: it has letters, and is no number, id or link. */
export function looksLikeName(text: string): boolean {
	return /\p{L}/u.test(text) && !/[@:/{}]/.test(text) && !parseRecipient(text).ok;
}

/** @throws LinkedError `bad-recipient` or `bad-phone` for what can never be a recipient. */
export function checkChat(text: string): string {
	const parsed = parseRecipient(text);
	if (!parsed.ok) {
		throw new LinkedError(parsed.code === 'bad-phone' ? 'bad-phone' : 'bad-recipient', {
			detail: parsed.detail,
		});
	}
	return text;
}

/** Whether a channel is meant, by its id or its link. */
export function isChannel(text: string): boolean {
	const parsed = parseRecipient(text);
	return parsed.ok && ['newsletter', 'channelInvite'].includes(parsed.value.kind);
}

/**
 * The address to write to. A phone number is looked up at WhatsApp once and remembered.
 * @throws LinkedError `bad-recipient`, `bad-phone`, `not-on-whatsapp`.
 */
export async function resolveChat(owner: Owner, text: string): Promise<string> {
	const parsed = parseRecipient(checkChat(text));
	if (!parsed.ok) throw new LinkedError('bad-recipient', { detail: parsed.detail });
	const recipient = parsed.value;
	switch (recipient.kind) {
		case 'phone':
			return await lookUp(owner, recipient.jid);
		case 'invite': {
			const socket = await owner.socket();
			const info = await socket.groupGetInviteInfo(recipient.code).catch((cause: unknown) => {
				throw new LinkedError('not-found', { detail: 'The invite link is not valid.', cause });
			});
			return info.id;
		}
		case 'channelInvite': {
			const socket = await owner.socket();
			const channel = await socket.newsletterMetadata('invite', recipient.code);
			if (!channel) throw new LinkedError('not-found', { detail: 'There is no such channel.' });
			return channel.id;
		}
		default:
			return recipient.jid;
	}
}

/** The addresses of several people, in their order. @throws as resolveChat. */
export async function resolvePeople(owner: Owner, texts: readonly string[]): Promise<string[]> {
	const people: string[] = [];
	for (const text of texts) {
		const jid = await resolveChat(owner, text);
		if (!isPerson(jid)) {
			throw new LinkedError('bad-recipient', { detail: 'Only people can be named here.' });
		}
		people.push(jid);
	}
	return people;
}

/**
 * The form in which chats are known: the LID where there is one. Contacts' messages name their chats
 * so, and order within a chat is kept by this address.
 */
export async function canonicalChat(owner: Owner, jid: string): Promise<string> {
	if (!isPhoneJid(jid)) return userJid(jid) ?? jid;
	const { lidMapping } = (await owner.socket()).signalRepository;
	return userJid(await lidMapping.getLIDForPN(jid)) ?? jid;
}

async function lookUp(owner: Owner, jid: string): Promise<string> {
	const found = (await lookUpMany(owner, [jid])).get(jid);
	if (!found) throw new LinkedError('not-on-whatsapp');
	return found;
}

/**
 * The addresses of phone numbers (given as JIDs), in their canonical form; null for those that are
 * not on WhatsApp. What is not known yet is asked in one question.
 */
export async function lookUpMany(
	owner: Owner,
	jids: readonly string[],
): Promise<Map<string, string | null>> {
	const found = await onWhatsApp(owner, jids);
	for (const [jid, address] of found) {
		if (address) found.set(jid, await canonicalChat(owner, address));
	}
	return found;
}
