/**
 * What a workflow gets for one thing that happened: flat JSON with stable names. Adding an event: a
 * file with one EventDefinition and one line in ./index.ts.
 */
import type {
	BaileysEventMap,
	GroupMetadata,
	proto,
	WACallEvent,
	WAMessage,
} from '@whiskeysockets/baileys';
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
	/** Whether that person is in the address book of the phone. */
	fromContact: boolean;
	fromMe: boolean;
	/** The other side of a direct chat; null in groups and without a chat. */
	to: Person | null;
	/** WhatsApp's id of the message it is about. */
	messageId: string | null;
	/** Text, caption or question; null where there is none. */
	text: string | null;
	[more: string]: unknown;
}

/** A normalised event together with the message behind it. */
export interface Normalised {
	event: LinkedEvent;
	/** For downloads, retries and `raw`. */
	message?: proto.IWebMessageInfo;
	/** Under this key the inbox takes it once; the event's id unless given. */
	key?: string;
}

export type Address = string | null | undefined;

/** A vote as it was decrypted. */
export interface Vote {
	voter: Person;
	/** Names of the chosen options; empty when the vote was taken back. */
	options: string[];
	/** Milliseconds since the epoch, as the voter's phone says. */
	at: number;
}

/** How a poll stands. */
export interface Tally {
	/** In the order of the poll. */
	results: Array<{ option: string; votes: number; voters: Person[] }>;
	/** People who have voted. */
	voters: number;
}

/** A message kept because others are about it: polls, events, own messages. */
export interface StoredMessage {
	message: proto.IMessage;
}

/** What a normaliser may ask. Pure but for these lookups, which answer from memory or storage. */
export interface NormaliseContext {
	/** A person from any of the addresses, with names where known. */
	person(...addresses: Address[]): Promise<Person | null>;
	/** The one address used for a chat, whatever form it came in (LID before phone). */
	chat(...addresses: Address[]): Promise<string | null>;
	chatName(chat: string | null): Promise<string | null>;
	/** Every address known for a person, phone number and LID. */
	addresses(...addresses: Address[]): Promise<string[]>;
	/** Whether the phone's address book has one of these addresses. */
	isContact(person: Person | null): Promise<boolean>;
	/** The own addresses. */
	me: { phone: string | null; lid: string | null };
	/** Whether this is one of the own addresses. */
	isMe(address: Address): boolean;
	/** True when this process or another of ours sent the message through n8n. */
	sentByUs(messageId: string): boolean;
	/** A message that was kept, by its id. */
	stored(messageId: string): Promise<StoredMessage | undefined>;
	/** Notes a vote (the newest of each voter counts) and says how the poll stands. */
	tally(pollId: string, options: readonly string[], vote: Vote): Promise<Tally>;
	group(jid: string): Promise<GroupMetadata | undefined>;
	/** True until the first sync after linking is over: what comes then is old. */
	readonly syncing: boolean;
	now(): number;
}

export interface MessageInput {
	message: WAMessage;
	content: Readonly<MessageContent>;
	/** What identityOf says of it, where that has been asked. */
	identity?: string;
	/** `append`: it came while the number was offline. */
	type: 'notify' | 'append';
}

/** What became of the connection, told by the session. */
export type AccountChange =
	| { kind: 'connected'; number: string | null; at: number }
	| {
			kind: 'disconnected' | 'replaced' | 'loggedOut' | 'restricted';
			at: number;
			/** Stable code of the reason, and what it means. */
			reason: string | null;
			explanation: string | null;
			/** When it is tried again, milliseconds since the epoch. */
			nextTry: number | null;
	  };

/** Something that may lead to a restriction of the number; told by safety. */
export interface AccountWarning {
	/**
	 * `cap`: WhatsApp warns of its cap; `refused`: it refused a message (463); `few-answers`,
	 * `many-unanswered`: how people take what is sent; `limit`: a limit of the credential was reached.
	 */
	reason: 'cap' | 'refused' | 'few-answers' | 'many-unanswered' | 'limit';
	explanation: string;
	advice: string;
	at: number;
	/** Which limit was reached. */
	rule: string | null;
	/** When it is over, milliseconds since the epoch. */
	until: number | null;
	/** WhatsApp's cap of messages to new chats, as it said last. */
	cap: {
		level: string;
		quota: number | null;
		used: number | null;
		cycleEnds: number | null;
	} | null;
}

/** What the phone knows of somebody has changed. */
export interface ContactChange {
	addresses: string[];
	/** `added`: new in the address book. */
	change: 'added' | 'name' | 'picture';
	name: string | null;
	before: string | null;
}

/** A message that could not be decrypted in time. */
export interface GivenUp {
	message: WAMessage;
	/** Short reason of the last failure, without any secret. */
	reason: string;
	/** How often it was asked for again, as far as known. */
	retries: number;
}

/** A call began or ended, as far as the number is concerned. */
export interface CallPhase {
	call: WACallEvent;
	phase: 'offered' | 'missed' | 'ended';
	/** How it ended: `ended` when it was taken, `rejected` when somebody here turned it down. */
	outcome?: 'ended' | 'rejected';
}

/** What happens: Baileys' events, and ours beside them. */
export interface Happenings extends BaileysEventMap {
	'linked.account': AccountChange;
	'linked.warning': AccountWarning;
	'linked.call': CallPhase;
	'linked.contacts': ContactChange[];
	'linked.givenUp': GivenUp;
}

export interface EventDefinition {
	name: string;
	/** Shown in the trigger's list, as `Group: thing`. */
	label: string;
	description: string;
	/**
	 * From a message, when this definition is about it; undefined (at once, without a promise) when
	 * it is not.
	 */
	fromMessage?(input: MessageInput, context: NormaliseContext): Promise<Normalised[]> | undefined;
	/** From other things that happen, by their name. */
	on?: {
		[E in keyof Happenings]?: (
			happened: Happenings[E],
			context: NormaliseContext,
		) => Promise<Normalised[]>;
	};
	/** It has text, media or a kind, which the trigger's filters about content look at. */
	hasContent?: true;
	/** By nature something that the owner of the number does, or that concerns only the account. */
	byOwner?: true;
	/** So frequent that it is stored only while a trigger asks for it. */
	onDemand?: true;
	/** An example, used in docs, tests and output schemas. */
	sample: IDataObject;
}
