import type { proto } from '@whiskeysockets/baileys';

import { buttonsOf, choiceOf, choiceText } from './choices';
import {
	calendarEventOf,
	callOf,
	contactsOf,
	inviteOf,
	linkOf,
	locationOf,
	orderOf,
	paymentOf,
	pollOf,
	productOf,
	targetOf,
} from './details';
import { userJid } from './ids';
import { contentField, kindOfContent, protocolType } from './kind';
import { FIELD_ROLES, type MessageField } from './kinds';
import { findMedia } from './media';
import { count, enumName, flag, hasBytes, list, str } from './read';
import type { MessageContent, Quoted } from './types';
import { unwrap } from './unwrap';

/** Quotes in quotes in edits ...: deeper ones are left out. */
const MAX_NESTING = 3;

/**
 * What a message says, as plain JSON: every value is JSON's, nothing is undefined, and no secret or
 * key is in it. Reads anything without throwing; what it cannot make sense of it leaves out.
 */
export function contentOf(message: proto.IMessage | null | undefined): MessageContent {
	return read(message, 0);
}

/** The text a person reads, or null. */
export function textOf(message: proto.IMessage | null | undefined): string | null {
	return contentOf(message).text;
}

function read(outer: proto.IMessage | null | undefined, nesting: number): MessageContent {
	const { message, viewOnce, edited, context } = unwrap(outer);
	const bare = isBare(message);
	const about = bare ? null : contextOf(message);
	const media = bare ? null : (findMedia(message)?.info ?? null);
	const content: MessageContent = {
		kind: kindOfContent(message),
		text:
			(bare ? str(message.conversation) : plainText(message, nesting)) ?? media?.caption ?? null,
		media: media && { ...media, viewOnce: media.viewOnce || viewOnce },
		quoted: quotedOf(about, nesting),
		mentions: list(about?.mentionedJid).flatMap((jid) => userJid(jid) ?? []),
		mentionsAll: (count(about?.nonJidMentions) ?? 0) > 0,
		forwarded: flag(about?.isForwarded),
		forwardingScore: count(about?.forwardingScore) ?? 0,
		viewOnce,
		disappearsAfter: count(about?.expiration) ?? 0,
		edited,
	};
	if (!bare) {
		assign(content, { ...detailsOf(message), ...originOf(about), ...aboutAnother(message) });
	}
	assign(content, { parent: parentOf(context) });
	if (content.kind === 'pin' && content.pinned) {
		content.pinnedFor = count(context.messageAddOnDurationInSecs);
	}
	return content.kind === 'edit' ? withNewContent(content, message, nesting) : content;
}

/** Whether it is a mere text, as most messages are: nothing else has to be looked for in it. */
function isBare(message: proto.IMessage): boolean {
	for (const [name, value] of Object.entries(message) as Array<[MessageField, unknown]>) {
		if (value === null || value === undefined) continue;
		if (name === 'conversation' && typeof value === 'string') continue;
		if (!Object.hasOwn(FIELD_ROLES, name) || FIELD_ROLES[name] !== 'companion') {
			return false;
		}
	}
	return true;
}

/** The kinds' own parts; each reads its own fields and answers undefined without them. */
function detailsOf(message: proto.IMessage): Partial<MessageContent> {
	const contacts = message.contactMessage
		? [message.contactMessage]
		: list(message.contactsArrayMessage?.contacts);
	const { albumMessage: album, stickerPackMessage: pack, liveLocationMessage: live } = message;
	return {
		link: linkOf(message.extendedTextMessage),
		location: live ? locationOf(live, true) : locationOf(message.locationMessage),
		contacts: contacts.length > 0 ? contactsOf(contacts) : undefined,
		poll: pollOf(message),
		calendarEvent: calendarEventOf(message.eventMessage),
		album: album
			? {
					images: count(album.expectedImageCount) ?? 0,
					videos: count(album.expectedVideoCount) ?? 0,
				}
			: undefined,
		choice: choiceOf(message),
		buttons: buttonsOf(message),
		product: productOf(message.productMessage),
		order: orderOf(message.orderMessage),
		payment: paymentOf(message),
		invite: inviteOf(message),
		call: callOf(message),
		setting: settingOf(message.protocolMessage),
		stickerPack: pack
			? {
					name: str(pack.name),
					publisher: str(pack.publisher),
					stickers: list(pack.stickers).length,
				}
			: undefined,
	};
}

