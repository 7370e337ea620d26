/**
 * Journal entries that are written in the same batch as the Signal keys of a Baileys transaction.
 *
 * Baileys' `addTransactionCapability` (rc14, auth-utils.js) gathers what `keys.set` is given inside a
 * transaction by type, without a list of known types, and hands all of it to our `set` in one call at
 * the commit. So a made-up type travels with the session. Outside of a transaction it would call our
 * `set` once for each type: then nothing is atomic.
 */
import type { SignalDataSet } from '@whiskeysockets/baileys';

/** The made-up key type. An entry of null drops. */
export const JOURNAL_TYPE = 'journal-entry';

/** The value of a journal entry, or what makes it: only if it is written after all. */
export type JournalBytes = Uint8Array | (() => Uint8Array);

/** The name under which the value of a journal entry is sealed. */
export const journalName = (id: string): string => `journal:${id}`;

/**
 * What to give to `keys.set` inside a transaction of the keys that Baileys gave to
 * `makeSignalRepository`. Values are sealed on their way to the storage.
 */
export function journalEntries(
	put: Readonly<Record<string, JournalBytes>>,
	drop: readonly string[] = [],
): SignalDataSet {
	const entries = new Map<string, JournalBytes | null>(Object.entries(put));
	for (const id of drop) entries.set(id, null);
	const data: Record<string, Record<string, JournalBytes | null>> = {
		[JOURNAL_TYPE]: Object.fromEntries(entries),
	};
	return data as SignalDataSet;
}
