/**
 * Messages seen lately with their keys, sealed, for a while. Baileys asks for contents when a peer
 * could not decrypt ("Waiting for this message") and for poll votes; operations ask for the key and
 * content of a message that they reply to, edit, forward and so on.
 */
import type { proto, WAMessage, WAMessageKey } from '@whiskeysockets/baileys';
import type { Sealer } from '../auth';
import type { Baileys } from '../baileys';
import type { Fact, Facts } from '../storage/roles';
import { edited } from '../wa/edited';
import { isGroup, isLid, isNewsletter, userJid } from '../wa/ids';
import { kindOf } from '../wa/kind';
import { findMedia } from '../wa/media';
import { unwrap } from '../wa/unwrap';
import { encoded } from './encoded';

/** A peer that was offline this long asks no more (belief; WhatsApp Web keeps sent ones for days). */
const KEEP_MS = 7 * 24 * 60 * 60_000;
/** Votes and answers are encrypted with the secret of what they are about, and come late. */
const KEEP_POLL_MS = 90 * 24 * 60 * 60_000;
const TIMER_MS = 365 * 24 * 60 * 60_000;
const REMEMBERED = 2_000;
/** What else a message came with is of the moment when it came. */
const KEPT = ['message', 'messageTimestamp', 'pushName', 'messageStubType'] as const;
/** WebMessageInfo's stub for a message that was deleted for everyone. */
const REVOKED = 1;
/** ProtocolMessage.Type */
const REVOKE = 0;
const EPHEMERAL_SETTING = 3;

export class Messages {
	/** Own messages that are kept already: their echo need not be written again. */
	private readonly kept = new Map<string, true>();
	private readonly timers = new Map<string, number>();

	constructor(
		private readonly facts: Facts,
		private readonly sealer: Sealer,
		private readonly baileys: Baileys,
	) {}

	/** Keeps messages that came by; edits and deletions change what is kept. */
	async keep(messages: readonly WAMessage[]): Promise<void> {
		const facts = new Map<string, Fact>();
		for (const message of messages) {
			const { key, message: content } = message;
			// An own one that comes back, or somebody else's that has taken its id.
			if (!key.id || !content || this.kept.has(key.id)) continue;
			await this.learnTimer(message);
			const { protocolMessage } = content;
			if (protocolMessage) {
				// It may be about one of these.
				await this.writeAll(facts);
				await this.change(protocolMessage, key);
			} else facts.set(...this.factOf(message));
		}
		await this.writeAll(facts);
	}

	/** Keeps a message of ours before it goes out, so that its retries can be answered. */
	async keepOwn(message: WAMessage): Promise<void> {
		const { id } = message.key;
		if (!id) return;
		this.kept.set(id, true);
		for (const oldest of this.kept.keys()) {
			if (this.kept.size <= REMEMBERED) break;
			this.kept.delete(oldest);
		}
		await this.write(message);
	}

	/** Notes what an own edit, deletion or new timer did, once it is accepted. */
	async applied(message: WAMessage): Promise<void> {
		const { protocolMessage } = message.message ?? {};
		if (!protocolMessage) return;
		await this.learnTimer(message);
		await this.change(protocolMessage, message.key);
	}

	/** Notes that the phone has uploaded the file of a message again. */
	async fileMoved(id: string, directPath: string): Promise<void> {
		const kept = await this.get(id);
		const file = findMedia(unwrap(kept?.message).message)?.node;
		if (!kept || !file) return;
		Object.assign(file, { directPath, url: '' });
		await this.write(kept);
	}

	/** The owner of the number deleted them for themselves. */
	async forget(ids: readonly string[]): Promise<void> {
		if (ids.length > 0) await this.facts.delete(ids.map(nameOf));
	}

	/** Another number was linked, and the stored messages of the former one are gone. */
	formerGone(): void {
		this.kept.clear();
		this.timers.clear();
	}

	/** The content, for Baileys' getMessage: of an own message what this number said, and of nobody else. */
	async find({ id, fromMe }: WAMessageKey): Promise<proto.IMessage | undefined> {
		const kept = id ? await this.get(id) : undefined;
		return (fromMe && !kept?.key.fromMe ? undefined : kept?.message) ?? undefined;
	}

