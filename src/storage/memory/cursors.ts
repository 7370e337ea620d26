import type { Clock } from '../../clock';
import { decideClaim, decideDone, decideEmission } from '../deliveries';
import type { AccountSignals } from '../listeners';
import type { By, Cursors, Delivery, Emission } from '../roles';
import { parseSeq } from '../seq';

interface Trigger {
	position?: string;
	deliveries: Map<string, Delivery>;
}

export class MemoryCursors implements Cursors {
	private readonly triggers = new Map<string, Trigger>();

	constructor(
		private readonly clock: Clock,
		private readonly signals: AccountSignals,
	) {}

	async get(trigger: string): Promise<string | undefined> {
		return this.triggers.get(trigger)?.position;
	}

	async set(trigger: string, seq: string): Promise<void> {
		parseSeq(seq);
		const state = this.state(trigger);
		if (state.position !== undefined && seq < state.position) return;
		state.position = seq;
		for (const known of [...state.deliveries.keys()]) {
			if (known <= seq) state.deliveries.delete(known);
		}
	}

	async open(trigger: string): Promise<Delivery[]> {
		const deliveries = [...(this.triggers.get(trigger)?.deliveries.values() ?? [])];
		return deliveries.sort((a, b) => (a.seq < b.seq ? -1 : 1)).map((each) => ({ ...each }));
	}

	async emitted(
		trigger: string,
		seq: string,
		attempt: number,
		by: By,
		over = 0,
	): Promise<Emission> {
		const deliveries = this.after(trigger, seq);
		if (!deliveries) return 'done';
		const held = deliveries.get(seq);
		const { outcome, next } = decideEmission(held, attempt, by, over, this.clock.now());
		if (next) deliveries.set(seq, { seq, ...next });
		return outcome;
	}

	async claim(trigger: string, seq: string, attempt: number, by: By): Promise<boolean> {
		const deliveries = this.after(trigger, seq);
		if (!deliveries) return false;
		const claim = decideClaim(deliveries.get(seq), attempt, by, this.clock.now());
		if (claim.next) {
			deliveries.set(seq, { seq, ...claim.next });
			this.signals.claimSoon(trigger, seq);
		}
		return claim.won;
	}

	async done(trigger: string, seq: string, attempt: number): Promise<boolean> {
		const deliveries = this.after(trigger, seq);
		if (!deliveries) return true;
		const { ended, next } = decideDone(deliveries.get(seq), attempt, this.clock.now());
		if (next) deliveries.set(seq, { seq, ...next });
		return ended;
	}

	async remove(trigger: string): Promise<void> {
		this.triggers.delete(trigger);
	}

	async list(): Promise<string[]> {
		return [...this.triggers.keys()];
	}

	onClaim(listener: (trigger: string, seq: string) => void): () => void {
		return this.signals.claim.add(listener);
	}

	erase(): void {
		this.triggers.clear();
	}

	private state(trigger: string): Trigger {
		let state = this.triggers.get(trigger);
		if (!state) this.triggers.set(trigger, (state = { deliveries: new Map() }));
		return state;
	}

	/** The deliveries of the trigger, unless the cursor has passed `seq` already. */
	private after(trigger: string, seq: string): Map<string, Delivery> | undefined {
		parseSeq(seq);
		const state = this.state(trigger);
		return seq > (state.position ?? '') ? state.deliveries : undefined;
	}
}
