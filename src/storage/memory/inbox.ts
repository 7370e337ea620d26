import type { Clock } from '../../clock';
import { copy } from '../bytes';
import { DEDUPE_AFTER_TRIM_MS } from '../limits';
import type { AccountSignals } from '../listeners';
import type { LocalLease } from '../localLease';
import type { Fence, Inbox, InboxEntry } from '../roles';
import { formatSeq, nextSeq, parseSeq } from '../seq';

export class MemoryInbox implements Inbox {
	private entries: Array<InboxEntry & { position: number }> = [];
	/** Dedupe keys, each with the time from which it may be forgotten. */
	private readonly seen = new Map<string, number>();
	private last = 0;

	constructor(
		private readonly clock: Clock,
		private readonly signals: AccountSignals,
		private readonly lease: LocalLease,
		private readonly journal: Map<string, Uint8Array>,
	) {}

	async append(
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		options: { fence?: Fence; journalDrop?: readonly string[] } = {},
	): Promise<Array<string | undefined>> {
		this.lease.check(options.fence);
		const now = this.clock.now();
		const seqs = entries.map(({ key, value }) => {
			const until = this.seen.get(key);
			if (until !== undefined && until > now) return undefined;
			this.seen.set(key, Infinity);
			this.last = nextSeq(this.last, now);
			const seq = formatSeq(this.last);
			this.entries.push({ seq, key, at: now, value: copy(value), position: this.last });
			return seq;
		});
		for (const id of options.journalDrop ?? []) this.journal.delete(id);
		if (seqs.some((seq) => seq !== undefined)) this.signals.appendSoon();
		return seqs;
	}

	async read(after: string, limit: number): Promise<InboxEntry[]> {
		const from = parseSeq(after);
		return this.entries
			.filter(({ position }) => position > from)
			.slice(0, limit)
			.map(outside);
	}

	async get(seq: string): Promise<InboxEntry | undefined> {
		const wanted = parseSeq(seq);
		const found = this.entries.find(({ position }) => position === wanted);
		return found && outside(found);
	}

	async latest(limit: number): Promise<InboxEntry[]> {
		return this.entries
			.slice(Math.max(0, this.entries.length - limit))
			.reverse()
			.map(outside);
	}

	async end(): Promise<string> {
		return this.entries.at(-1)?.seq ?? '';
	}

	async trim(before: number): Promise<number> {
		const now = this.clock.now();
		const old = this.entries.filter(({ at }) => at < before);
		this.entries = this.entries.filter(({ at }) => at >= before);
		for (const { key } of old) this.seen.set(key, now + DEDUPE_AFTER_TRIM_MS);
		for (const [key, until] of this.seen) if (until <= now) this.seen.delete(key);
		return old.length;
	}

	onAppend(listener: () => void): () => void {
		return this.signals.append.add(listener);
	}

	erase(): void {
		this.entries = [];
		this.seen.clear();
	}
}

const outside = ({ seq, key, at, value }: InboxEntry): InboxEntry => ({
	seq,
	key,
	at,
	value: copy(value),
});
