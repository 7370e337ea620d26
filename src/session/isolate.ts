/**
 * Keeps concurrent Signal operations out of each other's transactions. libsignal's queue_job.js runs
 * a queued job in the AsyncLocalStorage context of the job before it, and Baileys' transactions live
 * in that context: a message sent to somebody while one from the same person is being decrypted
 * wrote its ratchet step into the other's transaction, already committed, and the step was lost
 * (measured: 60 of 60 such overlaps left an outgoing message that could not be decrypted, 0 of 120
 * with this). Run outside of relayMessage's transaction, each operation opens one of its own, under
 * the lock of the peer that decryption uses too.
 */
import type { SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys';
import { AsyncResource } from 'node:async_hooks';

/** These open their own transaction already, or touch no session. */
const AS_THEY_ARE: ReadonlySet<string> = new Set([
	'decryptMessage',
	'decryptGroupMessage',
	'jidToSignalProtocolAddress',
	'close',
]);

/** Call it where no transaction is open: when the socket is made. */
export function isolate(repository: SignalRepositoryWithLIDStore): SignalRepositoryWithLIDStore {
	const outside = new AsyncResource('whatsapp-linked-signal');
	const isolated: Record<string, unknown> = { ...repository };
	for (const [name, member] of Object.entries(repository) as Array<[string, unknown]>) {
		if (typeof member !== 'function' || AS_THEY_ARE.has(name)) continue;
		isolated[name] = (...given: unknown[]): unknown =>
			outside.runInAsyncScope(() => (member as (...all: unknown[]) => unknown)(...given));
	}
	return isolated as unknown as SignalRepositoryWithLIDStore;
}