/** Messages about another message. */
function aboutAnother(message: proto.IMessage): Partial<MessageContent> {
	const { reactionMessage: reaction, pinInChatMessage: pin, keepInChatMessage: keep } = message;
	if (reaction) return { target: targetOf(reaction.key), reaction: str(reaction.text) };
	if (pin) return { target: targetOf(pin.key), pinned: pin.type === 1 };
	if (keep) return { target: targetOf(keep.key), pinned: keep.keepType === 1 };
	const sealed =
		message.encReactionMessage?.targetMessageKey ??
		message.encCommentMessage?.targetMessageKey ??
		message.secretEncryptedMessage?.targetMessageKey ??
		message.pollUpdateMessage?.pollCreationMessageKey ??
		message.encEventResponseMessage?.eventCreationMessageKey;
	if (sealed) return { target: targetOf(sealed), encrypted: true };
	const key =
		message.protocolMessage?.key ??
		message.commentMessage?.targetMessageKey ??
		message.questionResponseMessage?.key ??
		message.statusQuestionAnswerMessage?.key ??
		message.statusQuotedMessage?.originalStatusId ??
		message.statusStickerInteractionMessage?.key ??
		message.statusNotificationMessage?.originalMessageKey ??
		message.scheduledCallEditMessage?.key;
	return key ? { target: targetOf(key) } : {};
}

function plainText(message: proto.IMessage, nesting: number): string | null {
	const inner = message.commentMessage?.message ?? message.sendPaymentMessage?.noteMessage;
	const note = inner ?? message.requestPaymentMessage?.noteMessage;
	if (note) return nesting < MAX_NESTING ? read(note, nesting + 1).text : null;
	return (
		str(message.conversation) ??
		str(message.extendedTextMessage?.text) ??
		pollOf(message)?.question ??
		str(message.eventMessage?.name) ??
		choiceOf(message)?.title ??
		choiceText(message) ??
		str(message.liveLocationMessage?.caption) ??
		str(message.locationMessage?.comment) ??
		str(message.groupInviteMessage?.caption) ??
		str(message.newsletterAdminInviteMessage?.caption) ??
		str(message.newsletterFollowerInviteMessageV2?.caption) ??
		str(message.productMessage?.body) ??
		str(message.orderMessage?.message) ??
		str(message.invoiceMessage?.note) ??
		str(message.questionResponseMessage?.text) ??
		str(message.statusQuestionAnswerMessage?.text) ??
		str(message.statusQuotedMessage?.text) ??
		str(message.scheduledCallCreationMessage?.title) ??
		str(message.bcallMessage?.caption) ??
		(list(message.richResponseMessage?.submessages)
			.flatMap((part) => str(part?.messageText) ?? [])
			.join('\n') ||
			null)
	);
}

function withNewContent(
	content: MessageContent,
	message: proto.IMessage,
	nesting: number,
): MessageContent {
	const edited = message.protocolMessage?.editedMessage;
	if (!edited || nesting >= MAX_NESTING) return content;
	const { kind, ...now } = read(edited, nesting + 1);
	const target = content.target ?? now.target;
	return { ...content, ...now, ...(target && { target }), newKind: kind, edited: true };
}

/** The contextInfo of whatever field holds the content. */
function contextOf(message: proto.IMessage): proto.IContextInfo | null {
	const field = contentField(message);
	const node: unknown = field && message[field];
	if (typeof node !== 'object' || node === null || !('contextInfo' in node)) return null;
	return typeof node.contextInfo === 'object' ? (node.contextInfo as proto.IContextInfo) : null;
}

