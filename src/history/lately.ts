/** The history as far as the owner has it in memory: names and chats, and messages seen lately. */
import type { WAMessage } from '@whiskeysockets/baileys';
import { personOf, userJid } from '../wa/ids';
import { count } from '../wa/read';
import type { Directory, DirectoryEntry } from './directory';
import type {
	ChatQuery,
	History,
	KnownChat,
	KnownMessage,
	KnownPerson,
	PersonQuery,
} from './types';

const ALL = 1_000_000;

export interface LatelyDeps {
	directory(): Pick<Directory, 'search' | 'find' | 'nameOf'> | undefined;
	message(id: string): Promise<WAMessage | undefined>;
}

export class Lately implements History {
	constructor(private readonly deps: LatelyDeps) {}

	async chats({ search = '', kinds, archived, withMessages, limit = ALL }: ChatQuery = {}) {
		const found = this.deps.directory()?.search(search, ALL) ?? [];
		const chats = found.map((entry) => this.chatOf(entry));
		return await Promise.resolve(
			chats
				.filter(({ kind }) => !kinds || kinds.includes(kind))
				.filter((chat) => archived === undefined || chat.archived === archived)
				.filter(({ lastAt }) => !withMessages || lastAt > 0)
				.slice(0, limit),
		);
	}

	async chat(address: string): Promise<KnownChat | undefined> {
		const entry = this.deps.directory()?.find(address);
		return await Promise.resolve(entry && this.chatOf(entry));
	}

	async *messages(): AsyncIterable<KnownMessage> {
		yield* [];
	}

	async message(id: string): Promise<KnownMessage | undefined> {
		const message = await this.deps.message(id);
		if (!message) return undefined;
		const { key, messageTimestamp } = message;
		return {
			chat: userJid(key.remoteJid) ?? '',
			id,
			at: (count(messageTimestamp) ?? 0) * 1_000,
			fromMe: key.fromMe === true,
			from: await this.person(key.participant ?? (key.fromMe ? null : key.remoteJid)),
			message,
			deleted: message.messageStubType === 1,
			editedAt: null,
			starred: false,
			imported: false,
			reactions: [],
			receipts: [],
			votes: [],
		};
	}

	async replies(): Promise<KnownMessage[]> {
		return await Promise.resolve([]);
	}

	async search() {
		const nothing = { messages: [], complete: true, lookedThrough: 0, lookedBackTo: null };
		return await Promise.resolve(nothing);
	}

	async people({ search = '', saved, limit = ALL }: PersonQuery = {}): Promise<KnownPerson[]> {
		const found = this.deps.directory()?.search(search, ALL) ?? [];
		return await Promise.resolve(
			found
				.filter(({ kind }) => kind === 'person')
				.flatMap((entry) => this.personOf(entry) ?? [])
				.filter(({ isContact }) => !saved || isContact)
				.sort((a, b) => Number(b.isContact) - Number(a.isContact))
				.slice(0, limit),
		);
	}

	async person(...addresses: Array<string | null | undefined>): Promise<KnownPerson | null> {
		const jids = addresses.map(userJid);
		const directory = this.deps.directory();
		const entries = jids.flatMap((jid) => directory?.find(jid) ?? []);
		const others = entries.flatMap(({ alt }) => directory?.find(alt) ?? []);
		// What the phone's address book says of somebody is kept with the form that it names.
		const entry = [...entries, ...others].find(({ saved }) => saved) ?? entries[0];
		if (entry) return await Promise.resolve(this.personOf(entry));
		const person = personOf(jids);
		return person && { ...person, savedName: null, pushName: null, isContact: false };
	}

	async addresses(address: string): Promise<string[]> {
		const entry = this.deps.directory()?.find(address);
		const jids = [userJid(address), entry?.id, entry?.alt].filter((jid) => jid != null);
		return await Promise.resolve([...new Set(jids)].sort((a) => (a.endsWith('@lid') ? -1 : 1)));
	}

	private personOf({ id, alt, name, pushName, saved = false }: DirectoryEntry): KnownPerson | null {
		const person = personOf([id, alt], { name: name || pushName });
		return (
			person && {
				...person,
				savedName: saved ? (name ?? null) : null,
				pushName: pushName ?? null,
				isContact: saved,
			}
		);
	}

	private chatOf(entry: DirectoryEntry): KnownChat {
		const { id, kind, name, pushName, lastAt, archived = false } = entry;
		return {
			id,
			kind,
			name: name || pushName || null,
			person: kind === 'person' ? this.personOf(entry) : null,
			lastAt,
			unread: 0,
			markedUnread: false,
			archived,
			pinned: false,
			mutedUntil: null,
			last: null,
		};
	}
}
