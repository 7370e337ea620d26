/**
 * Storage that lives and dies with the process: for tests, simulations and tools. Every open storage
 * is one of its own.
 */
import { AccountSignals } from '../listeners';
import { LocalLease } from '../localLease';
import type { StorageDeps } from '../open';
import type { AccountId, AccountStorage, Storage, StorageHealth } from '../roles';
import { MemoryCursors } from './cursors';
import { MemoryFacts } from './facts';
import { MemoryHistory } from './history';
import { MemoryInbox } from './inbox';
import { MemoryKeys } from './keys';

export class MemoryStorage implements Storage {
	readonly kind = 'memory';
	readonly shared = false;
	private readonly accounts = new Map<AccountId, AccountStorage>();

	constructor(private readonly deps: StorageDeps) {}

	account(account: AccountId): AccountStorage {
		let found = this.accounts.get(account);
		if (!found) {
			found = this.create(account);
			this.accounts.set(account, found);
		}
		return found;
	}

	async ready(): Promise<void> {}

	health(): StorageHealth {
		return { ok: true };
	}

	onHealth(): () => void {
		return () => {};
	}

	async close(): Promise<void> {
		this.accounts.clear();
	}

	private create(account: AccountId): AccountStorage {
		const { clock, log } = this.deps;
		const signals = new AccountSignals(log);
		const lease = new LocalLease(clock, signals);
		const keys = new MemoryKeys(account, lease);
		const inbox = new MemoryInbox(clock, signals, lease, keys.pendingJournal);
		const cursors = new MemoryCursors(clock, signals);
		const facts = new MemoryFacts(clock, lease);
		const history = new MemoryHistory(lease);
		return {
			account,
			keys,
			journal: keys.journal,
			inbox,
			cursors,
			lease,
			facts,
			history: () => history,
			async erase() {
				await keys.clear();
				inbox.erase();
				cursors.erase();
				facts.erase();
				await history.clear();
				lease.drop();
			},
		};
	}
}