export interface QuotedMessage {
	id: string | null;
	/** Who wrote it, as the quoting message names them. */
	from: string | null;
	/** The chat it comes from when that is another one. */
	chat: string | null;
	/** What of it was sent along: all but its own quote, for a picture the key of its file, too. */
	message: proto.IMessage | null;
}

/** The message that a message answers; null when it answers none. */
export function quotedMessage(message: proto.IMessage | null | undefined): QuotedMessage | null {
	const about = contextOf(unwrap(message).message);
	const id = str(about?.stanzaId);
	if (id === null && !about?.quotedMessage) return null;
	return {
		id,
		from: userJid(about?.participant),
		chat: userJid(about?.remoteJid),
		message: about?.quotedMessage ?? null,
	};
}

function quotedOf(about: proto.IContextInfo | null, nesting: number): Quoted | null {
	const id = str(about?.stanzaId);
	const message = about?.quotedMessage;
	if (id === null && !message) return null;
	const inner = message && nesting < MAX_NESTING ? read(message, nesting + 1) : null;
	return {
		id,
		from: userJid(about?.participant),
		chat: userJid(about?.remoteJid),
		kind: inner?.kind ?? null,
		text: inner?.text ?? null,
		media: inner?.media ?? null,
	};
}

/** Where a message comes from: an advertisement or a channel. */
function originOf(about: proto.IContextInfo | null): Partial<MessageContent> {
	const ad = about?.externalAdReply;
	const channel = about?.forwardedNewsletterMessageInfo;
	const id = userJid(channel?.newsletterJid);
	return {
		ad:
			ad && (str(ad.sourceUrl) ?? str(ad.sourceId) ?? str(ad.title)) !== null
				? {
						title: str(ad.title),
						body: str(ad.body),
						url: str(ad.sourceUrl),
						id: str(ad.sourceId),
						clickId: str(ad.ctwaClid),
					}
				: undefined,
		channel: id === null ? undefined : { id, name: str(channel?.newsletterName) },
	};
}

/** MessageAssociation.AssociationType, the ones that people can tell apart. */
const RELATIONS = {
	1: 'album',
	3: 'eventCover',
	5: 'hdVideo',
	7: 'pollOption',
	10: 'hdImage',
	12: 'motionPhoto',
	19: 'hevcVideo',
} as const;

function parentOf(context: proto.IMessageContextInfo): MessageContent['parent'] {
	const association = context.messageAssociation;
	if (!association) return undefined;
	const relation = enumName(RELATIONS, association.associationType);
	return { id: str(association.parentMessageKey?.id), relation: relation ?? 'other' };
}

function settingOf(
	protocol: proto.Message.IProtocolMessage | null | undefined,
): MessageContent['setting'] {
	switch (protocolType(protocol)) {
		case 3:
			return { name: 'disappearingSeconds', value: count(protocol?.ephemeralExpiration) ?? 0 };
		case 27:
			return { name: 'sharingLimited', value: flag(protocol?.limitSharing?.sharingLimited) };
		case 30:
			return { name: 'memberTag', value: str(protocol?.memberLabel?.label) };
		default:
			return undefined;
	}
}

/** Takes over what is there, so that nothing in the result is undefined. */
function assign(content: MessageContent, parts: Partial<MessageContent>): void {
	const target = content as unknown as Record<string, unknown>;
	for (const name of Object.keys(parts) as Array<keyof MessageContent>) {
		if (parts[name] !== undefined) target[name] = parts[name];
	}
}

/** The secret that votes, RSVPs and encrypted edits of this message are encrypted with, if any. */
export function messageSecret(message: proto.IMessage | null | undefined): Uint8Array | null {
	const { messageSecret: secret } = unwrap(message).context;
	return secret instanceof Uint8Array && hasBytes(secret) ? secret : null;
}
