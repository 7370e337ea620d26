/** One question to WhatsApp's server that Baileys has no function for, or whose answer it drops. */
import type { BinaryNode } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import { asked, type Meaning } from './asked';
import type { Owner } from './types';

/** The server answers within a second; then nobody knows what became of it. */
const ANSWER_MS = 30_000;

export interface Query {
	to: string;
	xmlns: string;
	type: 'get' | 'set';
	/** Whom it is about, where that is not `to`. */
	target?: string;
	/** A question that changes something: no answer then means that it may have been done. */
	changes?: boolean;
	content?: BinaryNode[];
}

/**
 * @param meanings what the server's refusals mean for this question, before the usual
 * @throws LinkedError; `no-answer` when it may or may not have been done
 */
export async function query(
	owner: Owner,
	{ content, target, changes, ...attrs }: Query,
	meanings: Readonly<Record<number, Meaning>> = {},
): Promise<BinaryNode> {
	const socket = await owner.socket();
	const node: BinaryNode = { tag: 'iq', attrs: target ? { ...attrs, target } : attrs, content };
	const silent = (changes ?? attrs.type === 'set') ? 'no-answer' : 'connect-timeout';
	const answer: unknown = await asked(socket.query(node, ANSWER_MS), {
		// Baileys' own codes: no answer, and a connection that broke after it had been sent.
		408: silent,
		428: silent,
		...meanings,
	});
	// Baileys gives nothing at all when the time is up.
	if (!answer) throw new LinkedError(silent);
	return answer as BinaryNode;
}
