/**
 * What was done under which idempotency key, so that a repeated command acts once. The outcome is
 * stored after the server's ack. A message without one (the process died in between) goes out again
 * under the same message id, which recipients drop as a duplicate. What has no such id, creating a
 * group for example, is noted before it begins, and is not begun a second time.
 */
import { hash } from 'node:crypto';
import type { ErrorJson } from '../errors';
import type { JsonObject } from '../operations/types';
import type { Facts } from '../storage/roles';

/** Longer than any n8n retry and most waits; afterwards a re-run is meant as a new message. */
const KEEP_MS = 7 * 24 * 60 * 60_000;

/** n8n's Retry On Fail waits 5 s at most, five times; a person who retries later means it. */
const REFUSED_MS = 60_000;

export type Outcome = { result: JsonObject | JsonObject[] } | { error: ErrorJson };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

export class Records {
	/** Outcomes that are on their way to the storage. */
	private readonly unstored = new Map<string, Outcome>();

	constructor(private readonly facts: Facts) {}

	private name(key: string, kind: 'done' | 'begun' = 'done'): string {
		return `${kind}:${hash('sha256', key, 'base64url')}`;
	}

	/** The outcome under this key, if the command was completed before. */
	async find(key: string): Promise<Outcome | undefined> {
		const known = this.unstored.get(key);
		if (known) return known;
		const bytes = await this.facts.get(this.name(key));
		return bytes ? (JSON.parse(Buffer.from(bytes).toString('utf8')) as Outcome) : undefined;
	}

	/**
	 * Notes that something begins which must not be done twice. False when it was noted before: it
	 * may have been done by a process that died before it could say so.
	 */
	async begin(key: string): Promise<boolean> {
		const name = this.name(key, 'begun');
		return (await this.facts.setIfAbsent(name, Buffer.of(1), KEEP_MS)) === undefined;
	}

	/** Takes the note back: it surely was not done. */
	async forget(key: string): Promise<void> {
		await this.facts.delete([this.name(key, 'begun')]);
	}

	/**
	 * Found by this process from now on, by others once it resolves.
	 * @param lazy nobody waits for it: it may share a commit with what is written a moment later
	 */
	async complete(key: string, outcome: Outcome, lazy: boolean): Promise<void> {
		this.unstored.set(key, outcome);
		try {
			await this.facts.set(this.name(key), encode(outcome), KEEP_MS, { lazy });
		} finally {
			this.unstored.delete(key);
		}
	}

	/** Remembers for a short time that WhatsApp refused it. */
	async refuse(key: string, error: ErrorJson): Promise<void> {
		await this.facts.set(this.name(key), encode({ error }), REFUSED_MS);
	}
}

/**
 * The message id of a command: as WhatsApp Web clients make them (3EB0 and 18 hex digits, Baileys'
 * generateMessageIDV2), but derived from the idempotency key.
 */
export function messageIdFor(account: string, idempotencyKey: string): string {
	const digest = hash('sha256', `${account}\n${idempotencyKey}`, 'hex');
	return `3EB0${digest.slice(0, 18).toUpperCase()}`;
}
