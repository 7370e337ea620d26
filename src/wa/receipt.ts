/** Receipts as the server sends them. Baileys' events may fold an early one into the message itself. */
import { userJid } from './ids';

interface Node {
	attrs: Record<string, string | undefined>;
	content?: unknown;
}

export interface ReceiptNotice {
	/** Messages it is about. */
	ids: string[];
	chat: string;
	/** Who got, read or played them. */
	who: string;
	kind: 'delivered' | 'read' | 'played';
	/** Seconds since the epoch; null when it does not say. */
	at: number | null;
}

const KINDS: Readonly<Record<string, ReceiptNotice['kind']>> = {
	'': 'delivered',
	read: 'read',
	played: 'played',
};

/** Undefined for receipts that tell of something else, such as retries. */
export function receiptOf({ attrs, content }: Node): ReceiptNotice | undefined {
	const kind = KINDS[attrs.type ?? ''];
	const chat = userJid(attrs.from);
	const who = userJid(attrs.participant ?? attrs.from);
	if (!kind || !who || !chat || !attrs.id) return undefined;
	const list = nodes(content).find(({ tag }) => tag === 'list');
	const items = nodes(list?.content).flatMap(({ attrs: { id } }) => id ?? []);
	return { ids: [attrs.id, ...items], chat, who, kind, at: Number(attrs.t) || null };
}

const nodes = (content: unknown): Array<Node & { tag: string }> =>
	Array.isArray(content) ? (content as Array<Node & { tag: string }>) : [];
