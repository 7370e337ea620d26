/**
 * Votes, answers and edits are encrypted for those who have the message they are about: the key is made of
 * that message's secret and of the addresses of its author and of who answers. Nothing says in which
 * form (LID or phone number) these addresses are meant, so all are tried; a wrong one fails its
 * authentication tag.
 */
import { messageSecret } from '../wa/content';
import type { Address, MessageInput, NormaliseContext } from './types';

export interface Secret {
	/** Id of the message that carries the secret. */
	messageId: string;
	secret: Uint8Array;
	author: string;
	answerer: string;
}

type Lookups = Pick<NormaliseContext, 'addresses' | 'isMe' | 'me'>;

async function formsOf(mine: boolean, addresses: Address[], context: Lookups) {
	const { lid, phone } = context.me;
	return await context.addresses(...(mine ? [lid, phone] : addresses));
}

/**
 * Tries all forms of both addresses; undefined when none opens it, or the message is unknown.
 * @param view whose point of view the target's `fromMe` is: Baileys turns votes round to ours
 */
export async function openWith<T>(
	{ message: { key }, content: { target } }: Pick<MessageInput, 'message' | 'content'>,
	stored: Parameters<typeof messageSecret>[0],
	context: Lookups,
	view: 'sender' | 'ours',
	open: (secret: Secret) => T,
): Promise<T | undefined> {
	const secret = messageSecret(stored);
	if (!secret || !target) return undefined;
	const other: Address[] = [key.remoteJid, key.remoteJidAlt];
	const sender = key.participant ? [key.participant, key.participantAlt] : other;
	// Who wrote the message in question: named in groups, else one of the two in the chat.
	const theirs = target.from ? [target.from] : key.fromMe ? other : sender;
	const says = view === 'ours' || key.fromMe ? target.fromMe : !target.fromMe;
	const mine = target.from ? context.isMe(target.from) : says;
	const authors = await formsOf(mine, theirs, context);
	const answerers = await formsOf(key.fromMe === true, sender, context);
	for (const author of authors) {
		for (const answerer of answerers) {
			try {
				return open({ messageId: target.id, secret, author, answerer });
			} catch {
				// Another form.
			}
		}
	}
	return undefined;
}
