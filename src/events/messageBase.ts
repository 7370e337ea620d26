/** The fields that all events about messages share. */
import { count } from '../wa/read';
import type { MessageContent, MessageRef, Quoted } from '../wa/types';
import type { Address, LinkedEvent, MessageInput, NormaliseContext, Person } from './types';

type Key = MessageInput['message']['key'];

/** Messages of a burst are of the same few seconds. */
let lately = { seconds: 0, iso: new Date(0).toISOString() };

/** An ISO time from WhatsApp's seconds, now when it gives none. */
export function isoSeconds(value: unknown, now: number): string {
	const seconds = count(value);
	if (!seconds) return new Date(now).toISOString();
	if (seconds !== lately.seconds) {
		lately = { seconds, iso: new Date(seconds * 1_000).toISOString() };
	}
	return lately.iso;
}

/** Both addresses of the chat. The other form of a copy of an own message may be our own. */
export function chatOf(
	{ remoteJid, remoteJidAlt, fromMe }: Key,
	context: NormaliseContext,
): Address[] {
	const alt = fromMe && context.isMe(remoteJidAlt) ? undefined : remoteJidAlt;
	return [remoteJid, alt];
}

export interface Place {
	chat: string | null;
	chatName: string | null;
	isGroup: boolean;
	from: Person | null;
	fromContact: boolean;
	fromMe: boolean;
	to: Person | null;
}

/** Where a message is and who wrote it. */
export async function placeOf(
	key: Key,
	context: NormaliseContext,
	pushName?: string | null,
): Promise<Place> {
	const chat = await context.chat(...chatOf(key, context));
	const direct = chat !== null && /@(lid|s\.whatsapp\.net)$/.test(chat);
	const me = await context.person(context.me.lid, context.me.phone);
	const fromMe = key.fromMe === true || context.isMe(key.participant);
	const partner = direct ? await context.person(...chatOf(key, context)) : null;
	const author = key.participant
		? await context.person(key.participant, key.participantAlt)
		: partner;
	const from = fromMe ? me : author;
	if (from && !fromMe && pushName && !from.name) from.name = pushName;
	return {
		chat,
		chatName: direct ? (partner?.name ?? partner?.phone ?? null) : await context.chatName(chat),
		isGroup: chat?.endsWith('@g.us') ?? false,
		from,
		fromContact: fromMe || (await context.isContact(from)),
		fromMe,
		to: direct ? (fromMe ? partner : me) : null,
	};
}

/** Names a message so that it is the same however it reaches us. */
export async function identityOf(key: Key, context: NormaliseContext): Promise<string> {
	const chat = await context.chat(...chatOf(key, context));
	const fromMe = key.fromMe === true || context.isMe(key.participant);
	const sender = fromMe
		? 'me'
		: key.participant
			? await context.chat(key.participant, key.participantAlt)
			: chat;
	return [chat, key.id, sender].join(':');
}

export interface QuotedMessage extends Omit<Quoted, 'from'> {
	from: Person | null;
	fromMe: boolean;
}

async function quotedOf(
	quoted: Quoted | null,
	context: NormaliseContext,
): Promise<QuotedMessage | null> {
	if (!quoted) return null;
	const fromMe = context.isMe(quoted.from);
	return { ...quoted, from: await context.person(quoted.from), fromMe };
}

async function people(addresses: readonly string[], context: NormaliseContext): Promise<Person[]> {
	const found: Person[] = [];
	for (const address of addresses) {
		const person = await context.person(address);
		if (person && !found.some(({ id }) => id === person.id)) found.push(person);
	}
	return found;
}

/** `event` about one message. */
export async function messageEvent(
	event: string,
	{ message, content, type, identity }: MessageInput,
	context: NormaliseContext,
): Promise<LinkedEvent> {
	const { key } = message;
	const place = await placeOf(key, context, message.pushName);
	const quoted = await quotedOf(content.quoted, context);
	return {
		event,
		id: `${event}:${identity ?? (await identityOf(key, context))}`,
		timestamp: isoSeconds(message.messageTimestamp, context.now()),
		...place,
		messageId: key.id ?? null,
		text: content.text,
		kind: content.kind,
		media: content.media,
		quoted,
		mentions: await people(content.mentions, context),
		mentionsMe: content.mentionsAll || content.mentions.some((jid) => context.isMe(jid)),
		repliesToMe: quoted?.fromMe ?? false,
		forwarded: content.forwarded,
		offline: type === 'append',
	};
}

/** `event` about what somebody did with another message; `messageId` is that other message's. */
export async function aboutMessage(
	event: string,
	input: MessageInput,
	context: NormaliseContext,
): Promise<LinkedEvent> {
	const { message, content, type, identity } = input;
	const place = await placeOf(message.key, context, message.pushName);
	return {
		event,
		id: `${event}:${identity ?? (await identityOf(message.key, context))}`,
		timestamp: isoSeconds(message.messageTimestamp, context.now()),
		...place,
		messageId: content.target?.id ?? message.key.id ?? null,
		text: content.text,
		offline: type === 'append',
	};
}

/**
 * Who wrote the message that another is about. In direct chats the protocol says only "mine" or "not
 * mine", as the sender of the other message sees it, unless Baileys has turned it round to our view.
 */
export async function authorOf(
	target: MessageRef | undefined,
	{ fromMe, from, to }: Pick<LinkedEvent, 'fromMe' | 'from' | 'to'>,
	context: NormaliseContext,
	view: 'sender' | 'ours',
): Promise<{ author: Person | null; authorIsMe: boolean }> {
	if (!target) return { author: null, authorIsMe: false };
	if (target.from) {
		return { author: await context.person(target.from), authorIsMe: context.isMe(target.from) };
	}
	const mine = view === 'ours' || fromMe ? target.fromMe : !target.fromMe;
	const me = await context.person(context.me.lid, context.me.phone);
	return { author: mine ? me : fromMe ? to : from, authorIsMe: mine };
}

/** What only some kinds have: location, contacts, poll and so on. */
export function detailsOf(content: MessageContent): Record<string, unknown> {
	const { text: _t, kind: _k, media: _m, quoted: _q, mentions: _p, target: _r, ...rest } = content;
	return rest;
}
