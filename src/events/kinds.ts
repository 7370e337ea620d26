import type { MessageKind } from '../wa/kind';
import type { MessageInput } from './types';

/** Kinds that are events of their own, or the protocol's own business, not messages to people. */
const NOT_MESSAGES: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'reaction',
	'edit',
	'delete',
	'pin',
	'pollVote',
	'eventResponse',
	'setting',
	'internal',
	'undecryptable',
]);

/** The same picture or video once more in better quality: people see one message. */
const SECOND_COPIES: ReadonlySet<string> = new Set(['hdImage', 'hdVideo', 'hevcVideo']);

export type Where = 'people' | 'status' | 'channel';

/** The chat a message belongs to: of people (direct or group), the status list, or a channel. */
export function whereOf({ message }: MessageInput): Where {
	const chat = message.key.remoteJid ?? '';
	if (chat === 'status@broadcast') return 'status';
	return chat.endsWith('@newsletter') ? 'channel' : 'people';
}

/** True for what a person would call a message, wherever it was written. */
export function isMessage({ message, content }: MessageInput): boolean {
	// A stub without content is a notice (group change, missed call), told by other events.
	if (message.messageStubType && !message.message) return false;
	if (SECOND_COPIES.has(content.parent?.relation ?? '')) return false;
	// Baileys makes such a message of every group call; it is told as a call.
	if (message.message?.call?.callKey) return false;
	return !NOT_MESSAGES.has(content.kind);
}
