/** A message of the history, and the bytes it is stored as. */
import { FLAG } from '../storage/historyRole';
import type { MessageKind } from '../wa/kinds';

/** Who: an address, LID where it was known; '' for the own number. */
export type Who = string;

export interface Item {
	/** Milliseconds since the epoch. */
	at: number;
	fromMe: boolean;
	kind: MessageKind;
	/** Author, in groups and status lists. */
	from?: string;
	/** The author's name in an imported file, where nobody is known by it. */
	author?: string;
	/** proto.Message without previews; absent once deleted, and while only marks of it are known. */
	content?: Uint8Array;
	/** It has a file. */
	media?: boolean;
	/** The message that it quotes. */
	quotes?: string;
	/** WebMessageInfo.Status of an own message: 0 failed, 1 pending, 2 sent, 3 delivered, 4 read, 5 played. */
	status?: number;
	/** WebMessageInfo.StubType, for what is no message of a person, such as missed calls. */
	stub?: number;
	deleted?: boolean;
	/** Milliseconds since the epoch. */
	editedAt?: number;
	starred?: boolean;
	/** Milliseconds since the epoch at which it disappears. */
	expiresAt?: number;
	/** Kept in the chat although it would disappear. */
	held?: boolean;
	/** From a file that the phone's Export Chat wrote. */
	imported?: boolean;
	/** Something about the message came before the message itself. */
	early?: boolean;
	/** Time as the person's phone says. Without emoji or options: taken back. */
	reactions?: Array<[who: Who, emoji: string, at: number]>;
	votes?: Array<[who: Who, options: string[], at: number]>;
	/** Milliseconds since the epoch; 0 where it has not happened. */
	receipts?: Array<[who: Who, delivered: number, read: number, played: number]>;
}

/** Yes and no, in one number. */
const BITS = {
	fromMe: 1,
	media: 2,
	deleted: 4,
	starred: 8,
	imported: 16,
	early: 32,
	content: 64,
	held: 128,
};

/** The rest, in this order: new fields are only ever added at the end. */
const FIELDS = [
	...(['from', 'author', 'quotes', 'status', 'stub', 'editedAt'] as const),
	...(['reactions', 'votes', 'receipts', 'expiresAt'] as const),
] as const;

const YES_OR_NO = ['media', 'deleted', 'starred', 'imported', 'early', 'held'] as const;

/** The item in one piece: length and JSON of all but the content, then the content. */
export function pack(item: Item): Uint8Array {
	const { at, kind, content } = item;
	let bits = content ? BITS.content : 0;
	for (const name of ['fromMe', ...YES_OR_NO] as const) if (item[name]) bits += BITS[name];
	const rest: unknown[] = FIELDS.map((name) => item[name] ?? null);
	while (rest.length > 0 && rest.at(-1) === null) rest.pop();
	const head = Buffer.from(JSON.stringify([at, kind, bits, ...rest]));
	const length = Buffer.alloc(4);
	length.writeUInt32LE(head.length);
	return Buffer.concat([length, head, content ?? Buffer.alloc(0)]);
}

/** The item of these bytes. @throws SyntaxError for bytes that are none, which are sealed against that */
export function unpack(packed: Uint8Array): Item {
	const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
	const end = 4 + bytes.readUInt32LE(0);
	const [at, kind, bits, ...rest] = JSON.parse(bytes.toString('utf8', 4, end)) as [
		number,
		MessageKind,
		number,
		...unknown[],
	];
	const item: Item = { at, kind, fromMe: (bits & BITS.fromMe) !== 0 };
	for (const name of YES_OR_NO) if (bits & BITS[name]) item[name] = true;
	if (bits & BITS.content) item.content = bytes.subarray(end);
	const more: Record<string, unknown> = {};
	for (const [index, name] of FIELDS.entries()) {
		if (rest[index] !== undefined && rest[index] !== null) more[name] = rest[index];
	}
	return Object.assign(item, more);
}

/** Whether its time is over, as its sender set it. */
export const isExpired = ({ expiresAt, held }: Item, now: number): boolean =>
	expiresAt !== undefined && !held && expiresAt <= now;

/** What of it the storage may see. A message that is not here yet is hidden. */
export const flagsOf = ({ fromMe, media, early, deleted }: Item): number =>
	(fromMe ? FLAG.fromMe : 0) + (media && !deleted ? FLAG.media : 0) + (early ? FLAG.hidden : 0);
