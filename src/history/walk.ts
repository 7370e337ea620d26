/** Messages of all chats, the newest first, from a storage that has them chat by chat. */
import { positionOf, type HistoryStore, type Kept, type Position } from '../storage/historyRole';

/** What is known of a chat's last message may be a little behind. */
const SLACK_SECONDS = 60;
const PAGE = 100;
const AHEAD = 8;

interface Chat {
	chat: string;
	/** About where its next message is: none that was not seen is after it. */
	bound: Position;
	/** Nothing from here on is to be fetched (again). */
	edge?: Position;
	/** Fetched and not seen, the newest first. */
	fetched: Kept[];
	ended: boolean;
}

export async function* walk(
	store: HistoryStore,
	{ before, after }: { before?: Position; after?: Position } = {},
): AsyncGenerator<Kept> {
	const chats = new Heap();
	for (const chat of await boundsOf(store)) {
		const bound = Math.min(chat.bound, before ?? Infinity);
		if (bound > (after ?? -1)) chats.push({ ...chat, bound, edge: before });
	}
	for (let top = chats.pop(); top; top = chats.pop()) {
		const next = top.fetched.shift();
		if (next) {
			yield next;
			top.edge = next.position;
			top.bound = top.fetched[0]?.position ?? next.position;
			if (top.fetched.length > 0 || !top.ended) chats.push(top);
			continue;
		}
		// Others will be asked for next anyway; together it is one way there and back.
		const asked = [top, ...chats.popEmpty(AHEAD - 1)];
		await Promise.all(
			asked.map(async (chat) => {
				const page = {
					chat: chat.chat,
					before: chat.edge,
					after,
					order: 'newest',
					limit: PAGE,
				} as const;
				chat.fetched = await store.page(page);
				chat.ended = chat.fetched.length < PAGE;
				chat.bound = chat.fetched[0]?.position ?? -1;
			}),
		);
		for (const chat of asked) if (chat.fetched.length > 0) chats.push(chat);
	}
}

async function boundsOf(store: HistoryStore): Promise<Chat[]> {
	const chats = await store.chats();
	const entries = await store.getEntries(chats);
	return chats.map((chat, index) => {
		const at = entries[index]?.at;
		const bound = at ? positionOf(at / 1_000 + SLACK_SECONDS) : Infinity;
		return { chat, bound, fetched: [], ended: false };
	});
}

/** Chats by bound, the highest on top. */
class Heap {
	private readonly all: Chat[] = [];

	push(chat: Chat): void {
		const { all } = this;
		let at = all.length;
		all.push(chat);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (this.bound(parent) >= chat.bound) break;
			all[at] = all[parent] as Chat;
			at = parent;
		}
		all[at] = chat;
	}

	pop(): Chat | undefined {
		const { all } = this;
		const [top] = all;
		const last = all.pop();
		if (!top || !last || all.length === 0) return top;
		let at = 0;
		for (;;) {
			const child = this.bound(2 * at + 2) > this.bound(2 * at + 1) ? 2 * at + 2 : 2 * at + 1;
			if (this.bound(child) <= last.bound) break;
			all[at] = all[child] as Chat;
			at = child;
		}
		all[at] = last;
		return top;
	}

	/** Up to so many of the topmost that have nothing fetched. */
	popEmpty(limit: number): Chat[] {
		const found: Chat[] = [];
		while (found.length < limit && this.all[0]?.fetched.length === 0) {
			const chat = this.pop();
			if (chat) found.push(chat);
		}
		return found;
	}

	private bound(at: number): number {
		return this.all[at]?.bound ?? -Infinity;
	}
}
