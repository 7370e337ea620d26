/** Lists of chats and people, by the entries of the directory. */
import { byRecency, isShown, matcher, nameOf, type DirectoryEntry } from '../entry';
import { chatOf } from '../known';
import { knownPerson, type Me } from '../people';
import type { ChatQuery, KnownChat, KnownPerson, PersonQuery } from '../types';
import type { Pages } from './pages';

/** The most recent first; those without messages last, by name. */
export async function listChats(
	pages: Pages,
	{ limit = Infinity, ...query }: ChatQuery,
): Promise<KnownChat[]> {
	const fits = matcher(query.search ?? '');
	const found: DirectoryEntry[] = [];
	const silent: DirectoryEntry[] = [];
	for await (const entry of pages.entries()) {
		// They come by their time: what has none comes last, by name.
		const list = entry.lastAt > 0 ? found : silent;
		if (list === silent && (query.withMessages || found.length >= limit)) break;
		if (isShown(entry) && isWanted(entry, query) && fits(entry)) list.push(entry);
		if (found.length >= limit) break;
	}
	return [...found, ...silent.sort(byRecency)].slice(0, Math.max(0, limit)).map(chatOf);
}

/**
 * Those in the address book first.
 * @param me is nobody's contact, not even when a model looks for a name
 */
export async function listPeople(
	pages: Pages,
	{ search = '', saved, limit = Infinity }: PersonQuery,
	me: Me,
): Promise<KnownPerson[]> {
	const fits = matcher(search);
	const found: DirectoryEntry[] = [];
	for await (const entry of pages.entries()) {
		if (entry.kind !== 'person' || !isShown(entry) || !fits(entry)) continue;
		if (entry.id === me.lid || entry.id === me.phone) continue;
		if (saved === undefined || (entry.saved ?? false) === saved) found.push(entry);
	}
	return found
		.sort((a, b) => Number(b.saved ?? false) - Number(a.saved ?? false) || byName(a, b))
		.slice(0, Math.max(0, limit))
		.flatMap((entry) => knownPerson(entry) ?? []);
}

const isWanted = (entry: DirectoryEntry, { kinds, unread, archived }: ChatQuery): boolean =>
	(!kinds || kinds.includes(entry.kind)) &&
	(unread === undefined || unread === ((entry.unread ?? 0) > 0 || entry.marked === true)) &&
	(archived === undefined || archived === (entry.archived ?? false));

const byName = (a: DirectoryEntry, b: DirectoryEntry): number =>
	(nameOf(a) ?? a.id).localeCompare(nameOf(b) ?? b.id);
