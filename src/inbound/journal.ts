/**
 * Nothing received is lost between decryption and inbox. Decrypting advances the Signal ratchet, so
 * a message can be decrypted once; Baileys then sends the receipt, after which the server forgets
 * the message, and only then emits its event. So stanza and plaintext are stored in the same write
 * as the advanced session, before the receipt can go out (session/output.ts holds it until then); or
 * the event is in the inbox before that write begins. What could not be decrypted is stored too,
 * before Baileys tells the server that it was seen.
 */
import type {
	BinaryNode,
	SignalAuthState,
	SignalKeyStoreWithTransaction,
	SignalRepositoryWithLIDStore,
	WASocket,
} from '@whiskeysockets/baileys';
import { hash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { journalEntries, type Auth } from '../auth';
import type { Inbox } from '../storage/roles';
import { remember } from './bounded';
import { wasDecryptedBefore } from './waiting';

/** One encrypted part of a stanza, as stored. */
export interface JournalEntry {
	id: string;
	stanza: BinaryNode;
	/** Missing when decryption failed. */
	plaintext?: Uint8Array;
}

/**
 * A stanza as bytes, several times as fast as WhatsApp's own encoding. A journal lives for seconds, or
 * until the next start; a newer Node reads what an older one wrote.
 */
export const encodeStanza = (node: BinaryNode): Uint8Array => serialize(node);
export const decodeStanza = (bytes: Uint8Array): BinaryNode => deserialize(bytes) as BinaryNode;

/** Identifies a ciphertext or a stanza: what the server sends again has the same one. */
export function idOf(bytes: Uint8Array): string {
	return hash('sha256', bytes, 'base64url').slice(0, 27);
}

/** Identifies a message on the wire, to find all journal entries that belong to it. */
export function stanzaKey({ attrs }: BinaryNode): string {
	return `${attrs.id ?? ''} ${attrs.from ?? ''} ${attrs.participant ?? ''}`;
}

/** Layout: one flag byte (1 = with plaintext), 4 bytes length of the stanza, stanza, plaintext. */
export function packEntry(stanza: Uint8Array, plaintext?: Uint8Array): Uint8Array {
	const head = Buffer.alloc(5);
	head.writeUInt8(plaintext ? 1 : 0, 0);
	head.writeUInt32BE(stanza.length, 1);
	return Buffer.concat([head, stanza, plaintext ?? new Uint8Array()]);
}

export function unpackEntry(bytes: Uint8Array): { stanza: Uint8Array; plaintext?: Uint8Array } {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const length = buffer.readUInt32BE(1);
	const stanza = buffer.subarray(5, 5 + length);
	return buffer.readUInt8(0) === 1
		? { stanza, plaintext: buffer.subarray(5 + length) }
		: { stanza };
}

/**
 * Appending to the inbox, after which what it stands for is dropped from the journal, or never gets there.
 * @param atOnce what has to be dropped in the very write that appends
 */
export function instead(
	inbox: Inbox,
	opened: () => Pick<Auth, 'journal'> | undefined,
	atOnce: (id: string) => boolean,
): Inbox['append'] {
	return async (entries, options = {}) => {
		const append = async (journalDrop: readonly string[]) =>
			await inbox.append(entries, { ...options, journalDrop });
		const drops = options.journalDrop ?? [];
		const auth = opened();
		return auth ? await auth.journal.instead(drops, append, atOnce) : await append(drops);
	};
}

/**
 * A connection that breaks in a burst takes receipts with it that were held back, and what they are for
 * comes again. To decrypt it twice fails, and Baileys would then ask its sender for it.
 */
const LATE = 500;

/** An entry of the journal, by the message on the wire that it belongs to. */
interface Stored {
	key: string;
	id: string;
}

export class Journal {
	/** Which stanza a ciphertext came in. Baileys passes the same array object on. */
	private readonly stanzas = new WeakMap<Uint8Array, BinaryNode>();
	/** Plaintexts of entries that are in the journal, for a stanza that comes again. */
	private readonly plaintexts = new Map<string, Uint8Array>();
	/** Plaintexts of late that the inbox has or is about to take: see LATE. */
	private readonly late = new Map<string, Uint8Array>();
	/** What is stored by the id of its message, until the inbox has it. */
	private readonly open = new Map<string, Stored[]>();

	/** @param onBegin told of each stanza whose decryption begins */
	constructor(private readonly onBegin: (stanza: BinaryNode) => void = () => {}) {}

	/** Call for each socket before stanzas arrive. */
	attach(socket: WASocket): void {
		socket.ws.prependListener('CB:message', (node: BinaryNode) => {
			if (!Array.isArray(node.content)) return;
			for (const child of node.content) {
				if (child.tag === 'enc' && child.content instanceof Uint8Array) {
					this.stanzas.set(child.content, node);
				}
			}
		});
	}

	/** Knows of nothing: what was not stored when the storage failed would be taken for stored. */
	forget(): void {
		for (const each of [this.plaintexts, this.late, this.open]) each.clear();
	}

	/** Takes over what a former process left. */
	remember(entry: JournalEntry): void {
		if (entry.plaintext) this.plaintexts.set(entry.id, entry.plaintext);
		this.note(entry.stanza, entry.id);
	}

	/**
	 * The journal ids of a message that the inbox is about to take; forgets them here.
	 * @param key only of the one on the wire of this name, see stanzaKey()
	 */
	settle(messageId: string, key?: string): string[] {
		const stored = this.open.get(messageId) ?? [];
		const others = key === undefined ? [] : stored.filter((each) => each.key !== key);
		if (others.length > 0) this.open.set(messageId, others);
		else this.open.delete(messageId);
		const ids: string[] = [];
		for (const each of stored) {
			if (key !== undefined && each.key !== key) continue;
			ids.push(each.id);
			const plaintext = this.plaintexts.get(each.id);
			if (plaintext && this.plaintexts.delete(each.id)) {
				remember(this.late, each.id, plaintext, LATE);
			}
		}
		return ids;
	}

	/** How many messages are stored and not in the inbox yet. */
	get size(): number {
		return this.open.size;
	}

	/** The repository that Baileys decrypts with, with the journal around it. */
	wrap(
		repository: SignalRepositoryWithLIDStore,
		auth: SignalAuthState,
	): SignalRepositoryWithLIDStore {
		const keys = auth.keys as SignalKeyStoreWithTransaction;
		const around = async (
			ciphertext: Uint8Array,
			lock: string,
			decrypt: () => Promise<Uint8Array>,
		): Promise<Uint8Array> => {
			const id = idOf(ciphertext);
			const stanza = this.stanzas.get(ciphertext);
			if (stanza) this.onBegin(stanza);
			const known = this.plaintexts.get(id) ?? this.late.get(id);
			if (known) return known;
			if (!stanza) return await decrypt();
			// Made only if it is stored: what is in the inbox by then is not.
			const put = async (plaintext?: Uint8Array) =>
				await keys.set(journalEntries({ [id]: () => packEntry(encodeStanza(stanza), plaintext) }));
			try {
				const plaintext = await keys.transaction(async () => {
					const plain = await decrypt();
					await put(plain);
					return plain;
				}, lock);
				this.plaintexts.set(id, plaintext);
				this.note(stanza, id);
				return plaintext;
			} catch (error) {
				// Its key is used up: what was decrypted then is in the inbox, or above.
				if (error instanceof Error && wasDecryptedBefore(error.message)) throw error;
				await put();
				this.note(stanza, id);
				throw error;
			}
		};
		return {
			...repository,
			decryptMessage: async (options) =>
				await around(options.ciphertext, options.jid, () => repository.decryptMessage(options)),
			decryptGroupMessage: async (options) =>
				await around(options.msg, options.group, () => repository.decryptGroupMessage(options)),
		};
	}

	/** Again when it is written again: taken out before that is stored, it still has to be dropped. */
	private note(stanza: BinaryNode, id: string): void {
		const messageId = stanza.attrs.id ?? '';
		const stored = { key: stanzaKey(stanza), id };
		const others = this.open.get(messageId);
		if (others) others.push(stored);
		else this.open.set(messageId, [stored]);
	}
}
