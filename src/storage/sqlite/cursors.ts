import { LinkedError } from '../../errors';
import { decideClaim, decideDone, decideEmission } from '../deliveries';
import type { AccountSignals } from '../listeners';
import type { By, Cursors, Delivery, Emission, WriteOptions } from '../roles';
import { parseSeq } from '../seq';
import { isClaimed } from './claimOrder';
import type { Database } from './database';
import type { SqliteFile } from './file';
import { LAZY_MS } from './group';
import type { Tracks } from './tracks';

/** Nobody waits for these: what they keep from being done twice has been done. */
const LAZY: WriteOptions = { lazy: true };

export class SqliteCursors implements Cursors {
	readonly notesLater = true;

	constructor(
		private readonly file: SqliteFile,
		private readonly signals: AccountSignals,
		private readonly tracks: Tracks,
	) {}

	async get(trigger: string): Promise<string | undefined> {
		return this.file.run((db) => this.tracks.of(db, trigger).position);
	}

	async set(trigger: string, seq: string): Promise<void> {
		parseSeq(seq);
		await this.file.write((db) => this.tracks.change(db, trigger).moveTo(seq), LAZY);
	}

	async open(trigger: string): Promise<Delivery[]> {
		const { open } = this.file.run((db) => this.tracks.of(db, trigger));
		return [...open.keys()].sort().flatMap((seq) => {
			const held = open.get(seq);
			if (!held) return [];
			const { stored: _, ...delivery } = held;
			return [{ seq, ...delivery }];
		});
	}

	async emitted(
		trigger: string,
		seq: string,
		attempt: number,
		by: By,
		over = 0,
	): Promise<Emission> {
		const emit = (db: Database) => {
			const { next, outcome } = this.decide(db, trigger, seq, (held) =>
				decideEmission(held, attempt, by, over, this.file.clock.now()),
			) ?? { outcome: 'done' };
			return { next, outcome };
		};
		// Nobody has to know of a first attempt before this process ends, see Cursors.notesLater.
		const run = attempt === 1 ? this.file.run(emit) : await this.file.write(emit);
		return run.outcome;
	}

	async claim(trigger: string, seq: string, attempt: number, by: By): Promise<boolean> {
		let told = false;
		let before: string | undefined;
		const { order } = this.tracks;
		const now = performance.now();
		const lazy = now - this.tracks.claimedAt < LAZY_MS;
		this.tracks.claimedAt = now;
		const claiming = this.file.write(
			(db) => {
				const track = this.tracks.change(db, trigger);
				order.check(trigger, track, seq, this.file.clock.now());
				// Run again, after the one before may have failed.
				if (told && before !== undefined && !isClaimed(track, before)) {
					throw new LinkedError('storage-unreachable');
				}
				const decided = this.decide(db, trigger, seq, (held) =>
					decideClaim(held, attempt, by, this.file.clock.now()),
				);
				if (!decided?.next) return decided;
				// What follows need not wait for the commit: it is committed together with this or later.
				if (!told) {
					told = true;
					before = track.claimed;
					this.signals.claimSoon(trigger, seq);
				}
				track.claimed = seq;
				return decided;
			},
			{ lazy },
		);
		try {
			return (await claiming)?.won ?? false;
		} catch (error) {
			if (told) order.refuse(trigger, seq, this.file.clock.now());
			throw error;
		}
	}

	async done(trigger: string, seq: string, attempt: number): Promise<boolean> {
		const decided = await this.file.write(
			(db) =>
				this.decide(db, trigger, seq, (held) => decideDone(held, attempt, this.file.clock.now())),
			LAZY,
		);
		return decided?.ended ?? true;
	}

	async remove(trigger: string): Promise<void> {
		await this.file.write((db) => this.tracks.remove(db, trigger));
	}

	async list(): Promise<string[]> {
		return this.file.run((db) => this.tracks.list(db));
	}

	onClaim(listener: (trigger: string, seq: string) => void): () => void {
		return this.signals.claim.add(listener);
	}

	/** Changes one delivery, unless the cursor has passed it: then undefined. */
	private decide<T extends { next?: Omit<Delivery, 'seq'> }>(
		db: Database,
		trigger: string,
		seq: string,
		rule: (held: Omit<Delivery, 'seq'> | undefined) => T,
	): T | undefined {
		parseSeq(seq);
		const track = this.tracks.change(db, trigger);
		track.note();
		if (track.isPassed(seq)) return undefined;
		const decided = rule(track.open.get(seq));
		if (decided.next) track.put(seq, decided.next);
		return decided;
	}
}
