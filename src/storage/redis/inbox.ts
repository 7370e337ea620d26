import { DEDUPE_AFTER_TRIM_MS } from '../limits';
import type { Fence, Inbox, InboxEntry } from '../roles';
import { formatSeq, parseSeq } from '../seq';
import type { Connection } from './connection';
import { asBuffer, tokenOf } from './keys';
import type { Names } from './names';
import { APPEND, TRIM } from './scripts';
import type { RedisSignals } from './signals';

const TRIM_STEP = 500;

type StreamEntry = [id: Buffer, fields: Buffer[]];

/** The fields of an entry are written in one order only, see scripts.ts. */
function toEntry([id, fields]: StreamEntry): InboxEntry {
	const [, key, , at, , value] = fields;
	return {
		seq: id.toString().slice(0, -2), // '-0'
		key: String(key),
		at: Number(at),
		value: value ?? Buffer.alloc(0),
	};
}

export class RedisInbox implements Inbox {
	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly signals: RedisSignals,
	) {}

	/**
	 * Repeated when in doubt; an entry that the first try appended then counts as being there already,
	 * which is true.
	 */
	async append(
		entries: ReadonlyArray<{ key: string; value: Uint8Array }>,
		options: { fence?: Fence; journalDrop?: readonly string[] } = {},
	): Promise<Array<string | undefined>> {
		const { names } = this;
		const drop = options.journalDrop ?? [];
		const seqs = (await this.connection.script(
			APPEND,
			[
				...[names.lease, names.inbox, names.inboxLast, names.inboxSeen],
				...[names.journal, names.journalOrder],
			],
			[
				...[tokenOf(options.fence), names.channel, String(drop.length), ...drop],
				...entries.flatMap(({ key, value }) => [key, asBuffer(value)]),
			],
		)) as Buffer[];
		return seqs.map((seq) => (seq.length > 0 ? seq.toString() : undefined));
	}

	async read(after: string, limit: number): Promise<InboxEntry[]> {
		const from = `${formatSeq(parseSeq(after) + 1)}-0`;
		return await this.range('XRANGE', from, '+', limit);
	}

	async get(seq: string): Promise<InboxEntry | undefined> {
		const id = `${formatSeq(parseSeq(seq))}-0`;
		return (await this.range('XRANGE', id, id, 1))[0];
	}

	async latest(limit: number): Promise<InboxEntry[]> {
		return await this.range('XREVRANGE', '+', '-', limit);
	}

	async end(): Promise<string> {
		return (await this.latest(1))[0]?.seq ?? '';
	}

	async trim(before: number): Promise<number> {
		let gone = 0;
		for (;;) {
			// In steps, so that Redis is never busy for long.
			const step = Number(
				await this.connection.script(
					TRIM,
					[this.names.inbox, this.names.inboxSeen],
					[String(before), String(DEDUPE_AFTER_TRIM_MS), String(TRIM_STEP)],
				),
			);
			gone += step;
			if (step < TRIM_STEP) return gone;
		}
	}

	onAppend(listener: () => void): () => void {
		return this.signals.onAppend(listener);
	}

	private async range(
		command: 'XRANGE' | 'XREVRANGE',
		from: string,
		to: string,
		limit: number,
	): Promise<InboxEntry[]> {
		if (limit <= 0) return [];
		const { inbox } = this.names;
		const args = [command, inbox, from, to, 'COUNT', String(limit)];
		const found = (await this.connection.command(inbox, args, true)) as unknown as StreamEntry[];
		return found.map(toEntry);
	}
}
