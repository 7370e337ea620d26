/**
 * Keys for a socket that stands still while its storage is away. Baileys goes on after a write that
 * failed (it tells the server that a message was taken), so a failed write must not look like an
 * answer: it is tried again until it succeeds, and when this process may write no more, it never
 * ends; the socket it belongs to is being closed.
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
	const never = <T>() => new Promise<T>(() => {});

	const insist = async <T>(what: string, task: () => Promise<T> | T): Promise<T> => {
		for (let tries = 0; ; tries++) {
			if (signal.aborted) return await never<T>();
			try {
				return await task();
			} catch (error) {
				const { code, retry } = LinkedError.from(error);
				if (code === 'lease-lost') return await never<T>();
				if (retry === 'never') throw error;
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
				// One damaged session must not stop a number: the peer is asked to begin a new one.
				deps.onDamage(LinkedError.from(error));
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
