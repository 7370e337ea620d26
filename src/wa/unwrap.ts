import type { proto } from '@whiskeysockets/baileys';

import { userJid } from './ids';
import { FIELD_ROLES, type MessageField } from './kinds';

export interface Unwrapped {
	/** The message inside all wrappers; an empty object when there is none. */
	message: proto.IMessage;
	/** The fields that were opened, outermost first. */
	wrappers: readonly MessageField[];
	/** May be looked at once. */
	viewOnce: boolean;
	/** Came in the wrapper for disappearing messages; how long it lives is in its contextInfo. */
	ephemeral: boolean;
	/** Is the new content of an edited message. */
	edited: boolean;
	/** A status posted to a group. */
	groupStatus: boolean;
	/** Was written to, or forwarded by, Meta AI. */
	bot: boolean;
	/** The chat it was sent to when another of our own devices sent it, otherwise null. */
	sentTo: string | null;
	/** What comes along with the message (secrets, album parent), outer and inner merged. */
	context: proto.IMessageContextInfo;
}

/** Deeper than anything WhatsApp makes; keeps a hostile message from costing time. */
const MAX_DEPTH = 12;

/** Looked up for every field of every message, several times each. */
const WRAPPERS: ReadonlySet<string> = new Set(
	Object.entries(FIELD_ROLES).flatMap(([name, role]) => (role === 'wrapper' ? [name] : [])),
);

const VIEW_ONCE: readonly MessageField[] = [
	'viewOnceMessage',
	'viewOnceMessageV2',
	'viewOnceMessageV2Extension',
];

/**
 * Opens every container around a message: disappearing, view once (all three), document with caption,
 * sent by an own device, edited, album child, group status, bot, and so on. Baileys' own
 * normalizeMessageContent opens nine of these; we open all that proto.Message has.
 */
export function unwrap(outer: proto.IMessage | null | undefined): Unwrapped {
	let message: proto.IMessage = isObject(outer) ? outer : {};
	let context: proto.IMessageContextInfo = {};
	let sentTo: string | null = null;
	const wrappers: MessageField[] = [];

	for (let depth = 0; depth < MAX_DEPTH; depth++) {
		if (isObject(message.messageContextInfo)) {
			context = { ...context, ...present(message.messageContextInfo) };
		}
		const field = wrapperIn(message);
		if (field === undefined) break;
		sentTo ??= userJid(message.deviceSentMessage?.destinationJid);
		wrappers.push(field);
		message = inside(message, field) as proto.IMessage;
	}

	const has = (...fields: readonly MessageField[]) =>
		wrappers.length > 0 && wrappers.some((wrapper) => fields.includes(wrapper));
	return {
		message,
		wrappers,
		viewOnce: has(...VIEW_ONCE) || saysViewOnce(message),
		ephemeral: has('ephemeralMessage'),
		edited: has('editedMessage'),
		groupStatus: has('groupStatusMessage', 'groupStatusMessageV2'),
		bot: has('botInvokeMessage', 'botTaskMessage', 'botForwardedMessage'),
		sentTo,
		context,
	};
}

/** The message inside all wrappers; for those who ask for nothing else. */
export function innermost(outer: proto.IMessage | null | undefined): proto.IMessage {
	let message: proto.IMessage = isObject(outer) ? outer : {};
	for (let depth = 0; depth < MAX_DEPTH; depth++) {
		const field = wrapperIn(message);
		if (field === undefined) break;
		message = inside(message, field) as proto.IMessage;
	}
	return message;
}

/** The field of a message that holds another one. */
function wrapperIn(message: proto.IMessage): MessageField | undefined {
	for (const name of Object.keys(message) as MessageField[]) {
		if (WRAPPERS.has(name) && isObject(inside(message, name))) return name;
	}
	return undefined;
}

/** Newer phones mark the media itself instead of wrapping it. */
function saysViewOnce(message: proto.IMessage): boolean {
	return (
		message.imageMessage?.viewOnce === true ||
		message.videoMessage?.viewOnce === true ||
		message.ptvMessage?.viewOnce === true ||
		message.audioMessage?.viewOnce === true ||
		message.extendedTextMessage?.viewOnce === true
	);
}

function inside(message: proto.IMessage, field: MessageField): unknown {
	const wrapper: unknown = message[field];
	return isObject(wrapper) ? (wrapper as { message?: unknown }).message : undefined;
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields that are set, so that an inner default never hides an outer value. */
function present<T extends object>(value: T): Partial<T> {
	const set: Partial<T> = {};
	for (const name of Object.keys(value) as Array<keyof T>) {
		if (value[name] !== null && value[name] !== undefined) set[name] = value[name];
	}
	return set;
}
