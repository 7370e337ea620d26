/** The owner's end of every send operation: who, quoting what, mentioning whom, and then out. */
import type { proto, WAMessage } from '@whiskeysockets/baileys';
import { hmacSha256 } from '../../crypto/hmac';
import { LinkedError } from '../../errors';
import { showTyping } from '../../outbound/typing';
import { displayPhone, isGroup, isNewsletter, parseJid, STATUS_JID } from '../../wa/ids';
import { contentField } from '../../wa/kind';
import { unwrap } from '../../wa/unwrap';
import { parseRecipient } from '../../wa/recipient';
import { canonicalChat, resolveChat, resolvePeople } from '../chat';
import type { JsonObject, Owner, SendResult } from '../types';
import type { SendOptions } from './options';

export interface Delivery {
	/** As typed or picked. */
	chat: string;
	message: proto.IMessage;
	options?: SendOptions;
	/** What is shown instead of "typing...". */
	recording?: boolean;
	part?: number;
	/** For a file in a channel; see MediaRef. */
	mediaHandle?: string;
}

/** Sends one message with its options. @throws LinkedError */
export async function deliver(owner: Owner, delivery: Delivery): Promise<JsonObject> {
	const to = await resolveChat(owner, delivery.chat);
	return { ...(await deliverTo(owner, to, delivery)) };
}

/** The same for an address. */
export async function deliverTo(
	owner: Owner,
	to: string,
	{ message, options = {}, recording, part = 0, mediaHandle }: Omit<Delivery, 'chat'>,
): Promise<SendResult> {
	if (to === STATUS_JID) {
		throw new LinkedError('bad-recipient', { detail: 'Use Send Status for status updates.' });
	}
	const quoted = options.replyTo ? await quotedMessage(owner, to, options.replyTo) : undefined;
	await mention(owner, to, message, options);
	const expiresAfter = isNewsletter(to) ? 0 : (options.timer ?? (await owner.timerOf(to)));
	await addSecret(owner, message, part);
	const seconds = options.typing ?? 0;
	return await owner.send({
		to,
		part,
		message,
		mediaHandle,
		quoted,
		expiresAfter,
		before:
			seconds > 0
				? async (socket) => await showTyping(owner, socket, to, seconds * 1_000, recording)
				: undefined,
	});
}

/**
 * Gives a message the secret that votes, answers and reports are bound to. It follows from the
 * message's id and a key of the session, so that a message that goes out twice keeps its secret.
 */
export async function addSecret(owner: Owner, message: proto.IMessage, part = 0): Promise<void> {
	if (message.reactionMessage) return;
	message.messageContextInfo ??= {};
	message.messageContextInfo.messageSecret = await messageSecret(owner, part);
}

export async function messageSecret(owner: Owner, part = 0): Promise<Uint8Array> {
	const { creds } = (await owner.socket()).authState;
	const about = Buffer.from(`message secret of ${owner.idOfPart(part)}`);
	return hmacSha256(creds.signedIdentityKey.private, about);
}

/** The quoted message, which may be from another chat (a private answer to a group message). */
async function quotedMessage(owner: Owner, to: string, id: string): Promise<WAMessage> {
	const found = await owner.findMessage(id);
	if (!found?.message) {
		throw new LinkedError('not-found', {
			detail: found
				? 'The message to reply to was deleted.'
				: 'The message to reply to is not known here: the history does not have it.',
			data: { messageId: id },
		});
	}
	const chat = await canonicalChat(owner, found.key.remoteJid ?? to);
	return { ...found, key: { ...found.key, remoteJid: chat } };
}

/** Names people in the message; `@number` in its text becomes the form that phones show as a name. */
async function mention(
	owner: Owner,
	to: string,
	message: proto.IMessage,
	{ mentions = [], mentionAll }: SendOptions,
): Promise<void> {
	if (mentions.length === 0 && !mentionAll) return;
	if (mentionAll && !isGroup(to)) {
		throw new LinkedError('bad-parameter', {
			detail: 'Mention Everyone works in groups only.',
			data: { field: 'Mention Everyone' },
		});
	}
	const people = await resolvePeople(owner, mentions);
	const body = bodyOf(message);
	body.contextInfo = {
		...body.contextInfo,
		mentionedJid: people,
		nonJidMentions: mentionAll ? 1 : undefined,
	};
	for (const [index, jid] of people.entries()) {
		const user = parseJid(jid)?.user ?? '';
		for (const number of numbersOf(mentions[index] ?? '')) {
			const typed = new RegExp(`@\\+?${number}(?!\\d)`, 'g');
			if (body.text) body.text = body.text.replace(typed, `@${user}`);
			if (body.caption) body.caption = body.caption.replace(typed, `@${user}`);
		}
	}
}

function numbersOf(typed: string): string[] {
	const parsed = parseRecipient(typed);
	if (!parsed.ok || parsed.value.kind !== 'phone') return [];
	return [displayPhone(parsed.value.jid)?.slice(1)].filter((digits) => digits !== undefined);
}

/** The fields that most kinds of messages share. */
interface Body {
	contextInfo?: proto.IContextInfo | null;
	text?: string | null;
	caption?: string | null;
}

/** The part of a message that says what it is, without wrappers. */
export function bodyOf(message: proto.IMessage): Body {
	const inner = unwrap(message).message;
	const field = contentField(inner);
	const body = field ? inner[field] : undefined;
	if (!body || typeof body !== 'object') throw new LinkedError('unexpected');
	// Which fields there are depends on the kind; the caller reads only those that most kinds have.
	return body as Body;
}
