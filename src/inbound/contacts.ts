/** What is new about people, compared with what the directory knew before. */
import type { BaileysEventMap, Contact } from '@whiskeysockets/baileys';
import type { ContactChange } from '../events/types';
import type { Directory } from '../history/directory';
import { isPerson, userJid } from '../wa/ids';

/** Call it before the directory takes the same events. */
export function contactChanges(
	events: Partial<BaileysEventMap>,
	directory: Pick<Directory, 'find' | 'nameOf'>,
): ContactChange[] {
	const found: ContactChange[] = [];
	for (const contact of events['contacts.upsert'] ?? []) {
		const change = savedChange(contact, directory);
		if (change) found.push(change);
	}
	for (const contact of events['contacts.update'] ?? []) {
		const change = shownChange(contact, directory);
		if (change) found.push(change);
	}
	return found;
}

function addressesOf({ id, lid, phoneNumber }: Partial<Contact>): string[] {
	const all = [id, lid, phoneNumber].map(userJid);
	return [...new Set(all)].filter((jid) => jid !== null && isPerson(jid)) as string[];
}

/** The address book's name: only app state tells it this way. */
function savedChange(
	contact: Contact,
	directory: Pick<Directory, 'find' | 'nameOf'>,
): ContactChange | undefined {
	const addresses = addressesOf(contact);
	const { name } = contact;
	if (addresses.length === 0 || !name) return undefined;
	const known = addresses.map((jid) => directory.find(jid)).find((entry) => entry?.saved);
	const before = known?.name ?? null;
	if (before === name) return undefined;
	return { addresses, change: known ? 'name' : 'added', name, before };
}

/** What people show of themselves: the name they chose, their picture. */
function shownChange(
	contact: Partial<Contact>,
	directory: Pick<Directory, 'find' | 'nameOf'>,
): ContactChange | undefined {
	const addresses = addressesOf(contact);
	if (addresses.length === 0) return undefined;
	const name = addresses.map((jid) => directory.nameOf(jid)).find((known) => known) ?? null;
	if (contact.imgUrl === 'changed' || contact.imgUrl === 'removed') {
		return { addresses, change: 'picture', name, before: null };
	}
	const before = addresses.map((jid) => directory.find(jid)?.pushName).find((known) => known);
	if (!contact.notify || !before || before === contact.notify) return undefined;
	return { addresses, change: 'name', name: contact.notify, before };
}
