/** A stored message while it is looked at: whether it is wanted, and as what it is given out. */
import { loadBaileys } from '../../baileys';
import { FLAG, type Kept } from '../../storage/historyRole';
import { isExpired, unpack, type Item } from '../item';
import { addressesIn, knownMessage } from '../known';
import type { People } from '../people';
import type { KnownMessage, MessageQuery } from '../types';

export interface Looked {
	kept: Kept;
	item: Item;
}

/** Undefined when its time is over. */
export function look(kept: Kept, now: number): Looked | undefined {
	const item = unpack(kept.body);
	return isExpired(item, now) ? undefined : { kept, item };
}

/** Whether a message is one of those that are asked for. */
export async function filterOf(
	{ fromMe, from, withMedia }: Pick<MessageQuery, 'fromMe' | 'from' | 'withMedia'>,
	people: People,
): Promise<(looked: Looked) => boolean> {
	const who = from === undefined ? undefined : await people.canonical(from);
	const isSelf = who !== undefined && (who === people.me.lid || who === people.me.phone);
	return ({ kept: { flags, chat }, item }) => {
		if (fromMe !== undefined && item.fromMe !== fromMe) return false;
		if (withMedia && !(flags & FLAG.media)) return false;
		if (who === undefined) return true;
		return item.fromMe ? isSelf : (item.from ?? chat) === who;
	};
}

/** The messages as the rest of the package sees them; people are looked up together. */
export async function known(looked: readonly Looked[], people: People): Promise<KnownMessage[]> {
	const baileys = await loadBaileys();
	const all: KnownMessage[] = [];
	await people.prepare(looked.flatMap(({ kept, item }) => addressesIn(kept.chat, item)));
	for (const { kept, item } of looked) all.push(await knownMessage(kept, item, people, baileys));
	return all;
}
