import type { CacheStore } from '@whiskeysockets/baileys';

/** Baileys' retry counters: small, bounded, forgotten oldest first. */
export function retryCounters(limit = 5_000): CacheStore {
	const entries = new Map<string, unknown>();
	return {
		get: <T>(key: string) => entries.get(key) as T | undefined,
		set: <T>(key: string, value: T) => {
			entries.delete(key);
			entries.set(key, value);
			const oldest = entries.keys().next();
			if (entries.size > limit && !oldest.done) entries.delete(oldest.value);
		},
		del: (key: string) => void entries.delete(key),
		flushAll: () => entries.clear(),
	};
}
