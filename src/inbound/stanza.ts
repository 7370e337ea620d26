/** What the raw stanza of a message says, before Baileys has looked at it. */
import type {
	AuthenticationCreds,
	BinaryNode,
	SignalRepositoryWithLIDStore,
	WAMessage,
} from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';

/** For those functions of Baileys that want a logger of pino's. */
export const silent = {
	level: 'silent',
	child: () => silent,
	trace: () => {},
	debug: () => {},
	info: () => {},
	warn: () => {},
	error: () => {},
};

const DECRYPTED = new Set(['msg', 'pkmsg', 'skmsg']);

const childrenOf = ({ content }: BinaryNode): BinaryNode[] =>
	Array.isArray(content) ? content : [];

/** Whether Baileys will decrypt something of it. */
export function isEncrypted(node: BinaryNode): boolean {
	return childrenOf(node).some(
		({ tag, attrs, content }) =>
			tag === 'enc' && DECRYPTED.has(attrs.type ?? '') && content instanceof Uint8Array,
	);
}

/**
 * View-once messages reach linked devices as an empty notice, and Baileys (rc14, handleMessage) drops
 * one of the two forms of it. Turns that one into the other.
 */
export function showViewOnce(node: BinaryNode): void {
	for (const { tag, attrs } of childrenOf(node)) {
		if (tag === 'unavailable' && attrs.type === 'view_once_unavailable_fanout') {
			attrs.type = 'view_once';
		}
	}
}

/**
 * Why linked devices do not get a message of which WhatsApp tells them, in few words: Baileys
 * acknowledges these and says nothing. Undefined for all others.
 */
export function withheld(node: BinaryNode): string | undefined {
	if (isEncrypted(node)) return undefined;
	for (const { tag, attrs } of childrenOf(node)) {
		const { type } = attrs;
		// Answers of Meta AI are encrypted with the secret of the question.
		if (tag === 'enc' && type === 'msmsg') return 'answer of a bot';
		if (tag !== 'unavailable') continue;
		if (type === 'bot_unavailable_fanout') return 'answer of a bot';
		if (type === 'hosted_unavailable_fanout') return 'not given to linked devices';
	}
	return undefined;
}

/** The message of a stanza without its content: its key, time and names. */
export function messageOf(
	node: BinaryNode,
	me: NonNullable<AuthenticationCreds['me']>,
	baileys: Baileys,
): WAMessage {
	// Decoding needs no repository; only decrypt(), which is not called, would.
	const none = {} as SignalRepositoryWithLIDStore;
	const { fullMessage } = baileys.decryptMessageNode(node, me.id, me.lid ?? '', none, silent);
	baileys.cleanMessage(fullMessage as WAMessage, me.id, me.lid ?? '');
	return fullMessage as WAMessage;
}
