/**
 * Messages keep the order in which the server sent them. Baileys works off what waited at the server
 * one by one (offline-node-processor.js) but takes live messages past that queue: after a time away
 * they would overtake older ones of the same chat. While older ones wait, a live one is therefore
 * marked as if it had waited too, which puts it at the end of the same queue.
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { remember } from './bounded';
import { isEncrypted } from './stanza';

/** A message of which nothing is heard for so long has been dropped on its way. */
const STUCK_MS = 60_000;
const REMEMBERED = 10_000;

export class Line {
	/** In Baileys' queue and not begun, oldest first. */
	private readonly waiting = new Set<BinaryNode>();
	/** Ids of live messages that were marked. */
	private readonly marked = new Map<string, true>();
	private moved = 0;

	constructor(private readonly clock: Clock) {}

	/** Call for each socket before stanzas arrive. */
	attach(socket: WASocket): void {
		// The queue belongs to the socket.
		this.waiting.clear();
		socket.ws.prependListener('CB:message', (node: BinaryNode) => this.stand(node));
	}

	/** Baileys has begun with this one, so with all before it. */
	begun(node: BinaryNode): void {
		if (!this.waiting.has(node)) return;
		this.moved = this.clock.now();
		for (const each of this.waiting) {
			this.waiting.delete(each);
			if (each === node) return;
		}
	}

	/** Whether this message came live, although it looks as if it had waited. */
	cameLive(id: string | null | undefined): boolean {
		return this.marked.has(id ?? '');
	}

	private stand(node: BinaryNode): void {
		// The others are not heard of again.
		if (!isEncrypted(node)) return;
		const { attrs } = node;
		const now = this.clock.now();
		if (this.waiting.size === 0) this.moved = now;
		else if (now - this.moved > STUCK_MS) this.waiting.clear();
		if (!attrs.offline) {
			if (this.waiting.size === 0) return;
			attrs.offline = '1';
			remember(this.marked, attrs.id ?? '', true, REMEMBERED);
		}
		this.waiting.add(node);
	}
}
