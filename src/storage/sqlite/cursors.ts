import { decideClaim, decideDone, decideEmission } from '../deliveries';
import type { AccountSignals } from '../listeners';
import type { By, Cursors, Delivery, DeliveryState, Emission } from '../roles';
import { formatSeq, parseSeq } from '../seq';
import type { Database } from './database';
import type { SqliteFile } from './file';

const toDelivery = (row: Record<string, unknown>): Delivery => ({
	seq: formatSeq(row.seq as number),
	state: row.state as DeliveryState,
	attempt: row.attempt as number,
	...(row.process === null ? {} : { process: row.process as string }),
	...(row.execution === null ? {} : { execution: row.execution as string }),
	at: row.at as number,
});

export class SqliteCursors implements Cursors {
	constructor(
		private readonly file: SqliteFile,
		private readonly account: string,
		private readonly signals: AccountSignals,
	) {}

	async get(trigger: string): Promise<string | undefined> {
		const position = this.file.run((db) => this.position(db, trigger));
		// 0 is the beginning, which is a position too.
		return position === undefined ? undefined : position === 0 ? '' : formatSeq(position);
	}

	async set(trigger: string, seq: string): Promise<void> {
		const position = parseSeq(seq);
		// A cursor that is behind only has what is done looked at again.
		await this.file.write(
			(db) => {
				db.prepare(
					`INSERT INTO cursors (account, trigger, seq) VALUES (?, ?, ?)
					 ON CONFLICT (account, trigger) DO UPDATE SET seq = max(coalesce(seq, 0), excluded.seq)`,
				).run(this.account, trigger, position);
				db.prepare('DELETE FROM deliveries WHERE account = ? AND trigger = ? AND seq <= ?').run(
					this.account,
					trigger,
					position,
				);
			},
			{ lazy: true },
		);
	}

	async open(trigger: string): Promise<Delivery[]> {
		return this.file.run((db) =>
			db
				.prepare(
					`SELECT seq, state, attempt, process, execution, at FROM deliveries
					 WHERE account = ? AND trigger = ? ORDER BY seq`,
				)
				.all(this.account, trigger)
				.map(toDelivery),
		);
	}

	async emitted(
		trigger: string,
		seq: string,
		attempt: number,
		by: By,
		over = 0,
	): Promise<Emission> {
		const outcome = await this.change(trigger, seq, (db, held) => {
			const decided = decideEmission(held, attempt, by, over, this.file.clock.now());
			if (decided.next) this.put(db, trigger, { seq, ...decided.next });
			return decided.outcome;
		});
		return outcome ?? 'done';
	}

	async claim(trigger: string, seq: string, attempt: number, by: By): Promise<boolean> {
		const claim = await this.change(trigger, seq, (db, held) => {
			const decided = decideClaim(held, attempt, by, this.file.clock.now());
			if (decided.next) this.put(db, trigger, { seq, ...decided.next });
			return decided;
		});
		if (claim?.next) this.signals.claimSoon(trigger, seq);
		return claim?.won ?? false;
	}

	async done(trigger: string, seq: string, attempt: number): Promise<boolean> {
		const ended = await this.change(trigger, seq, (db, held) => {
			const decided = decideDone(held, attempt, this.file.clock.now());
			if (decided.next) this.put(db, trigger, { seq, ...decided.next });
			return decided.ended;
		});
		return ended ?? true;
	}

	async remove(trigger: string): Promise<void> {
		await this.file.write((db) => {
			for (const table of ['cursors', 'deliveries']) {
				db.prepare(`DELETE FROM ${table} WHERE account = ? AND trigger = ?`).run(
					this.account,
					trigger,
				);
			}
		});
	}

	async list(): Promise<string[]> {
		return this.file.run((db) =>
			db
				.prepare('SELECT trigger FROM cursors WHERE account = ?')
				.all(this.account)
				.map(({ trigger }) => trigger as string),
		);
	}

	onClaim(listener: (trigger: string, seq: string) => void): () => void {
		return this.signals.claim.add(listener);
	}

	/** undefined when the trigger never read, 0 at the beginning. */
	private position(db: Database, trigger: string): number | undefined {
		const row = db
			.prepare('SELECT seq FROM cursors WHERE account = ? AND trigger = ?')
			.get(this.account, trigger);
		return typeof row?.seq === 'number' ? row.seq : undefined;
	}

	/** Changes one delivery in a transaction, unless the cursor has passed it: then undefined. */
	private async change<T>(
		trigger: string,
		seq: string,
		work: (db: Database, held: Delivery | undefined) => T,
	): Promise<T | undefined> {
		const position = parseSeq(seq);
		return await this.file.write((db) => {
			// A row without position makes the trigger known to list().
			db.prepare('INSERT OR IGNORE INTO cursors (account, trigger) VALUES (?, ?)').run(
				this.account,
				trigger,
			);
			if (position <= (this.position(db, trigger) ?? 0)) return undefined;
			const row = db
				.prepare(
					`SELECT seq, state, attempt, process, execution, at FROM deliveries
					 WHERE account = ? AND trigger = ? AND seq = ?`,
				)
				.get(this.account, trigger, position);
			return work(db, row && toDelivery(row));
		});
	}

	private put(db: Database, trigger: string, delivery: Delivery): void {
		db.prepare(
			`INSERT OR REPLACE INTO deliveries
			 (account, trigger, seq, state, attempt, process, execution, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		).run(
			this.account,
			trigger,
			parseSeq(delivery.seq),
			delivery.state,
			delivery.attempt,
			delivery.process ?? null,
			delivery.execution ?? null,
			delivery.at,
		);
	}
}
