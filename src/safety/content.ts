/** What of a message's content is of interest: how long it is, and whether it is the same as another. */
import { createHash } from 'node:crypto';
import type { proto } from '@whiskeysockets/baileys';
import { contentField } from '../wa/kind';
import { unwrap } from '../wa/unwrap';

export interface ContentFacts {
	/** `amend` when it is about a message that is there. */
	act: 'message' | 'amend';
	/** Characters of text or caption. */
	characters: number;
	/**
	 * The same for the same content, whoever gets it; nothing of the content can be read from it.
	 * Undefined where there is no content.
	 * @param key makes fingerprints of one account useless for another
	 */
	fingerprint(key: string): string | undefined;
}

/** Messages about others: they begin nothing. */
const AMENDS: ReadonlySet<string> = new Set([
	'reactionMessage',
	'encReactionMessage',
	'protocolMessage',
	'pinInChatMessage',
	'keepInChatMessage',
	'pollUpdateMessage',
	'encEventResponseMessage',
	'secretEncryptedMessage',
]);

export function contentFacts(message: proto.IMessage | undefined): ContentFacts {
	const inner = unwrap(message).message;
	const field = contentField(inner);
	if (!field) return { act: 'message', characters: 0, fingerprint: () => undefined };
	const body = inner[field];
	const fields = body && typeof body === 'object' ? (body as Record<string, unknown>) : {};
	const text =
		typeof body === 'string'
			? body
			: String(fields.text ?? fields.caption ?? fields.name ?? fields.displayName ?? '');
	return {
		act: AMENDS.has(field) ? 'amend' : 'message',
		characters: text.length,
		fingerprint: (key) =>
			createHash('sha256')
				.update(JSON.stringify([key, kindOf(field), text, hashOf(fields)]))
				.digest('base64url')
				.slice(0, 16),
	};
}

/** A text is the same text with and without a link's preview. */
const kindOf = (field: string) => (field === 'conversation' ? 'extendedTextMessage' : field);

/** Of a file its hash: the encrypted copies differ. Of other things what makes them that thing. */
function hashOf({ fileSha256, vcard, degreesLatitude, degreesLongitude }: Record<string, unknown>) {
	const hash = fileSha256 instanceof Uint8Array ? Buffer.from(fileSha256).toString('base64') : '';
	return [hash, vcard ?? '', degreesLatitude ?? '', degreesLongitude ?? ''].map(String);
}
