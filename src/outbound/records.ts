/**
 * What was done under which idempotency key, so that a repeated command acts once. A record is
 * written before the message goes out and completed after the server's ack; a record found
 * incomplete (the process died in between) lets the message go out again under the same message id,
 * which recipients drop as a duplicate.
 */
import { createHash } from 'node:crypto';
import type { ErrorJson } from '../errors';
import type { JsonObject } from '../operations/types';
import type { Facts } from '../storage/roles';

/** Longer than any n8n retry and most waits; afterwards a re-run is meant as a new message. */
const KEEP_MS = 7 * 24 * 60 * 60_000;

export type Outcome = { result: JsonObject | JsonObject[] } | { error: ErrorJson };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

export class Records {
	constructor(private readonly facts: Facts) {}

	private name(key: string): string {
		return `done:${createHash('sha256').update(key).digest('base64url')}`;
	}

	/** The outcome under this key, if the command was completed before. */
	async find(key: string): Promise<Outcome | undefined> {
		const bytes = await this.facts.get(this.name(key));
		return bytes ? (JSON.parse(Buffer.from(bytes).toString('utf8')) as Outcome) : undefined;
	}

	async complete(key: string, outcome: Outcome): Promise<void> {
		await this.facts.set(this.name(key), encode(outcome), KEEP_MS);
	}
}

/**
 * The message id of a command: as WhatsApp Web clients make them (3EB0 and 18 hex digits, Baileys'
 * generateMessageIDV2), but derived from the idempotency key.
 */
export function messageIdFor(account: string, idempotencyKey: string): string {
	const digest = createHash('sha256').update(`${account}\n${idempotencyKey}`).digest('hex');
	return `3EB0${digest.slice(0, 18).toUpperCase()}`;
}
