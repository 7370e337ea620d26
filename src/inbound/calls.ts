/** What a call comes to: rung, missed or over. WhatsApp tells only the steps. */
import type { WACallEvent } from '@whiskeysockets/baileys';
import type { CallPhase } from '../events/types';
import { remember } from './bounded';

const REMEMBERED = 1_000;

export class Calls {
	/** Calls that somebody has taken. */
	private readonly taken = new Map<string, true>();
	/** Calls whose end was told; their later steps are no news. */
	private readonly over = new Map<string, true>();
	private readonly offers = new Map<string, WACallEvent>();

	/** The phase that this step brings about; undefined when it is none of ours. */
	step(call: WACallEvent): CallPhase | undefined {
		const { id, status } = call;
		if (status === 'offer') {
			if (this.offers.has(id)) return undefined;
			remember(this.offers, id, call, REMEMBERED);
			return { call, phase: 'offered' };
		}
		// Only the offer says who calls, and whether it is a group's.
		const { from, callerPn, groupJid, isGroup, isVideo } = this.offers.get(id) ?? call;
		const whole = { ...call, from, callerPn, groupJid, isGroup, isVideo };
		switch (status) {
			case 'accept':
				remember(this.taken, id, true, REMEMBERED);
				return undefined;
			case 'timeout':
				return this.end(id, { call: whole, phase: 'missed' });
			case 'reject':
				return this.end(id, { call: whole, phase: 'ended', outcome: 'rejected' });
			case 'terminate':
				// The caller hangs up before anybody took it, or the call is over.
				return this.end(
					id,
					this.taken.has(id)
						? { call: whole, phase: 'ended', outcome: 'ended' }
						: { call: whole, phase: 'missed' },
				);
			default:
				return undefined;
		}
	}

	/** Who called, and whether the call is over. */
	find(id: string): { from: string; over: boolean } | undefined {
		const offer = this.offers.get(id);
		return offer && { from: offer.from, over: this.over.has(id) };
	}

	private end(id: string, phase: CallPhase): CallPhase | undefined {
		if (this.over.has(id)) return undefined;
		remember(this.over, id, true, REMEMBERED);
		return phase;
	}
}
