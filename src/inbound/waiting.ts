/**
 * Messages that could not be decrypted. Baileys asks their sender again (up to five times) and the
 * own phone for a copy; nearly all come that way within a second or two. What has not come in time is
 * given up: reported, never dropped in silence. If it comes later still, it is delivered as usual.
 */
import type { WAMessage } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { kindOf } from '../wa/kind';

export interface WaitingDeps {
	clock: Clock;
	/** Asks the own phone for a copy, once more. */
	askPhone(message: WAMessage): void;
	/** Time is up. */
	giveUp(message: WAMessage, reason: string, retries: number): void;
}

/** Baileys asks the phone by itself after 3 s; a phone that was away then is asked again. */
const ASK_PHONE_MS = 45_000;
/** A sender who is online answers within seconds; one who is not may take days. */
const GIVE_UP_MS = 120_000;
/** As often as Baileys asks the sender (maxMsgRetryCount). */
const RETRIES = 5;
/** For the answer to the last request. */
const LAST_ANSWER_MS = 15_000;
/** More than this at once is an attack or a broken session; the oldest are given up early. */
const MAX_WAITING = 2_000;

interface Entry {
	message: WAMessage;
	reason: string;
	retries: number;
	cancel: Array<() => void>;
}

export class Waiting {
	private readonly entries = new Map<string, Entry>();

	constructor(private readonly deps: WaitingDeps) {}

	/** How many messages are waited for. */
	get size(): number {
		return this.entries.size;
	}

	/** A message that could not be decrypted, for the first time or again. */
	failed(message: WAMessage): void {
		const key = keyOf(message);
		const reason = reasonOf(message);
		const known = this.entries.get(key);
		if (known) {
			known.reason = reason;
			known.retries++;
			if (known.retries === RETRIES) {
				known.cancel.push(this.deps.clock.after(LAST_ANSWER_MS, () => this.giveUp(key)));
			}
			return;
		}
		const { clock } = this.deps;
		const cancel = [
			clock.after(ASK_PHONE_MS, () => this.deps.askPhone(message)),
			clock.after(GIVE_UP_MS, () => this.giveUp(key)),
		];
		this.entries.set(key, { message, reason, retries: 1, cancel });
		const [oldest] = this.entries.keys();
		if (this.entries.size > MAX_WAITING && oldest) this.giveUp(oldest);
	}

	/** A message that has content now, by whichever way. */
	arrived(message: WAMessage): void {
		const id = message.key.id ?? '';
		for (const [key, entry] of this.entries) {
			// The phone's copy may name chat and sender in other forms than the sender's own message.
			if (entry.message.key.id === id && sameSide(entry.message, message)) this.drop(key);
		}
	}

	stop(): void {
		for (const key of [...this.entries.keys()]) this.drop(key);
	}

	private giveUp(key: string): void {
		const entry = this.drop(key);
		if (entry) this.deps.giveUp(entry.message, entry.reason, entry.retries);
	}

	private drop(key: string): Entry | undefined {
		const entry = this.entries.get(key);
		this.entries.delete(key);
		for (const cancel of entry?.cancel ?? []) cancel();
		return entry;
	}
}

const keyOf = ({ key }: WAMessage) =>
	`${key.id ?? ''} ${key.remoteJid ?? ''} ${key.participant ?? ''}`;

const sameSide = (a: WAMessage, b: WAMessage) =>
	(a.key.fromMe ?? false) === (b.key.fromMe ?? false);

/** What failed, in few words: texts of libsignal, without addresses or numbers. */
function reasonOf({ messageStubParameters }: WAMessage): string {
	const [text = 'unknown'] = (messageStubParameters ?? []).map(String);
	return text.split(/[:,\d]/)[0]?.trim() || 'unknown';
}

/** WebMessageInfo.StubType.CIPHERTEXT */
const CIPHERTEXT = 2;

/**
 * Whether nothing that people could read came of a message. Of several encrypted parts one may open
 * and another not: the key of a group without the message, or the message although the key is old.
 */
export function isUndecryptable({ message, messageStubType }: WAMessage): boolean {
	return messageStubType === CIPHERTEXT && (!message || kindOf(message) === 'internal');
}

/**
 * Whether the message was decrypted before: its key is used up. The server sent it again because it
 * had not heard in time that it arrived; what was decrypted is in the journal or in the inbox.
 */
export function wasDecryptedBefore(reason: string): boolean {
	return reason === 'Key used already or never filled' || /^Received message with old/.test(reason);
}
