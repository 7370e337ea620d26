/** What only we make of Baileys' events: it tells single steps, and no before and after. */
import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { AccountChange } from '../events/types';
import type { Directory } from '../history/directory';
import type { SessionState } from '../session/state';
import { AccountWatch } from './account';
import { Calls } from './calls';
import { contactChanges } from './contacts';
import type { Happened } from './receive';
import { snapshot } from './snapshot';

export class OwnEvents {
	private readonly account = new AccountWatch();
	private readonly calls = new Calls();

	constructor(
		private readonly deps: {
			directory: Pick<Directory, 'find' | 'nameOf'>;
			/** True until the first sync after linking is over. */
			syncing(): boolean;
			clock: Clock;
		},
	) {}

	/** Baileys' events, as they are now, with ours beside them. */
	with(events: Partial<BaileysEventMap>): Happened {
		const { clock } = this.deps;
		const happened: Happened = snapshot(events);
		for (const call of events.call ?? []) {
			const phase = this.calls.step(call);
			if (phase) happened['linked.call'] = phase;
		}
		const lock = events['connection.update']?.reachoutTimeLock;
		const restricted = lock && this.account.restriction(lock, clock.now());
		if (restricted) happened['linked.account'] = restricted;
		return happened;
	}

	/** Adds what is new of contacts. Call it right before the directory learns of the same. */
	addContacts(happened: Happened): void {
		// During the first sync everything would be new.
		const contacts = this.deps.syncing() ? [] : contactChanges(happened, this.deps.directory);
		if (contacts.length > 0) happened['linked.contacts'] = contacts;
	}

	/** A call that rang lately. */
	call(id: string): { from: string; over: boolean } | undefined {
		return this.calls.find(id);
	}

	/** The change that a state of the session brings about. */
	state(state: SessionState): AccountChange | undefined {
		return this.account.state(state);
	}
}
