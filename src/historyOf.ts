/** The history of a number as any process reads it: put together from what is stored. */
import type { Sealer } from './auth';
import { loadBaileys } from './baileys';
import type { Clock } from './clock';
import { wordsFor } from './history';
import { readSelf } from './history/self';
import { StoredHistory } from './history/stored';
import type { History } from './history/types';
import { Messages } from './inbound/messages';
import type { AccountStorage } from './storage/roles';

export function historyOf(storage: AccountStorage, sealer: Sealer, clock: Clock): History {
	const { facts } = storage;
	return new StoredHistory({
		store: storage.history(sealer),
		words: wordsFor(sealer),
		me: async () => await readSelf(facts),
		lately: async (id) => await new Messages(facts, sealer, await loadBaileys()).get(id),
		now: () => clock.now(),
	});
}
