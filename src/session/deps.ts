/** What a session works with. */
import type { AuthenticationState } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { Log } from '../log';
import type { AccountSettings } from '../settings';
import type { ConnectGate } from './connectGate';
import type { Stored } from './output';
import type { SocketHooks } from './socket';

/** The stored session, as src/auth opens it. */
export interface SessionAuth extends Partial<Stored> {
	readonly state: AuthenticationState;
	/** True when a phone has linked this device (and the session was stored). */
	registered(): boolean;
	saveCreds(): Promise<void> | void;
	flush(): Promise<void>;
	/** Erases creds and keys. This object is of no use afterwards. */
	clear(): Promise<void>;
}

export interface SessionDeps {
	settings(): AccountSettings;
	openAuth(): Promise<SessionAuth>;
	/** False when another process owns the number. */
	mayWrite(): boolean;
	/** Shared by all numbers of the process. */
	gate: ConnectGate;
	hooks: SocketHooks;
	clock: Clock;
	log: Log;
	/** For tests: a fixed jitter. */
	random?: () => number;
}
