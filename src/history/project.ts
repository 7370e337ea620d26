/** What a message of WhatsApp is in the history: the message itself, or something about another one. */
import type { proto, WAMessage } from '@whiskeysockets/baileys';
import { createHash } from 'node:crypto';
import { contentOf } from '../wa/content';
import { userJid } from '../wa/ids';
import type { MessageKind } from '../wa/kinds';
import { count, flag, list, num, str } from '../wa/read';
import { received } from '../wa/received';
import type { MessageContent } from '../wa/types';
import { unwrap } from '../wa/unwrap';
import type { Item, Who } from './item';

/** What is no message of its own. */
const NONE: ReadonlySet<MessageKind> = new Set([
	...(['reaction', 'pollVote', 'eventResponse', 'edit', 'delete', 'pin', 'keep'] as const),
	...(['setting', 'internal', 'undecryptable', 'system', 'hidden'] as const),
]);

export const isMessage = (kind: MessageKind): boolean => !NONE.has(kind);

export interface Place {
	/** The address under which an address is known. */
	canonical(address: string): string;
	isMe(address: string | null | undefined): boolean;
	/** Keeps what a later download of a file needs. */
	media: boolean;
	/** proto.Message.encode */
	encode(message: proto.IMessage): Uint8Array;
}

/** The message as it is kept; undefined when it is none. */
export function itemOf(message: WAMessage, place: Place): Item | undefined {
	const content = received(message);
	const { kind } = content;
	if (!isMessage(kind)) return undefined;
	const { key, messageTimestamp, messageStubType, status, starred } = message;
	const fromMe = key.fromMe === true || place.isMe(key.participant);
	const chat = userJid(key.remoteJid) ?? '';
	const item: Item = {
		at: (count(messageTimestamp) ?? 0) * 1_000,
		fromMe,
		kind,
		...kept(message.message, content, place),
	};
	if (content.quoted?.id) item.quotes = content.quoted.id;
	if (key.participant && !fromMe) item.from = place.canonical(key.participant);
	if (messageStubType) item.stub = messageStubType;
	if (fromMe && typeof status === 'number') item.status = status;
	if (flag(starred)) item.starred = true;
	if (content.disappearsAfter > 0) item.expiresAt = item.at + content.disappearsAfter * 1_000;
	return { ...item, ...marksOf(message, content, chat, place) };
}

/** What is stored of a content. */
export function kept(
	message: proto.IMessage | null | undefined,
	content: MessageContent,
	place: Pick<Place, 'encode' | 'media'>,
): Pick<Item, 'content' | 'media'> {
	if (!message) return {};
	if (content.media && !place.media) {
		const caption = content.media.caption ?? undefined;
		return { content: place.encode(caption ? { conversation: caption } : {}) };
	}
	// Votes and answers are encrypted with the secret of what they are about.
	const withSecret = content.poll !== undefined || content.calendarEvent !== undefined;
	const encoded = place.encode(lean(message, withSecret) as proto.IMessage);
	const said = saidOf(content);
	// Which would come out otherwise.
	if (!said.texts.some((text) => HALF_PAIR.test(text))) SAID.set(encoded, said);
	return content.media ? { content: encoded, media: true } : { content: encoded };
}

/** What people read in a message. */
export interface Said {
	text: string | null;
	/** Under which it is found. */
	texts: readonly string[];
}

/** Of contents that were just encoded: they need not be decoded for it. */
const SAID = new WeakMap<Uint8Array, Said>();

const HALF_PAIR = /\p{Surrogate}/u;

const saidOf = (content: MessageContent): Said => ({ text: content.text, texts: textsOf(content) });

/** What people read in an encoded content. */
export const saidIn = (content: Uint8Array, { Message }: typeof proto): Said =>
	SAID.get(content) ?? saidOf(contentOf(Message.decode(content)));

/** Previews are pictures of a few KB in every copy of a message; the file itself can be fetched. */
const PREVIEWS = /thumbnail$|^scansSidecar$|^streamingSidecar$/i;
const COMPANIONS = new Set([
	...['senderKeyDistributionMessage', 'fastRatchetKeySenderKeyDistributionMessage'],
	...['deviceListMetadata', 'deviceListMetadataVersion'],
]);

function lean(value: unknown, withSecret: boolean): unknown {
	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
	if (Array.isArray(value)) return value.map((each) => lean(each, withSecret));
	if ('low' in value && 'high' in value) return value;
	const copy: Record<string, unknown> = {};
	for (const [name, inner] of Object.entries(value)) {
		if (PREVIEWS.test(name) && (ArrayBuffer.isView(inner) || typeof inner === 'string')) continue;
		if (COMPANIONS.has(name) || (name === 'messageSecret' && !withSecret)) continue;
		copy[name] = lean(inner, withSecret);
	}
	return copy;
}

/** A history sync brings messages with all that happened to them. */
function marksOf(
	{ reactions, pollUpdates, userReceipt }: WAMessage,
	content: MessageContent,
	chat: string,
	place: Place,
): Pick<Item, 'reactions' | 'votes' | 'receipts'> {
	const who = (key: proto.IMessageKey | null | undefined): Who =>
		key?.fromMe || place.isMe(key?.participant)
			? ''
			: place.canonical(userJid(key?.participant) ?? chat);
	const marks: Pick<Item, 'reactions' | 'votes' | 'receipts'> = {};
	const reacted = list(reactions).flatMap(({ key, text, senderTimestampMs }) =>
		str(text) ? [[who(key), text ?? '', num(senderTimestampMs) ?? 0] as [Who, string, number]] : [],
	);
	if (reacted.length > 0) marks.reactions = reacted;
	const options = new Map(content.poll?.options.map((option) => [hashOf(option), option]));
	const votes = list(pollUpdates).map(
		({ pollUpdateMessageKey, vote, senderTimestampMs }): [Who, string[], number] => [
			who(pollUpdateMessageKey),
			list(vote?.selectedOptions).flatMap(
				(each) => options.get(Buffer.from(each).toString('base64')) ?? [],
			),
			num(senderTimestampMs) ?? 0,
		],
	);
	if (votes.length > 0) marks.votes = votes;
	const receipts = list(userReceipt).flatMap((each) => {
		const user = userJid(each.userJid);
		const [got, read, played] = [
			each.receiptTimestamp,
			each.readTimestamp,
			each.playedTimestamp,
		].map((seconds) => (count(seconds) ?? 0) * 1_000) as [number, number, number];
		return user && !place.isMe(user)
			? [[place.canonical(user), got, read, played] as [Who, number, number, number]]
			: [];
	});
	if (receipts.length > 0) marks.receipts = receipts;
	return marks;
}

/** Votes name options by their hash. */
const hashOf = (option: string) => createHash('sha256').update(option).digest('base64');

/** The texts under which a message is found. */
function textsOf(content: MessageContent): string[] {
	const { text, media, poll, link, location, contacts, calendarEvent } = content;
	return [
		text,
		media?.fileName,
		...(poll?.options ?? []),
		link?.title,
		link?.url,
		location?.name,
		location?.address,
		calendarEvent?.description,
		...(contacts ?? []).map(({ name }) => name),
	].filter((each) => typeof each === 'string');
}

/** The new content of an edited message, unwrapped; undefined when it is encrypted or missing. */
export const editedContent = (message: proto.IMessage | null | undefined) =>
	unwrap(message).message.protocolMessage?.editedMessage ?? undefined;
