/** The storages of this process, each opened once however many credentials are kept in it. */
import type { Clock } from './clock';
import { encryptionKey } from './host';
import { errorName, type Log } from './log';
import { NumberList } from './numbers';
import type { JsonObject } from './operations';
import { Presence } from './ownership/presence';
import type { Relay } from './ownership/relay';
import type { AccountSettings } from './settings';
import { openStorage, storageName } from './storage/open';
import type { Storage } from './storage/roles';

export interface OpenStorage {
	storage: Storage;
	/** Absent for storage that is not shared with other processes. */
	relay?: Relay;
	presence: Presence;
	list: NumberList;
}

export interface OpenStoragesDeps {
	/** Names this process. */
	process: string;
	/** Resolves when storages may be opened. */
	ready: Promise<void>;
	clock: Clock;
	log: Log;
}

export class OpenStorages {
	private readonly storages = new Map<string, Promise<OpenStorage>>();

	constructor(private readonly deps: OpenStoragesDeps) {}

	/** @throws LinkedError why it cannot be used */
	async get(settings: AccountSettings): Promise<OpenStorage> {
		const key = storageKey(settings);
		let opening = this.storages.get(key);
		if (!opening) {
			opening = this.open(settings);
			this.storages.set(key, opening);
			// A failure is not remembered: the next one who asks tries again.
			opening.catch(() => this.storages.delete(key));
		}
		const open = await opening;
		await open.storage.ready();
		return open;
	}

	/** Those that could be opened. */
	private async all(): Promise<OpenStorage[]> {
		const opened = await Promise.allSettled(this.storages.values());
		return opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
	}

	/**
	 * All numbers of the storages that this process has opened. Only the own one has a name: whoever may
	 * use one credential need not know whose the others are.
	 */
	async numbers(own: OpenStorage, account: string): Promise<JsonObject[]> {
		const found: JsonObject[] = [];
		for (const opened of await this.all()) {
			const { storage, list } = opened;
			if (!storage.health().ok) continue;
			for (const { account: of, state, since, owner } of await list.all()) {
				const isOwn = opened === own && of === account;
				found.push({ own: isOwn, state, since, owner, storage: storage.kind });
			}
		}
		return found.sort((a, b) => Number(b.own) - Number(a.own));
	}

	/**
	 * Who holds the lease of a number. Two addresses of one Redis (`localhost`, `127.0.0.1`) look like
	 * two storages; as one holder they would both open the number's socket and throw each other out.
	 */
	holder(settings: AccountSettings): string {
		const place = [...this.storages.keys()].indexOf(storageKey(settings));
		return place > 0 ? `${this.deps.process}/${place + 1}` : this.deps.process;
	}

	async close(): Promise<void> {
		for (const opening of this.storages.values()) {
			try {
				const { storage, relay, presence } = await opening;
				await relay?.close();
				await presence.stop();
				await storage.close();
			} catch (error) {
				this.deps.log.warn('a storage could not be closed', { error: errorName(error) });
			}
		}
		this.storages.clear();
	}

	private async open(settings: AccountSettings): Promise<OpenStorage> {
		const { process, ready, clock, log } = this.deps;
		await ready;
		const storage = openStorage(settings.storage, { clock, log });
		try {
			await storage.ready();
		} catch (error) {
			await storage.close().catch(() => {});
			throw error;
		}
		const presence = new Presence(storage, process, clock);
		await presence.start();
		return {
			storage,
			presence,
			relay: this.relay(settings),
			list: new NumberList(storage, presence),
		};
	}

	private relay(settings: AccountSettings): Relay | undefined {
		const { storage } = settings;
		if (storage.kind !== 'redis') return undefined;
		const { clock, log } = this.deps;
		// require() and not import(): BullMQ is loaded when it is needed, in tests as in n8n.
		/* eslint-disable @typescript-eslint/no-require-imports */
		const { BullRelay } =
			require('./ownership/bullRelay') as typeof import('./ownership/bullRelay');
		/* eslint-enable @typescript-eslint/no-require-imports */
		return new BullRelay(storage, {
			process: this.holder(settings),
			secret: encryptionKey(),
			clock,
			log: log.room('relay'),
		});
	}
}

/** Same storage, same key. Holds secrets: never logged. */
export const storageKey = ({ storage }: AccountSettings): string => storageName(storage);
