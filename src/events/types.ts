/**
 * What a workflow gets for one thing that happened: flat JSON with stable names. Adding an event: a
 * file with one EventDefinition and one line in ./index.ts.
 */
import type { BaileysEventMap, proto, WAMessage } from '@whiskeysockets/baileys';
import type { IDataObject } from 'n8n-workflow';
import type { Person } from '../wa/ids';
import type { MessageContent } from '../wa/types';

export type { Person };

export interface LinkedEvent {
	/** Name of the event, e.g. `message.received`. */
	event: string;
	/** Unique within the account, the same at every delivery of the same thing. */
	id: string;
	/** ISO time at which it happened, as WhatsApp says. */
	timestamp: string;
	/** Where to answer: the chat's address; null for events of the account. */
	chat: string | null;
	chatName: string | null;
	isGroup: boolean;
	/** Who did it. */
	from: Person | null;
	fromMe: boolean;
	/** WhatsApp's id of the message it is about. */
	messageId: string | null;
	/** Text, caption or question; null where there is none. */
	text: string | null;
	[more: string]: unknown;
}

/** A normalised event together with what its dedupe needs. */
export interface Normalised {
	event: LinkedEvent;
	/** The message behind it, for downloads, retries and `raw`. */
	message?: proto.IWebMessageInfo;
}

/** What a normaliser may ask. Pure but for these lookups, which answer from memory or storage. */
export interface NormaliseContext {
	/** A person from any of the addresses, with names where known. */
	person(...addresses: Array<string | null | undefined>): Promise<Person | null>;
	/** The one address used for a chat, whatever form it came in (LID before phone). */
	chat(...addresses: Array<string | null | undefined>): Promise<string | null>;
	chatName(chat: string | null): Promise<string | null>;
	/** The own addresses. */
	me: { phone: string | null; lid: string | null };
	/** True when this process or another of ours sent the message through n8n. */
	sentByUs(messageId: string): boolean;
	now(): number;
}

export interface MessageInput {
	message: WAMessage;
	content: MessageContent;
	/** `append`: it came while the number was offline. */
	type: 'notify' | 'append';
}

export interface EventDefinition {
	name: string;
	/** Shown in the trigger's list. */
	label: string;
	description: string;
	/** From a message, when this definition is about it. */
	fromMessage?(input: MessageInput, context: NormaliseContext): Promise<Normalised[]>;
	/** From one batch of Baileys' other events. */
	fromEvents?(events: Partial<BaileysEventMap>, context: NormaliseContext): Promise<Normalised[]>;
	/** An example, used in docs, tests and output schemas. */
	sample: IDataObject;
}
