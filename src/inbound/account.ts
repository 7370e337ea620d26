/** What the states of the session and WhatsApp's restrictions mean as events of the account. */
import type { ConnectionState } from '@whiskeysockets/baileys';
import type { AccountChange } from '../events/types';
import type { SessionState } from '../session/state';

type Timelock = NonNullable<ConnectionState['reachoutTimeLock']>;
type Ended = Exclude<AccountChange, { kind: 'connected' }>;

/** Codes of a stopped session that are events of their own. */
const STOPPED: Readonly<Record<string, Ended['kind']>> = {
	'logged-out': 'loggedOut',
	replaced: 'replaced',
	banned: 'restricted',
};

export class AccountWatch {
	/** What was told last; a state that goes on is no news. */
	private told: 'connected' | 'ended' | undefined;
	private timelock = '';

	/** The change that a state of the session brings about. */
	state(state: SessionState): AccountChange | undefined {
		switch (state.name) {
			case 'open':
				this.told = 'connected';
				return {
					kind: 'connected',
					number: state.me.phone ? `+${state.me.phone}` : null,
					at: state.since,
				};
			case 'waiting':
				// Every failed try is another wait; the first one was told.
				if (this.told === 'ended') return undefined;
				return this.ended('disconnected', state, state.until);
			case 'stopped': {
				const kind = STOPPED[state.error.code] ?? 'disconnected';
				return this.ended(kind, state, state.until ?? null);
			}
			case 'unlinked': {
				if (this.told !== 'connected') return undefined;
				this.told = 'ended';
				const explanation = 'The number was logged out from n8n.';
				const at = state.since;
				return { kind: 'loggedOut', at, reason: 'logged-out', explanation, nextTry: null };
			}
			default:
				return undefined;
		}
	}

	/** The change that WhatsApp's word about new chats brings about. */
	restriction(lock: Timelock, now: number): AccountChange | undefined {
		// Only isActive can be trusted: enforcement types that Baileys does not know become DEFAULT.
		const active = lock.isActive === true;
		const ends = lock.timeEnforcementEnds ? new Date(lock.timeEnforcementEnds).getTime() : NaN;
		const until = active && Number.isFinite(ends) ? ends : null;
		const seen = active ? `until ${until ?? '?'}` : '';
		// Baileys asks again and again; the same answer is no news.
		if (seen === this.timelock) return undefined;
		this.timelock = seen;
		return {
			kind: 'restricted',
			at: now,
			reason: active ? 'new-chats' : 'lifted',
			explanation: active
				? 'This number may not begin new chats for now; existing chats go on.'
				: 'This number may begin new chats again.',
			nextTry: until,
		};
	}

	private ended(
		kind: Ended['kind'],
		state: Extract<SessionState, { name: 'waiting' | 'stopped' }>,
		nextTry: number | null,
	): Ended {
		this.told = 'ended';
		const { code, message } = state.error;
		return { kind, at: state.since, reason: code, explanation: message, nextTry };
	}
}
