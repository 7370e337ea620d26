/** Lists of recipients, as people type them. */
import { userJid } from '../wa/ids';
import { parseRecipient } from '../wa/recipient';

/**
 * Whether all lists have this recipient; undefined when there is no list.
 * @param addresses all addresses of the recipient
 */
export function isListed(
	addresses: readonly string[],
	lists: ReadonlyArray<readonly string[]>,
): boolean | undefined {
	if (lists.length === 0) return undefined;
	const wanted = new Set(addresses.map(userJid));
	return lists.every((list) => list.some((entry) => wanted.has(addressOf(entry))));
}

const known = new Map<string, string | null>();

/** The address of an entry; null for what is none. Lists are asked again and again. */
function addressOf(entry: string): string | null {
	const before = known.get(entry);
	if (before !== undefined) return before;
	const parsed = parseRecipient(entry);
	const jid = parsed.ok && 'jid' in parsed.value ? userJid(parsed.value.jid) : null;
	if (known.size > 10_000) known.clear();
	known.set(entry, jid);
	return jid;
}
