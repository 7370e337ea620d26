/** What happens on the number, as far as safety counts it: who wrote, who was written to, who is known. */
import type { BaileysEventMap, WAMessage, WAMessageKey } from '@whiskeysockets/baileys';
import { isGroup, isLid, isPerson, userJid } from '../wa/ids';
import { kindOf } from '../wa/kind';
import type { MessageKind } from '../wa/kinds';
import { num } from '../wa/read';

/** One thing about one chat or person. */
export interface Heard {
	what:
		| 'wrote' // they wrote, here and now or while the number was away
		| 'written' // this number wrote to them from the phone or another device
		| 'wroteBefore' // the same two, from the history before n8n was linked
		| 'writtenBefore'
		| 'trusts' // they gave this number a token of trust
		| 'member'; // they are in a group that this number is in
	/** LID where it is known. */
	jid: string;
	/** The other address, where it is known. */
	other?: string;
	/** Milliseconds since the epoch. */
	at: number;
	/** Of `written`. */
	message?: WAMessage;
}

export interface Ears {
	/** The other address of a person. */
	pairOf(jid: string): string | undefined;
	isMe(jid: string): boolean;
	/** Whether n8n sent the message with this id itself; that is counted elsewhere. */
	isOurs(id: string): boolean;
	now(): number;
}

type Events = Partial<BaileysEventMap>;

/** Nothing of what is older is news: counted as history. */
const NEWS_MS = 7 * 24 * 60 * 60_000;

export function heard(events: Events, ears: Ears): Heard[] {
	const history = events['messaging-history.set'];
	return [
		...(history?.messages ?? []).flatMap((message) => ofMessage(message, ears, true)),
		...(history?.chats ?? []).flatMap(({ id, tcToken }) =>
			(tcToken?.length ?? 0) > 0 ? ofPerson('trusts', id, undefined, ears) : [],
		),
		...(events['messages.upsert']?.messages ?? []).flatMap((message) =>
			ofMessage(message, ears, false),
		),
	];
}

function ofMessage(message: WAMessage, ears: Ears, past: boolean): Heard[] {
	const { key } = message;
	const at = Math.min(ears.now(), (num(message.messageTimestamp) ?? 0) * 1_000);
	const chat = userJid(key.remoteJid);
	// Stubs are notices ("was added"), but for the one of a message that could not be decrypted.
	const isNotice = !message.message && message.messageStubType !== CIPHERTEXT;
	if (!chat || at <= 0 || isNotice || isNoWriting(message)) return [];
	const isPast = past || ears.now() - at > NEWS_MS;
	if (isGroup(chat)) return ofGroup(chat, key, at, ears, isPast);
	if (!isPerson(chat)) return [];
	if (!key.fromMe) {
		return ofPerson(isPast ? 'wroteBefore' : 'wrote', chat, key.remoteJidAlt, ears, at);
	}
	if (ears.isOurs(key.id ?? '')) return [];
	const what = isPast ? 'writtenBefore' : 'written';
	return ofPerson(what, chat, key.remoteJidAlt, ears, at).map((each) => ({ ...each, message }));
}

function ofGroup(
	group: string,
	key: WAMessageKey,
	at: number,
	ears: Ears,
	isPast: boolean,
): Heard[] {
	if (key.fromMe) return [];
	const member = ofPerson('member', key.participant, key.participantAlt, ears, at);
	const what = isPast ? 'wroteBefore' : 'wrote';
	return [{ what, jid: group, at }, ...member];
}

function ofPerson(
	what: Heard['what'],
	jid: string | null | undefined,
	alt: string | null | undefined,
	ears: Ears,
	at = ears.now(),
): Heard[] {
	const address = userJid(jid);
	if (!address || !isPerson(address) || ears.isMe(address)) return [];
	const other = userJid(alt) ?? ears.pairOf(address);
	const pair = [address, ...(other && isPerson(other) ? [other] : [])];
	const canonical = pair.find(isLid) ?? address;
	return [{ what, jid: canonical, other: pair.find((each) => each !== canonical), at }];
}

/** WAMessageStubType */
const CIPHERTEXT = 2;

/** Nobody has written anything: keys and settings, and changes to what was there. */
const NO_WRITING: ReadonlySet<MessageKind> = new Set([
	...(['internal', 'setting', 'system', 'edit', 'delete', 'pin', 'keep'] as const),
]);

const isNoWriting = ({ message }: WAMessage): boolean =>
	message != null && NO_WRITING.has(kindOf(message));
