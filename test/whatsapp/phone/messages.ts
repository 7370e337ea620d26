/** What a phone shows of messages, and the list in which tests look for them. */
import { type proto, toNumber } from './proto';
import type { PhoneCore } from './core';
import { isUser, userOf } from './jids';
import type { BinaryNode } from './nodes';

/** A message that the phone has decrypted. */
export interface PhoneMessage {
	id: string;
	/** The group, `status@broadcast`, or the other person (by LID where it is known). */
	chat: string;
	/** The person who wrote it (by LID where it is known). */
	from: string;
	/** Digits of the writer's phone number, where known. */
	fromPhone?: string;
	/** Which of the writer's devices: 0 is the phone. */
	fromDevice: number;
	/** Written by this account on another of its devices. */
	fromMe: boolean;
	/** What was written: text, caption, or the new text of an edit. */
	text?: string;
	message: proto.IMessage;
	/** How this message is named in reactions, quotes, edits ...: from the phone's point of view. */
	key: proto.IMessageKey;
	/** Seconds since the epoch. */
	timestamp: number;
	pushName?: string;
	/** As it came from the server. */
	stanza: BinaryNode;
}

/** Finds messages: a text, or what a test says. */
export type Wanted = string | ((message: PhoneMessage) => boolean);

/** The text of a message, wherever WhatsApp keeps it. */
export function textOf(message: proto.IMessage | null | undefined): string | undefined {
	if (!message) return undefined;
	const inner =
		message.ephemeralMessage?.message ??
		message.viewOnceMessage?.message ??
		message.viewOnceMessageV2?.message ??
		message.documentWithCaptionMessage?.message ??
		message.editedMessage?.message ??
		message.protocolMessage?.editedMessage;
	if (inner) return textOf(inner);
	return (
		message.conversation ||
		message.extendedTextMessage?.text ||
		message.imageMessage?.caption ||
		message.videoMessage?.caption ||
		message.documentMessage?.caption ||
		undefined
	);
}

/** The messages of a phone, in the order in which they came in. */
export class Inbox {
	readonly messages: PhoneMessage[] = [];
	/** Messages that came again under an id that was already there; a phone does not show them. */
	readonly duplicates: PhoneMessage[] = [];
	private readonly known = new Set<string>();

	constructor(private readonly core: PhoneCore) {}

	add(message: PhoneMessage): void {
		const key = `${message.chat} ${message.from} ${message.id}`;
		(this.known.has(key) ? this.duplicates : this.messages).push(message);
		this.known.add(key);
		this.core.directory.learnName(message.from, message.pushName);
		this.core.waits.changed();
	}

	has(id: string): boolean {
		return this.messages.some((message) => message.id === id);
	}

	find(id: string): PhoneMessage | undefined {
		return this.messages.find((message) => message.id === id);
	}

	/** Resolves with the first message that fits, also one that is already there. */
	async wait(wanted: Wanted, timeoutMs?: number): Promise<PhoneMessage> {
		const fits = (message: PhoneMessage): boolean =>
			typeof wanted === 'string' ? message.text === wanted : wanted(message);
		return await this.core.waits.until(
			typeof wanted === 'string' ? `the message "${wanted}"` : 'a message',
			() => this.messages.find(fits),
			timeoutMs,
			() => this.messages.map((message) => describe(message)).join(', ') || 'no message',
		);
	}
}

/** A message in short, for errors of waits. */
function describe({ text, message, from }: PhoneMessage): string {
	const kind = Object.entries(message).find(([, value]) => value != null)?.[0] ?? 'nothing';
	return `${text === undefined ? kind : `"${text.slice(0, 40)}"`} from ${from}`;
}

/** A PhoneMessage of a decrypted payload. */
export function toPhoneMessage(
	core: PhoneCore,
	stanza: BinaryNode,
	chat: string,
	author: { jid: string; device: number },
	message: proto.IMessage,
): PhoneMessage {
	const { attrs } = stanza;
	const from = core.directory.canonical(userOf(author.jid));
	const fromMe = core.isMine(author.jid);
	const place = isUser(chat) ? core.directory.canonical(userOf(chat)) : chat;
	return {
		id: attrs.id ?? '',
		chat: place,
		from,
		fromPhone: core.directory.phoneOf(from),
		fromDevice: author.device,
		fromMe,
		text: textOf(message),
		message,
		key: {
			remoteJid: place,
			fromMe,
			id: attrs.id,
			// In the form in which the group names people.
			participant: isUser(place) ? undefined : userOf(author.jid),
		},
		timestamp: toNumber(attrs.t),
		pushName: attrs.notify,
		stanza,
	};
}
