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
	'internal',
]);

/** True for what a person would call a message. Chats of the server itself are not. */
export function isPeopleMessage({ message, content }: MessageInput): boolean {
	const chat = message.key.remoteJid ?? '';
	if (chat === 'status@broadcast' || chat.endsWith('@newsletter')) return false;
	// A stub without content is a notice (group change, undecryptable), told by other events.
	if (message.messageStubType && !message.message) return false;
	return !NOT_MESSAGES.has(content.kind);
}
