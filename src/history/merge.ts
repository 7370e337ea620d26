/**
 * What a message becomes when something of it is learned. Everything may be told twice and in any
 * order: after a crash the journal tells again, a history sync brings what came by live too, and a
 * reaction may come before the message. So each of these is the same when done twice, and the end is
 * the same in whatever order they are done. Pure functions; undefined leaves a message as it is.
 */
import type { Item, Who } from './item';

type Before = Item | undefined;
type After = Item | undefined;

/** The message itself came, live or with a history sync. */
export function received(before: Before, item: Item): After {
	if (!before) return item;
	// Two people's messages with one id: the first one stays.
	if (!before.early && before.fromMe !== item.fromMe) return undefined;
	const known = before.early ? arrived(before, item) : before;
	const { content, media, ...rest } = known;
	const has = content !== undefined || known.deleted === true;
	return changed(before, {
		...item,
		...rest,
		content: has ? content : item.content,
		media: has ? media : item.media,
		from: known.from ?? item.from,
		quotes: known.deleted ? undefined : (known.quotes ?? item.quotes),
		status: highest(known.status, item.status),
		starred: known.starred ?? item.starred,
		reactions: known.deleted ? undefined : union(known.reactions, item.reactions),
		votes: known.deleted ? undefined : union(known.votes, item.votes),
		receipts: joined(known.receipts, item.receipts),
	});
}

/** What was known of a message that is only here now: what others than its author did does not count. */
function arrived({ early: _, ...before }: Item, item: Item): Item {
	const author = { fromMe: item.fromMe, from: item.from };
	const actor = { fromMe: before.fromMe, from: before.from };
	const done = before.editedAt !== undefined || before.deleted === true;
	const allowed = before.deleted ? mayDelete(author, actor) : mayEdit(author, actor);
	const { at, kind, ...place } = { at: item.at, kind: item.kind, ...author };
	if (done && allowed) return { ...before, ...place, at };
	const { content: _c, media: _m, deleted: _d, editedAt: _e, ...rest } = before;
	return { ...rest, ...place, at, kind };
}

/** Who does something with a message. */
export interface Actor {
	fromMe: boolean;
	/** In groups. */
	from?: Who;
}

/** Only the author; where a name is missing, nobody can tell. */
const mayEdit = (author: Actor, actor: Actor): boolean =>
	author.fromMe === actor.fromMe &&
	(author.fromMe || !author.from || !actor.from || author.from === actor.from);

/** The author, or in groups an admin, which WhatsApp checks. In direct chats there is none. */
const mayDelete = (author: Actor, actor: Actor): boolean =>
	mayEdit(author, actor) || Boolean(author.from ?? actor.from);

/** Its author changed what it says. */
export function edited(
	before: Before,
	{
		at,
		content,
		media,
		kind,
		actor,
	}: Pick<Item, 'content' | 'media' | 'kind'> & {
		at: number;
		actor: Actor;
	},
): After {
	const known = before ?? unknown(at);
	if (known.deleted || (known.editedAt ?? -1) >= at) return undefined;
	if (!known.early && !mayEdit(known, actor)) return undefined;
	const by = known.early ? actor : {};
	return { ...known, ...by, kind, content, media, editedAt: at };
}

/** Deleted for everyone. */
export function deleted(before: Before, { at, actor }: { at: number; actor: Actor }): After {
	const known = before ?? unknown(at);
	if (known.deleted) return undefined;
	if (!known.early && !mayDelete(known, actor)) return undefined;
	const { content: _c, quotes: _q, media: _m, editedAt: _e, ...rest } = known;
	const by = known.early ? actor : {};
	return {
		...rest,
		...by,
		kind: 'delete',
		deleted: true,
		reactions: undefined,
		votes: undefined,
	};
}

/** Somebody reacted; without emoji they took it back. */
export function reacted(before: Before, who: Who, emoji: string, at: number): After {
	if (!before) return { ...unknown(at), reactions: [[who, emoji, at]] };
	if (before.deleted) return undefined;
	return changed(before, { ...before, reactions: union(before.reactions, [[who, emoji, at]]) });
}

