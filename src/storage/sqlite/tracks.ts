/**
 * How far each trigger of an account is, in memory: the file belongs to this process alone, so what
 * is in it is known here once it was read. What has changed is written once a commit, just before it,
 * as it is then: what was emitted, claimed and passed meanwhile leaves nothing but the new position.
 *
 * After something was taken back all of it is read anew, so that memory never knows more than the
 * file; the writes that are run again (group.ts) change it again.
 */
import type { Delivery } from '../roles';
import { formatSeq } from '../seq';
import { ClaimOrder } from './claimOrder';
import type { Behind, Database } from './database';

type Held = Omit<Delivery, 'seq'>;

interface Known extends Held {
	/** There is a row of it. */
	stored: boolean;
}

export class Track {
	/** Its row has to be written; without one nobody knows of the trigger. */
	moved = false;
	/** Stored deliveries that the position has passed. */
	passed = false;
	readonly changed = new Set<string>();
	/** The event that was claimed last. */
	claimed?: string;

	constructor(
		/** undefined when it never read, '' at the beginning */
		public position: string | undefined,
		public known: boolean,
		readonly open: Map<string, Known>,
	) {}

	/** Changes of what is over change nothing. */
	isPassed(seq: string): boolean {
		return seq <= (this.position ?? '');
	}

	/** Makes it known to list(), without a position. */
	note(): void {
		if (this.known) return;
		this.known = this.moved = true;
	}

	put(seq: string, next: Held): void {
		this.open.set(seq, { ...next, stored: this.open.get(seq)?.stored ?? false });
		this.changed.add(seq);
	}

	moveTo(seq: string): void {
		this.note();
		if (this.position !== undefined && seq <= this.position) return;
		this.position = seq;
		this.moved = true;
		for (const [each, { stored }] of this.open) {
			if (each > seq) continue;
			this.open.delete(each);
			this.changed.delete(each);
			if (stored) this.passed = true;
		}
	}
}

export class Tracks implements Behind {
	private readonly all = new Map<string, Track>();
	private readonly touched = new Map<string, Track>();
	private rollbacks = 0;
	/** When something was claimed, by the clock of performance.now(). */
	claimedAt = -Infinity;
	readonly order = new ClaimOrder();

	constructor(private readonly account: string) {}

	/** To look at. */
	of(db: Database, trigger: string): Track {
		if (db.rollbacks !== this.rollbacks) {
			this.clear();
			this.rollbacks = db.rollbacks;
		}
		let track = this.all.get(trigger);
		if (!track) this.all.set(trigger, (track = this.read(db, trigger)));
		return track;
	}

	/** To change: what has changed is written with the next commit. */
	change(db: Database, trigger: string): Track {
		const track = this.of(db, trigger);
		this.touched.set(trigger, track);
		db.beforeCommit(this);
		return track;
	}

	/** Triggers that have a position or deliveries. */
	list(db: Database): string[] {
		const stored = db.prepare('SELECT trigger FROM cursors WHERE account = ?').all(this.account);
		const known = new Set(stored.map(({ trigger }) => trigger as string));
		for (const trigger of this.touched.keys()) {
			if (this.of(db, trigger).known) known.add(trigger);
		}
		return [...known];
	}

	/** Part of a write. */
	remove(db: Database, trigger: string): void {
		for (const table of ['cursors', 'deliveries']) {
			db.prepare(`DELETE FROM ${table} WHERE account = ? AND trigger = ?`).run(
				this.account,
				trigger,
			);
		}
		this.all.delete(trigger);
		this.touched.delete(trigger);
	}

	/** Forgets what is not written yet, and reads the rest anew. */
	clear(): void {
		this.all.clear();
		this.touched.clear();
	}

	private read(db: Database, trigger: string): Track {
		const row = db
			.prepare('SELECT seq FROM cursors WHERE account = ? AND trigger = ?')
			.get(this.account, trigger);
		const open = db
			.prepare(
				`SELECT seq, state, attempt, process, execution, at FROM deliveries
				 WHERE account = ? AND trigger = ?`,
			)
			.all(this.account, trigger)
			.map((each): [string, Known] => [formatSeq(each.seq as number), toKnown(each)]);
		// 0 is the beginning, which is a position too.
		const seq = typeof row?.seq === 'number' ? row.seq : undefined;
		const position = seq === undefined ? undefined : seq === 0 ? '' : formatSeq(seq);
		return new Track(position, row !== undefined, new Map(open));
	}

	/** What has changed, in the transaction that ends now. */
	write(db: Database): void {
		for (const [trigger, track] of this.touched) {
			const { position } = track;
			if (track.moved) {
				db.prepare('INSERT OR REPLACE INTO cursors (account, trigger, seq) VALUES (?, ?, ?)').run(
					this.account,
					trigger,
					position === undefined ? null : Number(position),
				);
			}
			if (track.passed) {
				db.prepare('DELETE FROM deliveries WHERE account = ? AND trigger = ? AND seq <= ?').run(
					this.account,
					trigger,
					Number(position),
				);
			}
			for (const seq of track.changed) {
				const held = track.open.get(seq);
				if (held) this.put(db, trigger, seq, held);
			}
			track.moved = track.passed = false;
			track.changed.clear();
		}
		this.touched.clear();
	}

	private put(db: Database, trigger: string, seq: string, held: Known): void {
		db.prepare(
			`INSERT OR REPLACE INTO deliveries
			 (account, trigger, seq, state, attempt, process, execution, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		).run(
			this.account,
			trigger,
			Number(seq),
			held.state,
			held.attempt,
			held.process ?? null,
			held.execution ?? null,
			held.at,
		);
		held.stored = true;
	}
}

const toKnown = (row: Record<string, unknown>): Known => ({
	state: row.state as Delivery['state'],
	attempt: row.attempt as number,
	...(row.process === null ? {} : { process: row.process as string }),
	...(row.execution === null ? {} : { execution: row.execution as string }),
	at: row.at as number,
	stored: true,
});