	/** The message with its key; `messageStubType` 1 and no content when it was deleted. */
	async get(id: string): Promise<WAMessage | undefined> {
		const name = nameOf(id);
		const sealed = await this.facts.get(name);
		if (!sealed) return undefined;
		const info = this.baileys.proto.WebMessageInfo.decode(this.sealer.open(name, sealed));
		const { key } = info;
		if (!key) return undefined;
		key.fromMe ??= false;
		const kept: Partial<proto.IWebMessageInfo> = {};
		for (const name of KEPT) {
			if (Object.hasOwn(info, name)) Object.assign(kept, { [name]: info[name] });
		}
		return { ...kept, key } as WAMessage;
	}

	/** Seconds after which messages of a person's chat disappear, as its last message said. */
	async timerOf(chat: string): Promise<number> {
		const known = this.timers.get(chat);
		if (known !== undefined) return known;
		const stored = await this.facts.get(timerName(chat));
		const seconds = stored ? Number(Buffer.from(stored).toString('utf8')) : 0;
		this.timers.set(chat, seconds);
		return seconds;
	}

	private async write(message: WAMessage): Promise<void> {
		const [name, { value, ttlMs }] = this.factOf(message);
		await this.facts.set(name, value, ttlMs);
	}

	/** Writes them and forgets them. */
	private async writeAll(facts: Map<string, Fact>): Promise<void> {
		if (facts.size === 0) return;
		const all = new Map(facts);
		facts.clear();
		await this.facts.setMany(all, undefined, { lazy: true });
	}

	private factOf(message: WAMessage): [name: string, fact: Fact] {
		const name = nameOf(message.key.id ?? '');
		const kind = kindOf(message.message);
		const ttlMs = kind === 'poll' || kind === 'event' ? KEEP_POLL_MS : KEEP_MS;
		return [name, { value: this.sealer.seal(name, encoded(message, this.baileys)), ttlMs }];
	}

	private async change(
		{ type, key, editedMessage }: proto.Message.IProtocolMessage,
		by: WAMessageKey,
	): Promise<void> {
		if (!key?.id || ((type ?? REVOKE) !== REVOKE && !editedMessage)) return;
		const target = await this.get(key.id);
		if (!target || !mayChange(target.key, by, !editedMessage)) return;
		const { message: before } = target;
		if (!editedMessage) {
			await this.write({ ...target, message: undefined, messageStubType: REVOKED });
		} else if (before) {
			await this.write({ ...target, message: edited(before, editedMessage) });
		}
	}

	private async learnTimer({ key, message }: WAMessage): Promise<void> {
		const chat = userJid(key.remoteJid);
		if (!chat || chat.endsWith('@g.us') || !message) return;
		const seconds = timerSaid(message, this.baileys);
		if (seconds === undefined || seconds === (await this.timerOf(chat))) return;
		this.timers.set(chat, seconds);
		await this.facts.set(timerName(chat), Buffer.from(String(seconds)), TIMER_MS);
	}
}

/** Its author; of a channel, and to delete in a group, whoever WhatsApp lets do it there. */
function mayChange(target: WAMessageKey, by: WAMessageKey, isDeletion: boolean): boolean {
	const isThere = target.remoteJid === by.remoteJid;
	if (isNewsletter(target.remoteJid)) return isThere;
	if (isDeletion && isThere && isGroup(target.remoteJid)) return true;
	if (target.fromMe || by.fromMe) return target.fromMe === by.fromMe;
	const [author, other] = [target, by].map((key) => userJid(key.participant ?? key.remoteJid));
	// A LID and a phone number may be one person's.
	return author === other || isLid(author) !== isLid(other);
}

const nameOf = (id: string) => `message:${id}`;
const timerName = (chat: string) => `timer:${chat}`;

/** Undefined when the message says nothing about the chat's timer. */
function timerSaid(message: proto.IMessage, baileys: Baileys): number | undefined {
	const { protocolMessage } = message;
	if (protocolMessage) {
		return protocolMessage.type === EPHEMERAL_SETTING
			? (protocolMessage.ephemeralExpiration ?? 0)
			: undefined;
	}
	const content = baileys.normalizeMessageContent(message) ?? {};
	if (content.reactionMessage || content.pollUpdateMessage || content.pinInChatMessage) {
		return undefined;
	}
	const body = content[baileys.getContentType(content) ?? 'conversation'];
	const context =
		body && typeof body === 'object' && 'contextInfo' in body ? body.contextInfo : undefined;
	return context?.expiration ?? 0;
}
