import { LinkedError } from '../errors';
import type { KeyStore } from '../storage/roles';

/**
 * The key store of one opened session, which is of no use any more after its first failure: what
 * Baileys holds in memory may then be ahead of what is stored, and must neither be used nor written.
 * @param onFailure called at once, before the failure reaches Baileys
 */
export function watchKeys(keys: KeyStore, onFailure: (error: LinkedError) => void): KeyStore {
	let failure: LinkedError | undefined;
	const watched = async <T>(task: () => Promise<T>): Promise<T> => {
		if (failure) throw failure;
		try {
			return await task();
		} catch (error) {
			if (!failure) {
				failure = LinkedError.from(error);
				onFailure(failure);
			}
			throw error;
		}
	};
	return {
		gathers: keys.gathers,
		getMany: async (names) => await watched(() => keys.getMany(names)),
		write: async (batch, fence) => await watched(() => keys.write(batch, fence)),
		keys: (prefix) => keys.keys(prefix),
		clear: async () => await watched(() => keys.clear()),
	};
}
