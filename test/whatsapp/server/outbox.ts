/**
 * What the server still owes a device: messages, receipts, notifications and calls stay here until
 * the device acknowledges them, over disconnections too, and are sent again at its next login.
 */
import type { BinaryNode } from '../contract';
import { SERVER } from './jids';
import { children, el } from './nodes';

/** Where a device's stanzas go while it is connected. */
export interface Wire {
	send(node: BinaryNode): void;
}

interface Entry {
	readonly node: BinaryNode;
	/** The wire that it was last sent over; undefined = not since the last login. */
	over?: Wire;
}

/** Kinds that a client acknowledges. */
const ACKNOWLEDGED = new Set(['message', 'receipt', 'notification', 'call']);
const DEFAULT_BATCH = 100;

export class Outbox {
	/** In the order in which they came. */
	private readonly entries = new Set<Entry>();
	/** The same by kind and id, so that a long backlog is worked off in linear time. */
	private readonly byId = new Map<string, Entry[]>();
	private wire?: Wire;
	/** While the backlog is being delivered: how many of it are still to be sent. */
	private backlog?: Entry[];
	private inFlight = new Set<Entry>();
	private delivered = 0;
	private onDelivered?: () => void;

	/** Stanzas not acknowledged yet. */
	get size(): number {
		return this.entries.size;
	}

	get pending(): readonly BinaryNode[] {
		return [...this.entries].map((entry) => entry.node);
	}

	/** Sends it now when the device is online and through with its backlog; keeps it until acknowledged. */
	push(node: BinaryNode): void {
		if (!ACKNOWLEDGED.has(node.tag)) {
			// Presence, typing and the like are lost on those who are away.
			if (!this.backlog) this.wire?.send(node);
			return;
		}
		const entry: Entry = { node };
		this.entries.add(entry);
		const key = keyOf(node.tag, node.attrs['id']);
		this.byId.set(key, [...(this.byId.get(key) ?? []), entry]);
		if (this.backlog) this.backlog.push(entry);
		else this.transmit(entry);
	}

	/**
	 * The device is online and wants its stanzas. `counts` in the preview tell it what to expect.
	 * Without a backlog it gets the closing `offline` mark at once: clients buffer events until then.
	 */
	open(wire: Wire, onDelivered?: () => void): void {
		this.wire = wire;
		this.onDelivered = onDelivered;
		this.delivered = 0;
		this.inFlight.clear();
		for (const entry of this.entries) entry.over = undefined;
		this.backlog = [...this.entries];
		if (this.backlog.length === 0) {
			this.finishBacklog();
			return;
		}
		const waiting = [...this.entries];
		const count = (tag: string) => waiting.filter(({ node }) => node.tag === tag).length;
		wire.send(
			el('ib', { from: SERVER }, [
				el('offline_preview', {
					count: waiting.length,
					message: count('message'),
					receipt: count('receipt'),
					notification: count('notification'),
					call: count('call'),
					appdata: 0,
				}),
			]),
		);
	}

	/** The client asks for a part of its backlog (`offline_batch`). */
	sendBatch(count = DEFAULT_BATCH): void {
		if (!this.wire || !this.backlog) return;
		for (const entry of this.backlog.splice(0, count)) {
			this.delivered += 1;
			this.inFlight.add(entry);
			entry.over = this.wire;
			const { tag, attrs, content } = entry.node;
			// Any value marks it as late; the real service counts retries here (assumed).
			this.wire.send({ tag, attrs: { ...attrs, offline: '0' }, content });
		}
		if (this.backlog.length === 0) this.finishBacklog();
	}

	/** The device is gone; everything unacknowledged waits for its next login. */
	close(wire: Wire): void {
		if (this.wire !== wire) return;
		this.wire = undefined;
		this.backlog = undefined;
	}

	/** An `ack` of the device, or a receipt for a message. */
	acknowledge(tag: string, id: string | undefined): void {
		const key = keyOf(tag, id);
		const same = this.byId.get(key) ?? [];
		for (const entry of same.filter(({ over }) => over !== undefined)) {
			this.entries.delete(entry);
			this.inFlight.delete(entry);
		}
		const left = same.filter(({ over }) => over === undefined);
		if (left.length > 0) this.byId.set(key, left);
		else this.byId.delete(key);
		// Baileys asks for one batch only; whoever worked it off gets the next one (assumed).
		if (this.backlog && this.delivered > 0 && this.inFlight.size === 0) this.sendBatch();
	}

	/** A receipt may name more messages in a list. */
	acknowledgeReceipt(receipt: BinaryNode): void {
		this.acknowledge('message', receipt.attrs['id']);
		for (const list of children(receipt, 'list')) {
			for (const item of children(list, 'item')) this.acknowledge('message', item.attrs['id']);
		}
	}

	private transmit(entry: Entry): void {
		if (!this.wire) return;
		entry.over = this.wire;
		this.wire.send(entry.node);
	}

	private finishBacklog(): void {
		this.backlog = undefined;
		this.wire?.send(el('ib', { from: SERVER }, [el('offline', { count: this.delivered })]));
		this.onDelivered?.();
		this.onDelivered = undefined;
	}
}

const keyOf = (tag: string, id: string | undefined): string => `${tag} ${id ?? ''}`;
