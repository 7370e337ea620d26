/**
 * The end of an inbox in memory, so that what was just appended need not be read back: every trigger
 * reads it once, and its execution once more. What is written by this process only is known here.
 */
import type { InboxEntry } from '../roles';

const MAX_ENTRIES = 256;
const MAX_BYTES = 256 * 1024;

export class Recent {
	private entries: InboxEntry[] = [];
	private bytes = 0;
	/** The position before the first entry; undefined while nothing is known. */
	private floor?: string;

	/**
	 * @param before the last position before them
	 * @param added in order
	 */
	append(before: string, added: readonly InboxEntry[]): void {
		const last = this.entries.at(-1)?.seq ?? this.floor;
		// Something was appended of which nothing was heard here.
		if (last !== before) this.clear();
		this.floor ??= before;
		for (const entry of added) {
			this.entries.push(entry);
			this.bytes += entry.value.length;
		}
		let gone = 0;
		while (this.entries.length - gone > MAX_ENTRIES || this.bytes > MAX_BYTES) {
			this.floor = this.entries[gone]?.seq;
			this.bytes -= this.entries[gone]?.value.length ?? 0;
			gone++;
		}
		// Not one by one, as every message comes by here.
		if (gone > 0) this.entries.splice(0, gone);
	}

	/** Entries after the position, or undefined when not all of them are here. */
	after(seq: string, limit: number): InboxEntry[] | undefined {
		if (this.floor === undefined || seq < this.floor) return undefined;
		let from = this.entries.length;
		while (from > 0 && (this.entries[from - 1]?.seq ?? '') > seq) from--;
		return this.entries.slice(from, from + limit);
	}

	get(seq: string): InboxEntry | undefined {
		// What is asked for is near the end.
		for (let at = this.entries.length - 1; at >= 0; at--) {
			const entry = this.entries[at];
			if (!entry || entry.seq < seq) return undefined;
			if (entry.seq === seq) return entry;
		}
		return undefined;
	}

	/** Something was removed. */
	clear(): void {
		this.entries = [];
		this.bytes = 0;
		this.floor = undefined;
	}
}
