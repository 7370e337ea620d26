/** What is stored, read in pages while it is asked for. */
import { LinkedError } from '../../errors';
import {
	positionOf,
	type HistoryStore,
	type Kept,
	type Phrase,
	type Position,
} from '../../storage/historyRole';
import { isAlias, unpackEntry, type DirectoryEntry } from '../entry';
import type { Edge } from '../types';
import { walk } from '../walk';

export const PAGE = 200;
const ENTRIES = 500;

export interface Bounds {
	before?: Position;
	after?: Position;
}

export class Pages {
	constructor(private readonly store: HistoryStore) {}

	/** Entries of chats and people, the most recent first. */
	async *entries(): AsyncGenerator<DirectoryEntry> {
		const seen = new Set<string>();
		let after;
		for (;;) {
			const page = await this.store.listEntries(after, ENTRIES);
			after = page.at(-1);
			for (const stored of page) {
				const entry = unpackEntry(stored);
				if (isAlias(entry) || seen.has(entry.id)) continue;
				seen.add(entry.id);
				yield entry;
			}
			if (page.length < ENTRIES) return;
		}
	}

	/** Messages of one chat or of all, in order. */
	async *messages({
		order,
		...query
	}: Bounds & { chat?: string; order: 'newest' | 'oldest' }): AsyncGenerator<Kept> {
		const { store } = this;
		if (query.chat === undefined && !store.indexed) {
			if (order === 'newest') {
				yield* walk(store, query);
				return;
			}
			// From the oldest on, all have to be gone through: a chat's worth after the other.
			for (const chat of await store.chats()) yield* this.messages({ ...query, chat, order });
			return;
		}
		let { before, after } = query;
		for (;;) {
			const page = await store.page({ ...query, before, after, order, limit: PAGE });
			yield* page;
			const last = page.at(-1)?.position;
			if (page.length < PAGE) return;
			if (order === 'newest') before = last;
			else after = last;
		}
	}

	/** Messages that the index has under all of these, the newest first. */
	async *indexed(phrases: readonly Phrase[], bounds: Bounds = {}): AsyncGenerator<Kept> {
		let { before } = bounds;
		for (;;) {
			const page = await this.store.find({ phrases, ...bounds, before, limit: PAGE });
			yield* page;
			before = page.at(-1)?.position;
			if (page.length < PAGE) return;
		}
	}

	/** The positions of times or messages. @throws LinkedError `not-found` */
	async bounds(
		{ before, after }: { before?: Edge; after?: Edge },
		chat: string | undefined,
	): Promise<Bounds> {
		return {
			before: await this.edge(before, chat, 'before'),
			after: await this.edge(after, chat, 'after'),
		};
	}

	private async edge(
		edge: Edge | undefined,
		chat: string | undefined,
		side: 'before' | 'after',
	): Promise<Position | undefined> {
		if (edge === undefined) return undefined;
		if ('id' in edge) {
			const found = await this.store.get(edge.id);
			const kept = found.find((each) => chat === undefined || each.chat === chat);
			if (kept) return kept.position;
			throw new LinkedError('not-found', {
				detail: 'The message before or after which to read is not in the history of this chat.',
				data: { messageId: edge.id },
			});
		}
		// WhatsApp knows seconds: a message of the same second is neither before nor after.
		const second = edge.at / 1_000;
		return side === 'before'
			? positionOf(Math.ceil(second))
			: positionOf(Math.floor(second) + 1) - 1;
	}
}
