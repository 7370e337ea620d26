/** Remembers what went over each connection, for waits, counts and the dump of a failed test. */
import type { BinaryNode } from '../contract';
import { children } from './nodes';
import type { Wa } from './wa';

const KEPT = 400;

export interface Recorded {
	readonly at: number;
	readonly who: string;
	/** Seen from the server. */
	readonly direction: 'in' | 'out' | 'event';
	readonly node?: BinaryNode;
	readonly note?: string;
}

export class Recorder {
	private readonly ring: Recorded[] = [];
	private readonly counts = new Map<string, number>();
	private readonly listeners = new Set<() => void>();
	/** Queries that nobody answers here: gaps of the stand-in. `xmlns type child`. */
	readonly unknownQueries: string[] = [];

	/** Exceptions inside the server: bugs of the stand-in, shown by tests at their end. */
	readonly failures: Error[] = [];

	constructor(
		private readonly wa: Wa,
		private readonly now: () => number,
	) {}

	stanza(who: string, direction: 'in' | 'out', node: BinaryNode): void {
		if (direction === 'in') this.count(who, node);
		this.add({ at: this.now(), who, direction, node });
	}

	event(who: string, note: string): void {
		this.add({ at: this.now(), who, direction: 'event', note });
	}

	failure(error: unknown): void {
		const failure = error instanceof Error ? error : new Error(String(error));
		this.failures.push(failure);
		this.event('server', `failed: ${failure.stack ?? failure.message}`);
	}

	unknown(node: BinaryNode): void {
		const { xmlns, type } = node.attrs;
		this.unknownQueries.push(`${xmlns ?? node.tag} ${type ?? ''} ${children(node)[0]?.tag ?? ''}`);
	}

	/**
	 * How many such stanzas came in: by tag (`message`), tag and type (`receipt/retry`), xmlns
	 * (`usync`), or xmlns and child (`encrypt/key`); with `who` (as in the dump, e.g. `15550101:1`) only from that device.
	 */
	countOf(what: string, who?: string): number {
		return this.counts.get(who === undefined ? what : `${who} ${what}`) ?? 0;
	}

	/** The last stanzas, oldest first. */
	get stanzas(): readonly Recorded[] {
		return this.ring;
	}

	onChange(listener: () => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/** Something that waits may depend on has changed. */
	changed(): void {
		for (const listener of [...this.listeners]) listener();
	}

	dump(): string {
		const arrows = { in: '→', out: '←', event: '·' };
		return this.ring
			.map(({ at, who, direction, node, note }) => {
				const time = new Date(at).toISOString().slice(11, 23);
				return `${time} ${who} ${arrows[direction]} ${node ? this.brief(node) : (note ?? '')}`;
			})
			.join('\n');
	}

	private brief(node: BinaryNode): string {
		const xml = this.wa.toXml(shorten(node));
		return xml.length > 2000 ? `${xml.slice(0, 2000)}…` : xml;
	}

	private count(who: string, node: BinaryNode): void {
		const { xmlns, type } = node.attrs;
		const keys = [node.tag];
		if (node.tag !== 'iq' && type) keys.push(`${node.tag}/${type}`);
		if (xmlns) {
			keys.push(xmlns);
			const inner = children(node)[0]?.tag;
			if (inner) keys.push(`${xmlns}/${inner}`);
		}
		for (const key of keys) {
			this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
			this.counts.set(`${who} ${key}`, (this.counts.get(`${who} ${key}`) ?? 0) + 1);
		}
	}

	private add(entry: Recorded): void {
		this.ring.push(entry);
		if (this.ring.length > KEPT) this.ring.shift();
		this.changed();
	}
}

/** Ciphertexts and keys as their length: a dump is read by people. */
function shorten(node: BinaryNode): BinaryNode {
	const { tag, attrs, content } = node;
	if (content instanceof Uint8Array) {
		return { tag, attrs, content: content.length > 40 ? `(${content.length} bytes)` : content };
	}
	return { tag, attrs, content: Array.isArray(content) ? content.map(shorten) : content };
}