/** Somebody voted in a poll or answered an event; without options they took it back. */
export function voted(before: Before, who: Who, options: string[], at: number): After {
	if (!before) return { ...unknown(at), votes: [[who, options, at]] };
	if (before.deleted) return undefined;
	return changed(before, { ...before, votes: union(before.votes, [[who, options, at]]) });
}

export type ReceiptKind = 'delivered' | 'read' | 'played';

/** WebMessageInfo.Status: DELIVERY_ACK, READ, PLAYED. */
const SAYS: Readonly<Record<ReceiptKind, number>> = { delivered: 3, read: 4, played: 5 };

/**
 * Somebody got, read or played an own message; the first time counts.
 * @param alone there is nobody else to get it: WhatsApp says no more by the status that follows
 */
export function receipted(
	before: Before,
	who: Who,
	kind: ReceiptKind,
	at: number,
	alone = false,
): After {
	// Nobody waits for receipts of messages that are not kept.
	if (!before) return undefined;
	const times = [0, 0, 0] as [number, number, number];
	times[kind === 'delivered' ? 0 : kind === 'read' ? 1 : 2] = at;
	const receipts = joined(before.receipts, [[who, ...times]]);
	const status = alone ? highest(before.status, SAYS[kind]) : before.status;
	return changed(before, { ...before, receipts, ...(status === undefined ? {} : { status }) });
}

/** WhatsApp says how far an own message has got. A failure does not undo what was delivered. */
export function advanced(before: Before, status: number): After {
	if (!before?.fromMe) return undefined;
	return changed(before, { ...before, status: highest(before.status, status) });
}

export function starred(before: Before, is: boolean): After {
	return before && changed(before, { ...before, starred: is || undefined });
}

/** Somebody keeps it in the chat although it would disappear, or lets go of it again. */
export function held(before: Before, is: boolean): After {
	return before && changed(before, { ...before, held: is || undefined });
}

const unknown = (at: number): Item => ({ at, fromMe: false, kind: 'unsupported', early: true });

const PENDING = 1;

function highest(a: number | undefined, b: number | undefined): number | undefined {
	if (a === undefined || b === undefined) return a ?? b;
	if (a === 0 || b === 0) return Math.max(a, b) <= PENDING ? 0 : Math.max(a, b);
	return Math.max(a, b);
}

/** The newest of each person. */
function union<T>(
	before: Array<[Who, T, number]> | undefined,
	more: Array<[Who, T, number]> | undefined,
): Array<[Who, T, number]> | undefined {
	if (!before || !more) return before ?? more;
	const all = new Map(before.map((each) => [each[0], each]));
	for (const each of more) {
		const known = all.get(each[0]);
		if (!known || newer(known, each)) all.set(each[0], each);
	}
	return [...all.values()];
}

/** Of the same time any, as long as it is always the same one. */
function newer<T>(known: [Who, T, number], each: [Who, T, number]): boolean {
	return known[2] < each[2] || (known[2] === each[2] && String(known[1]) < String(each[1]));
}

type Receipts = NonNullable<Item['receipts']>;

function joined(before: Receipts | undefined, more: Receipts | undefined): Receipts | undefined {
	if (!before || !more) return before ?? more;
	const first = (a: number, b: number) => (a === 0 || b === 0 ? a + b : Math.min(a, b));
	const all = new Map(before.map((each) => [each[0], each]));
	for (const [who, delivered, read, played] of more) {
		const known = all.get(who) ?? [who, 0, 0, 0];
		all.set(who, [who, first(known[1], delivered), first(known[2], read), first(known[3], played)]);
	}
	return [...all.values()];
}

/** Undefined when nothing of it is new, so that nothing is written. */
function changed(before: Item, after: Item): After {
	const same = (Object.keys({ ...before, ...after }) as Array<keyof Item>).every((name) =>
		name === 'content'
			? before.content === after.content
			: JSON.stringify(before[name]) === JSON.stringify(after[name]),
	);
	return same ? undefined : after;
}
