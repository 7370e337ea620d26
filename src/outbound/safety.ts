import type { Command } from '../operations/types';

/** What src/safety says to one message before it goes out. Times are milliseconds since the epoch. */
export type Decision =
	| { kind: 'go' }
	| { kind: 'wait'; until: number; because: string }
	| { kind: 'refuse'; because: string; possibleAt?: number };

/** The hook between submit and lane. */
export interface SafetyGate {
	decide(request: { to: string; command: Command }): Promise<Decision>;
	/** What became of it, so that counters stay true. */
	sent(request: { to: string; command: Command }, status: 'accepted' | 'unknown'): Promise<void>;
	rejected(request: { to: string; command: Command }, status: number): Promise<void>;
}

/** Lets everything pass. */
export const openGate: SafetyGate = {
	decide: () => Promise.resolve({ kind: 'go' }),
	sent: () => Promise.resolve(),
	rejected: () => Promise.resolve(),
};
