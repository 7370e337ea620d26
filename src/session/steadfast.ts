/**
 * Keys for a socket that stands still while its storage is away. Baileys goes on after a write that
 * failed (it tells the server that a message was taken), so a write is tried again until it succeeds
 * or its socket is given up. Then it fails: what Baileys makes of that can no longer reach WhatsApp,
 * because the socket is closed by then, and must not reach us (heardAfterEnd() in socket.ts). It may
 * not simply stand still for ever: libsignal has one queue for each peer in the whole process, and
 * what hangs in it would keep every later socket from writing to that peer.
 */
import type { SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import { errorName, type Log } from '../log';

const RETRY_MS = 500;

export interface SteadfastDeps {
	/** Aborted when the socket these keys belong to is closed. */
	signal: AbortSignal;
	clock: Clock;
	log: Log;
	/** A stored value cannot be read: it is treated as missing, and this says so. */
	onDamage(error: LinkedError): void;
}

export function steadfast(keys: SignalKeyStore, deps: SteadfastDeps): SignalKeyStore {
	const { signal, clock, log } = deps;

	const insist = async <T>(what: string, task: () => Promise<T> | T): Promise<T> => {
		for (let tries = 0; ; tries++) {
			if (signal.aborted) throw new LinkedError('offline');
			try {
				return await task();
			} catch (error) {
				const { code, retry } = LinkedError.from(error);
				if (code === 'lease-lost' || retry === 'never') throw error;
				if (tries === 0)
					log.warn(`keys cannot be ${what}; trying again`, { error: errorName(error), code });
				await clock.sleep(RETRY_MS, signal).catch(() => {});
			}
		}
	};

	return {
		async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
			try {
				return await insist('read', () => keys.get(type, ids));
			} catch (error) {
				const known = LinkedError.from(error);
				if (signal.aborted || known.code === 'lease-lost') throw known;
				// One damaged session must not stop a number: the peer is asked to begin a new one.
				deps.onDamage(known);
				const found: { [id: string]: SignalDataTypeMap[T] } = {};
				for (const id of ids) {
					try {
						Object.assign(found, await keys.get(type, [id]));
					} catch {
						// This is the damaged one.
					}
				}
				return found;
			}
		},
		set: async (data) => await insist('written', () => keys.set(data)),
	};
}
