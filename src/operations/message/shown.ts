/** Messages of the history as operations return them. */
import type { History, KnownMessage, KnownVote } from '../../history/types';
import { contentOf } from '../../wa/content';
import { isGroup, type Person } from '../../wa/ids';
import { isoTime as isoTimeOf } from '../../wa/read';
import type { MessageContent } from '../../wa/types';
import type { Json, JsonObject } from '../types';

/** Null for what is no time, too: of reactions, votes and edits it is what their senders say. */
export const isoTime = (at: number | null): string | null => isoTimeOf(at, 'milliseconds');

/** Says what messages are, with the names of their chats; each chat is looked up once. */
export class Shown {
	private readonly names = new Map<string, Promise<string | null>>();

	constructor(
		private readonly history: History,
		private readonly simplify: boolean,
	) {}

	async message(message: KnownMessage): Promise<JsonObject> {
		const chatName = await this.nameOf(message.chat);
		return this.simplify ? simple(message, chatName) : await this.whole(message, chatName);
	}

	private async nameOf(chat: string): Promise<string | null> {
		let name = this.names.get(chat);
		if (!name) {
			name = this.history.chat(chat).then((known) => known?.name ?? known?.person?.phone ?? null);
			this.names.set(chat, name);
		}
		return await name;
	}

	/** Everything that is known of a message, with the names that events have too. */
	private async whole(message: KnownMessage, chatName: string | null): Promise<JsonObject> {
		const content = contentOf(message.message.message);
		const { text, kind: _kind, media, quoted, mentions, target: _target, ...details } = content;
		return {
			messageId: message.id,
			timestamp: isoTime(message.at),
			chat: message.chat,
			chatName,
			isGroup: isGroup(message.chat),
			from: (message.from ?? nobody(message)) as unknown as Json,
			fromMe: message.fromMe,
			kind: message.kind,
			text,
			media: media as unknown as Json,
			quoted: (quoted && {
				...quoted,
				from: await this.history.person(quoted.from),
			}) as unknown as Json,
			mentions: (await Promise.all(
				mentions.map(async (jid) => await this.history.person(jid)),
			)) as unknown as Json,
			...(details as unknown as JsonObject),
			edited: message.editedAt !== null,
			editedAt: isoTime(message.editedAt),
			deleted: message.deleted,
			starred: message.starred,
			status: message.status,
			imported: message.imported,
			reactions: message.reactions.map(({ from, fromMe, emoji, at }) => ({
				emoji,
				from: from as unknown as Json,
				fromMe,
				timestamp: isoTime(at),
			})),
			receipts: message.receipts.map(({ from, delivered, read, played }) => ({
				person: from as unknown as Json,
				delivered: isoTime(delivered),
				read: isoTime(read),
				played: isoTime(played),
			})),
			votes: votesOf(message.votes),
		};
	}
}

export const votesOf = (votes: readonly KnownVote[]): Json =>
	votes.map(({ from, fromMe, options, at }) => ({
		options,
		from: from as unknown as Json,
		fromMe,
		timestamp: isoTime(at),
	}));

/** A few flat fields, for language models and tables. */
function simple(message: KnownMessage, chatName: string | null): JsonObject {
	const content = contentOf(message.message.message);
	return {
		messageId: message.id,
		timestamp: isoTime(message.at),
		chat: message.chat,
		chatName,
		from: message.fromMe ? 'Me' : callOf(message.from, message.author),
		fromMe: message.fromMe,
		kind: message.kind,
		text: message.deleted ? null : textOf(content),
		fileName: content.media?.fileName ?? null,
		replyTo: content.quoted?.id ?? null,
		reactions: message.reactions.map(({ emoji }) => emoji).join(' ') || null,
		edited: message.editedAt !== null,
		deleted: message.deleted,
	};
}

/** What is read, also where it is no text: a poll's options, a place, names on cards. */
function textOf({ text, poll, location, contacts, link }: MessageContent): string | null {
	if (poll) return [poll.question, ...poll.options.map((option) => `- ${option}`)].join('\n');
	if (text !== null) return text;
	if (location) {
		const { latitude, longitude, name, address } = location;
		return [name, address, `${latitude}, ${longitude}`].filter(Boolean).join(', ');
	}
	if (contacts)
		return contacts.map(({ name, phones }) => [name, phones[0]?.number].join(' ')).join('; ');
	return link?.title ?? null;
}

/** The best that is known of somebody, as one text. */
export const callOf = (person: Person | null, author: string | null = null): string | null =>
	person?.name ?? author ?? person?.phone ?? person?.id ?? null;

const nobody = ({ author }: KnownMessage): Json =>
	author === null ? null : { id: null, lid: null, phone: null, name: author, username: null };

export const SIMPLE_SAMPLE = {
	messageId: '3EB0A1B2C3D4E5F60718',
	timestamp: '2026-11-23T09:30:00.000Z',
	chat: '200000000000101@lid',
	chatName: 'Anna',
	from: 'Anna',
	fromMe: false,
	kind: 'text',
	text: 'Can you send me the invoice?',
	fileName: null,
	replyTo: null,
	reactions: '👍',
	edited: false,
	deleted: false,
};
