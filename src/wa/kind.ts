import type { proto } from '@whiskeysockets/baileys';

import {
	FIELD_ROLES,
	PROTOCOL_KINDS,
	STUB_KINDS,
	type MessageField,
	type MessageKind,
} from './kinds';
import { list } from './read';
import { innermost } from './unwrap';

export type { MessageKind } from './kinds';

/** The field of an unwrapped message that holds its content, or null when none is known. */
export function contentField(message: proto.IMessage): MessageField | null {
	let internal: MessageField | null = null;
	// Few fields are set, many could be: going through those that are is ten times as fast.
	for (const [name, value] of Object.entries(message) as Array<[MessageField, unknown]>) {
		if (value === null || value === undefined || value === '') continue;
		const role = Object.hasOwn(FIELD_ROLES, name) ? FIELD_ROLES[name] : 'companion';
		if (role === 'wrapper' || role === 'companion') continue;
		// Some messages carry an internal field beside the one people see.
		if (role !== 'internal') return name;
		internal ??= name;
	}
	return internal;
}

/** What a message is, wrappers or not. */
export function kindOf(message: proto.IMessage | null | undefined): MessageKind {
	return kindOfContent(innermost(message));
}

/** What an already unwrapped message is. */
export function kindOfContent(message: proto.IMessage): MessageKind {
	const field = contentField(message);
	if (field === null) return kindWithoutContent(message);
	switch (field) {
		case 'audioMessage':
			return message.audioMessage?.ptt === true ? 'voice' : 'audio';
		case 'videoMessage':
			return message.videoMessage?.gifPlayback === true ? 'gif' : 'video';
		case 'protocolMessage':
			return protocolKind(message.protocolMessage);
		case 'listMessage':
			// A catalogue of products comes as a list.
			return list(message.listMessage?.productListInfo?.productSections).length > 0
				? 'product'
				: 'buttons';
		default:
			return FIELD_ROLES[field] as MessageKind;
	}
}

/**
 * What a received message is, content or not: view-once messages reach linked devices as an empty
 * notice, and what could not be decrypted or is a notice of WhatsApp has a stub type instead.
 */
export function kindOfReceived(received: {
	message?: proto.IMessage | null;
	messageStubType?: number | null;
	key?: { isViewOnce?: boolean } | null;
}): MessageKind {
	const { message, messageStubType: stub } = received;
	const inner = message && innermost(message);
	if (inner && contentField(inner) !== null) return kindOfContent(inner);
	if (received.key?.isViewOnce === true) return 'viewOnce';
	if (typeof stub === 'number' && stub > 0) {
		return Object.hasOwn(STUB_KINDS, stub) ? (STUB_KINDS[stub]?.kind ?? 'system') : 'system';
	}
	return kindOf(message);
}

/** The number of a protocol message's type, which its JSON form gives by name; null when unknown. */
export function protocolType(
	protocol: proto.Message.IProtocolMessage | null | undefined,
): number | null {
	const type: unknown = protocol?.type;
	if (typeof type === 'number') return type;
	if (typeof type !== 'string') return null;
	const named = Object.entries(PROTOCOL_KINDS).find(([, { name }]) => name === type);
	return named ? Number(named[0]) : null;
}

function protocolKind(protocol: proto.Message.IProtocolMessage | null | undefined): MessageKind {
	const type = protocolType(protocol);
	if (type === null || !Object.hasOwn(PROTOCOL_KINDS, type)) return 'internal';
	return PROTOCOL_KINDS[type]?.kind ?? 'internal';
}

/**
 * Sender keys alone are WhatsApp's own business. Anything else without a known field is a kind newer
 * than this version (protobuf drops unknown fields), which must be shown, not dropped.
 */
function kindWithoutContent(message: proto.IMessage): MessageKind {
	return message.senderKeyDistributionMessage || message.fastRatchetKeySenderKeyDistributionMessage
		? 'internal'
		: 'unsupported';
}
