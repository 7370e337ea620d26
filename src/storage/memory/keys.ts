import Keyv from 'keyv';
import { copy } from '../bytes';
import type { LocalLease } from '../localLease';
import type { Fence, Journal, KeyStore, WriteBatch } from '../roles';

/** Keys and journal of one account in two maps; reads go through Keyv as in the other backends. */
export class MemoryKeys implements KeyStore {
	private readonly stored = new Map<string, { value: Uint8Array }>();
	readonly pendingJournal = new Map<string, Uint8Array>();
	private readonly keyv: Keyv<Uint8Array>;

	constructor(
		account: string,
		private readonly lease: LocalLease,
	) {
		this.keyv = new Keyv<Uint8Array>({
			store: this.stored,
			namespace: account,
			// The map is this account's own, and values stay the bytes they are.
			useKeyPrefix: false,
			serialize: undefined,
			deserialize: undefined,
			throwOnErrors: true,
		});
	}

	async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
		const found = await this.keyv.getMany<Uint8Array>([...keys]);
		return found.map((value) => value && copy(value));
	}

	async write(batch: WriteBatch, fence?: Fence): Promise<void> {
		this.lease.check(fence);
		for (const key of batch.delete ?? []) this.stored.delete(key);
		for (const [key, value] of batch.set ?? []) this.stored.set(key, { value: copy(value) });
		for (const id of batch.journalDrop ?? []) this.pendingJournal.delete(id);
		for (const [id, value] of batch.journalPut ?? []) this.pendingJournal.set(id, copy(value));
	}

	async *keys(prefix: string): AsyncIterable<string> {
		for (const key of [...this.stored.keys()]) if (key.startsWith(prefix)) yield key;
	}

	async clear(): Promise<void> {
		this.stored.clear();
		this.pendingJournal.clear();
	}

	readonly journal: Journal = {
		pending: () => this.listPending(),
		size: async () => this.pendingJournal.size,
	};

	private async *listPending() {
		for (const [id, value] of [...this.pendingJournal]) yield { id, value: copy(value) };
	}
}
