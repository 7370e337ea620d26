/** What is known of one chat, contact or group, and the bytes it is stored as. */
import type { Entry } from '../storage/historyRole';
import { jidKind } from '../wa/ids';
import type { ChatKind, LastMessage } from './types';

export interface DirectoryEntry {
	/** Address: LID (phone JID where none is known) of a person, group or channel id. */
	id: string;
	kind: ChatKind;
	/** Saved name, group subject or channel name. */
	name?: string;
	/** The name a person chose. */
	pushName?: string;
	/** E.164 with +, when known. */
	phone?: string;
	/** The person's other address. */
	alt?: string;
	/** Milliseconds since the epoch of the last message; 0 when there was none. */
	lastAt: number;
	last?: LastMessage;
	archived?: boolean;
	pinned?: boolean;
	/** Milliseconds since the epoch; -1 for always. */
	mutedUntil?: number;
	/** Unread messages. */
	unread?: number;
	/** Marked as unread by hand. */
	marked?: boolean;
	/** Some of its messages disappear. */
	timer?: boolean;
	/** In the address book of the phone. */
	saved?: boolean;
}

/** The phone number's address of somebody who is known by LID: it leads there and holds nothing. */
export interface Alias {
	id: string;
	to: string;
}

const encode = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

export function packEntry({ id, ...rest }: DirectoryEntry): Entry {
	return { id, at: rest.lastAt, value: encode(rest) };
}

export const packAlias = ({ id, to }: Alias): Entry => ({ id, at: 0, value: encode({ to }) });

export function unpackEntry({ id, value }: Entry): DirectoryEntry | Alias {
	const rest = JSON.parse(Buffer.from(value).toString('utf8')) as DirectoryEntry | Alias;
	return { ...rest, id };
}

export const isAlias = (entry: DirectoryEntry | Alias): entry is Alias => 'to' in entry;

/** The best name: saved, then chosen. */
export const nameOf = ({ name, pushName }: DirectoryEntry): string | undefined =>
	// Empty when it was taken out of the address book.
	name || pushName || undefined;

/** Worth showing in a list: not somebody of whom only the addresses are known. */
export const isShown = (entry: DirectoryEntry): boolean =>
	entry.lastAt > 0 || nameOf(entry) !== undefined || entry.kind !== 'person';

/** By last message, then by name. */
export const byRecency = (a: DirectoryEntry, b: DirectoryEntry): number =>
	b.lastAt - a.lastAt || (nameOf(a) ?? a.id).localeCompare(nameOf(b) ?? b.id);

/** Whether an entry has this in its name, number or address. */
export function matcher(filter: string): (entry: DirectoryEntry) => boolean {
	const wanted = filter.trim().toLocaleLowerCase();
	if (wanted === '') return () => true;
	const digits = wanted.replace(/\D/g, '');
	const isNumber = digits.length >= 3 && /^[+\d\s().-]+$/.test(wanted);
	return ({ id, name, pushName, phone }) =>
		`${name ?? ''}\n${pushName ?? ''}\n${id}`.toLocaleLowerCase().includes(wanted) ||
		(isNumber && (phone ?? '').includes(digits));
}

/** What an address is to the history; undefined for what is no chat, such as servers. */
export function chatKindOf(jid: string): ChatKind | undefined {
	switch (jidKind(jid)) {
		case 'user':
		case 'lid':
		case 'bot':
			return 'person';
		case 'group':
			return 'group';
		case 'newsletter':
			return 'channel';
		case 'status':
			return 'status';
		case 'broadcast':
			return 'broadcast';
		default:
			return undefined;
	}
}
