/** Storage that several n8n processes share: one Redis (or cluster) for all accounts. */
import { LinkedError } from '../../errors';
import type { StorageDeps } from '../open';
import type { AccountId, AccountStorage, Storage, StorageHealth } from '../roles';
import type { RedisTarget } from '../settings';
import { Connection, type Patience } from './connection';
import { RedisCursors } from './cursors';
import { RedisFacts } from './facts';
import { RedisHistory } from './history';
import { RedisInbox } from './inbox';
import { RedisKeys } from './keys';
import { RedisLease } from './lease';
import { Names } from './names';
import { removeAll } from './scan';
import { KEEP_OUT } from './scripts';
import { RedisSignals } from './signals';

export interface RedisPatience extends Patience {
	/** How often listeners look for messages that were missed, milliseconds. */
	pollMs: number;
}

const POLL_MS = 3000;

/** How long erasing an account may take. */
const ERASING_MS = 60_000;

/** Streams came with 5; everything else we use is older. */
const OLDEST_VERSION = 5;

export class RedisStorage implements Storage {
	readonly kind = 'redis';
	readonly shared = true;
	private readonly connection: Connection;
	private readonly accounts = new Map<AccountId, AccountStorage>();
	private readonly signals: RedisSignals[] = [];
	private readonly pollMs: number;
	private checked = false;
	private closed = false;

	constructor(
		private readonly target: RedisTarget,
		private readonly deps: StorageDeps,
		{ pollMs = POLL_MS, ...patience }: Partial<RedisPatience> = {},
	) {
		this.pollMs = pollMs;
		this.connection = Connection.take(target, deps.log, patience);
	}

	account(account: AccountId): AccountStorage {
		let found = this.accounts.get(account);
		if (!found) this.accounts.set(account, (found = this.create(account)));
		return found;
	}

	/**
	 * @throws LinkedError `storage-unreachable`, `storage-refused` or `storage-settings`. The
	 * connection goes on trying meanwhile, so this may simply be called again.
	 */
	async ready(): Promise<void> {
		if (this.closed) throw new LinkedError('closing');
		await this.connection.connected();
		if (this.checked) return;
		this.check(String(await this.connection.command('', ['INFO'], true)));
		this.checked = true;
	}

	health(): StorageHealth {
		return this.connection.health;
	}

	onHealth(listener: (health: StorageHealth) => void): () => void {
		return this.connection.onHealth.add(listener);
	}

	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		for (const each of this.signals) each.close();
		await this.connection.release();
	}

	private check(info: string): void {
		const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
		const version = field('redis_version');
		if (version !== '' && Number.parseInt(version, 10) < OLDEST_VERSION) {
			throw new LinkedError('storage-settings', {
				detail: `Redis ${version} is too old: ${OLDEST_VERSION}.0 or newer is needed.`,
			});
		}
		const policy = field('maxmemory_policy');
		if (Number(field('maxmemory')) > 0 && policy !== 'noeviction') {
			this.deps.log.warn(
				'this Redis may throw sessions away when its memory is full: set maxmemory-policy to noeviction',
				{ policy },
			);
		}
	}

	private create(account: AccountId): AccountStorage {
		const { connection } = this;
		const names = new Names(this.target.prefix, account);
		const signals = new RedisSignals(connection, names, this.deps.log, this.pollMs);
		this.signals.push(signals);
		const keys = new RedisKeys(connection, names);
		return {
			account,
			keys,
			journal: keys.journal,
			inbox: new RedisInbox(connection, names, signals),
			cursors: new RedisCursors(connection, names, signals),
			lease: new RedisLease(connection, names, signals),
			facts: new RedisFacts(connection, names),
			history: (sealing) => new RedisHistory(connection, names, sealing),
			async erase() {
				// From here on no fenced write can bring anything back. The lease goes last: who got it
				// before would begin on what is half erased, and lose it to this.
				const args = [String(ERASING_MS)];
				await connection.script(KEEP_OUT, [names.lease, names.leaseToken], args);
				// Before what tells whose history it is.
				await removeAll(connection, names.lease, names.pattern('h:'));
				await removeAll(connection, names.lease, names.pattern(''), names.lease);
				await connection.command(names.lease, ['UNLINK', names.lease]);
			},
		};
	}
}
