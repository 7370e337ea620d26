/** What breaks a normaliser is delivered as it came, with a warning: rather strange than lost. */
import { createHash } from 'node:crypto';
import type { WAMessage } from '@whiskeysockets/baileys';
import type { LinkedEvent } from '../events';
import { NOWHERE } from '../events/nowhere';

/** What is known of a message without understanding it. */
export function rawEvent(message: WAMessage, identity: string, now: number): LinkedEvent {
	const { key } = message;
	const isGroup = key.remoteJid?.endsWith('@g.us') ?? false;
	const name = key.fromMe ? 'message.sent' : 'message.received';
	return {
		event: name,
		id: `${name}:${identity}`,
		timestamp: new Date(now).toISOString(),
		chat: key.remoteJid ?? null,
		chatName: null,
		isGroup,
		from: null,
		fromContact: false,
		fromMe: key.fromMe === true,
		to: null,
		messageId: key.id ?? null,
		text: null,
		kind: 'unsupported',
		media: null,
		quoted: null,
		mentions: [],
		mentionsMe: false,
		repliesToMe: false,
		warning: 'This message could not be understood; see raw.',
	};
}

/**
 * Something else that happened, as Baileys told it. The same thing has the same id at every repetition.
 * @param name of the event that it would have become
 */
export function rawHappening(name: string, value: unknown, now: number): LinkedEvent {
	const told = plainJson(value);
	const hash = createHash('sha256').update(told).digest('base64url').slice(0, 22);
	return {
		event: name,
		id: `${name}:raw:${hash}`,
		timestamp: new Date(now).toISOString(),
		...NOWHERE,
		warning: 'This event could not be understood; see raw.',
		raw: JSON.parse(told) as unknown,
	};
}

/** JSON of whatever it is; what cannot be written becomes null. */
function plainJson(value: unknown): string {
	try {
		const json = JSON.stringify(value, (_name, each: unknown) =>
			typeof each === 'bigint' ? String(each) : each,
		);
		return json ?? 'null';
	} catch {
		return 'null';
	}
}
