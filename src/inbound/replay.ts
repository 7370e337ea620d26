/**
 * Rebuilds messages from the journal without a socket: Baileys' own decoding, with the stored
 * plaintexts in place of the ratchet. Nothing is sent and no key changes.
 */
import type {
	AuthenticationCreds,
	BinaryNode,
	SignalRepositoryWithLIDStore,
	WAMessage,
} from '@whiskeysockets/baileys';
import type { Auth } from '../auth';
import type { Baileys } from '../baileys';
import { errorName, type Log } from '../log';
import type { Journal as StoredJournal } from '../storage/roles';
import { isPlace, readPlace, type Place } from './appState';
import { idOf, decodeStanza, stanzaKey, unpackEntry, type JournalEntry } from './journal';
import { isNotice } from './notices';
import { silent } from './stanza';
import { isUndecryptable } from './waiting';

export interface Replayed {
	message: WAMessage;
	/** Identifies the stanza it came in. */
	key: string;
}

/** What the journal holds of a former process, oldest first. */
export async function leftBehind(
	journal: StoredJournal,
	auth: Pick<Auth, 'journal'>,
	log: Log,
): Promise<{ messages: JournalEntry[]; notices: BinaryNode[]; places: Place[] }> {
	const messages: JournalEntry[] = [];
	const notices: BinaryNode[] = [];
	const places: Place[] = [];
	for await (const { id, value } of journal.pending()) {
		try {
			const opened = auth.journal.open(id, value);
			if (isPlace(id)) {
				places.push(readPlace(id, opened));
				continue;
			}
			const { stanza: bytes, plaintext } = unpackEntry(opened);
			const stanza = decodeStanza(bytes);
			if (isNotice(id)) notices.push(stanza);
			else messages.push({ id, stanza, plaintext });
		} catch (error) {
			// It stays, and must not keep the number from ever connecting again.
			log.error('an entry of the journal cannot be read', { error: errorName(error) });
		}
	}
	return { messages, notices, places };
}

/**
 * `messages`: those whose every encrypted part that matters has a plaintext, oldest first.
 * `missing`: those that were never decrypted; their senders send them again.
 */
export async function replay(options: {
	entries: JournalEntry[];
	creds: AuthenticationCreds;
	baileys: Baileys;
	log: Log;
}): Promise<{ messages: Replayed[]; missing: Replayed[] }> {
	const { entries, creds, baileys, log } = options;
	const plaintexts = new Map(entries.map(({ id, plaintext }) => [id, plaintext]));
	const plain = async (ciphertext: Uint8Array): Promise<Uint8Array> => {
		const found = plaintexts.get(idOf(ciphertext));
		if (!found) throw new Error('not decrypted');
		return await Promise.resolve(found);
	};
	const none = async () => await Promise.resolve(null);
	const repository = {
		decryptMessage: async ({ ciphertext }: { ciphertext: Uint8Array }) => await plain(ciphertext),
		decryptGroupMessage: async ({ msg }: { msg: Uint8Array }) => await plain(msg),
		// The keys it carries were stored, or come again with the next message of that sender.
		processSenderKeyDistributionMessage: none,
		migrateSession: none,
		lidMapping: { getLIDForPN: none, getPNForLID: none, storeLIDPNMappings: none },
	} as unknown as SignalRepositoryWithLIDStore;

	const messages: Replayed[] = [];
	const missing: Replayed[] = [];
	const seen = new Set<string>();
	for (const { stanza } of entries) {
		const key = stanzaKey(stanza);
		if (seen.has(key)) continue;
		seen.add(key);
		const me = creds.me;
		if (!me) continue;
		const message = await decoded(stanza, me, repository, baileys).catch((error: unknown) => {
			log.error('a message of the journal cannot be read', { error: errorName(error) });
			return undefined;
		});
		if (!message) continue;
		baileys.cleanMessage(message, me.id, me.lid ?? '');
		// What was never decrypted is sent again by its sender; the journal keeps it till then.
		if (isUndecryptable(message) || !message.message) {
			missing.push({ message, key });
			continue;
		}
		delete message.messageStubType;
		delete message.messageStubParameters;
		messages.push({ message, key });
	}
	return { messages, missing };
}

async function decoded(
	stanza: BinaryNode,
	me: NonNullable<AuthenticationCreds['me']>,
	repository: SignalRepositoryWithLIDStore,
	baileys: Baileys,
): Promise<WAMessage> {
	const decoding = baileys.decryptMessageNode(stanza, me.id, me.lid ?? '', repository, silent);
	await decoding.decrypt();
	return decoding.fullMessage as WAMessage;
}
