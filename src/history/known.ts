/** What is stored, as the rest of the package sees it. */
import type { WAMessage } from '@whiskeysockets/baileys';
import type { Baileys } from '../baileys';
import type { Kept } from '../storage/historyRole';
import { userJid } from '../wa/ids';
import { kindOfReceived } from '../wa/kind';
import { count } from '../wa/read';
import { nameOf, type DirectoryEntry } from './entry';
import type { Item } from './item';
import { knownPerson, type People } from './people';
import type { KnownChat, KnownMessage, KnownReceipt } from './types';

export function chatOf(entry: DirectoryEntry): KnownChat {
	const { id, kind, lastAt, unread = 0, mutedUntil = 0 } = entry;
	return {
		id,
		kind,
		name: nameOf(entry) ?? null,
		person: kind === 'person' ? knownPerson(entry) : null,
		lastAt,
		unread,
		markedUnread: entry.marked ?? false,
		archived: entry.archived ?? false,
		pinned: entry.pinned ?? false,
		mutedUntil: mutedUntil === 0 ? null : mutedUntil < 0 ? Infinity : mutedUntil,
		last: entry.last ?? null,
	};
}

/** Everybody who has to do with a message. */
export function addressesIn(chat: string, item: Item): string[] {
	const { from, reactions = [], votes = [], receipts = [] } = item;
	const all = [chat, from, ...[...reactions, ...votes, ...receipts].map(([who]) => who)];
	return all.filter((each) => each !== undefined && each !== '') as string[];
}

export async function knownMessage(
	{ chat, id }: Pick<Kept, 'chat' | 'id'>,
	item: Item,
	people: People,
	{ proto }: Baileys,
): Promise<KnownMessage> {
	const { at, fromMe, kind, from, content, deleted = false, starred = false } = item;
	const message: WAMessage = {
		key: { remoteJid: chat, id, fromMe, ...(from ? { participant: from } : {}) },
		messageTimestamp: Math.floor(at / 1_000),
		...(content ? { message: proto.Message.decode(content) } : {}),
		...(deleted ? { messageStubType: REVOKED } : item.stub ? { messageStubType: item.stub } : {}),
		...(item.status === undefined ? {} : { status: item.status }),
	};
	const votes = (item.votes ?? []).filter(([, options]) => options.length > 0);
	const reactions = (item.reactions ?? []).filter(([, emoji]) => emoji !== '');
	const receipts: KnownReceipt[] = [];
	for (const [who, delivered, read, played] of item.receipts ?? []) {
		receipts.push({
			from: await people.person(who),
			delivered: delivered || null,
			read: read || null,
			played: played || null,
		});
	}
	return {
		chat,
		id,
		at,
		kind,
		fromMe,
		from: fromMe
			? people.self()
			: await people.person(item.author ? (from ?? '-') : (from ?? chat)),
		author: item.author ?? null,
		message,
		deleted,
		editedAt: item.editedAt ?? null,
		starred,
		imported: item.imported ?? false,
		status: fromMe && item.status !== undefined ? (STATUS[item.status] ?? null) : null,
		reactions: await Promise.all(
			reactions.map(async ([who, emoji, when]) => ({
				from: await people.person(who),
				fromMe: who === '',
				emoji,
				at: when,
			})),
		),
		receipts,
		votes: await Promise.all(
			votes.map(async ([who, options, when]) => ({
				from: await people.person(who),
				fromMe: who === '',
				options,
				at: when,
			})),
		),
	};
}

/** A message that is kept for a while only, for retries and the like. */
export async function messageOfLately(
	message: WAMessage,
	chat: string,
	people: People,
): Promise<KnownMessage> {
	const { key, messageTimestamp, messageStubType } = message;
	const fromMe = key.fromMe === true;
	const author = userJid(key.participant) ?? chat;
	return {
		chat,
		id: key.id ?? '',
		at: (count(messageTimestamp) ?? 0) * 1_000,
		kind: kindOfReceived(message),
		fromMe,
		from: fromMe ? people.self() : await people.person(await people.canonical(author)),
		author: null,
		message,
		deleted: messageStubType === REVOKED,
		editedAt: null,
		starred: false,
		imported: false,
		status: null,
		reactions: [],
		receipts: [],
		votes: [],
	};
}

/** WebMessageInfo.StubType: deleted for everyone. */
const REVOKED = 1;
/** WebMessageInfo.Status */
const STATUS = ['failed', 'pending', 'sent', 'delivered', 'read', 'played'] as const;
