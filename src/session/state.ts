import type { AuthenticationState } from '@whiskeysockets/baileys';
import { LinkedError } from '../errors';
import type { LogFacts } from '../log';

/** Who the linked device acts as. */
export interface Me {
	/** Digits of the phone number. */
	phone: string;
	/** The account's LID with `@lid`, when WhatsApp told it. */
	lid?: string;
	/** JID with device, e.g. `15550101:7@s.whatsapp.net`. */
	jid: string;
	/** The own push name, when it arrived. */
	name?: string;
}

/** What can be scanned or typed to link the number right now. */
export interface PairingOffer {
	qr: string;
	/** Eight characters, when the credential names a phone number. */
	code?: string;
	/** WhatsApp gave no code for the phone number of the credential. */
	codeRefused?: true;
	/** Milliseconds since the epoch; a new QR follows while references last. */
	expiresAt: number;
}

/**
 * The life of one number's connection.
 * - `unlinked`: no session is stored, and nobody is linking.
 * - `connecting`: a socket is being opened.
 * - `pairing`: the server offers references; `offer` can be scanned.
 * - `open`: logged in; messages flow.
 * - `waiting`: a passing fault; reconnects at `until`.
 * - `stopped`: only a person (or, where `until` is set, time) changes it.
 * - `elsewhere`: another process owns the socket.
 * - `closed`: nobody needs the number.
 */
export type SessionState =
	| { name: 'unlinked'; since: number; error?: LinkedError }
	| { name: 'connecting'; since: number }
	| { name: 'pairing'; since: number; offer?: PairingOffer }
	| { name: 'open'; since: number; me: Me }
	| { name: 'waiting'; since: number; until: number; error: LinkedError }
	| { name: 'stopped'; since: number; error: LinkedError; until?: number }
	| { name: 'elsewhere'; since: number; holder: string }
	| { name: 'closed'; since: number };

export type SessionStateName = SessionState['name'];

/** What of a state is worth a line in the log. */
export function stateFacts(state: SessionState): LogFacts {
	if ('error' in state && state.error) return { error: state.error.code, ...state.error.data };
	return {};
}

/** Who the stored session belongs to. */
export function readMe({ creds: { me } }: AuthenticationState): Me {
	return {
		jid: me?.id ?? '',
		phone: me?.id?.split(/[:@]/)[0] ?? '',
		lid: me?.lid?.replace(/:\d+@/, '@'),
		name: me?.name && me.name !== '~' ? me.name : undefined,
	};
}

/**
 * True when messages can flow, false while that may come by itself.
 * @param closing the connection was closed on purpose
 * @throws LinkedError why it will not
 */
export function isUsable(state: SessionState, closing: boolean): boolean {
	switch (state.name) {
		case 'open':
			return true;
		case 'stopped':
			throw state.error;
		case 'unlinked':
			throw state.error?.code === 'not-linked' ? state.error : new LinkedError('not-linked');
		case 'pairing':
			throw new LinkedError('not-linked');
		case 'closed':
			throw new LinkedError(closing ? 'closing' : 'offline');
		default:
			return false;
	}
}
