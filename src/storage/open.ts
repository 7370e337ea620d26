/** Opens the storage that the settings name. A driver is loaded when its kind is first opened. */
import type { Clock } from '../clock';
import { LinkedError } from '../errors';
import type { Log } from '../log';
import type { Storage } from './roles';
import { checkRedis, checkSqlite, type StorageSettings } from './settings';

export type { StorageSettings } from './settings';

export interface StorageDeps {
	log: Log;
	clock: Clock;
}

/**
 * One name for a storage, however its settings are written: a default that is filled in or not, a
 * URL or its parts. For settings that name none it is theirs alone.
 */
export function storageName(settings: StorageSettings): string {
	try {
		const named = settings.kind === 'redis' ? checkRedis(settings) : settings;
		return JSON.stringify({ kind: settings.kind, ...named });
	} catch {
		return JSON.stringify(settings);
	}
}

/**
 * Opens a storage. Handles on the same SQLite folder or the same Redis share file or connection
 * within a process; the last `close()` lets it go. Nothing is touched before `ready()` or the first
 * use, so this never fails for a server that is away.
 * @throws LinkedError `storage-settings` that names the field.
 */
export function openStorage(settings: StorageSettings, deps: StorageDeps): Storage {
	// require() and not import(): the drivers must load late, yet opening stays synchronous.
	/* eslint-disable @typescript-eslint/no-require-imports */
	switch (settings.kind) {
		case 'sqlite': {
			const checked = checkSqlite(settings);
			const { SqliteStorage } = require('./sqlite') as typeof import('./sqlite');
			return new SqliteStorage(checked.folder, deps);
		}
		case 'redis': {
			const target = checkRedis(settings);
			const { RedisStorage } = require('./redis') as typeof import('./redis');
			return new RedisStorage(target, deps);
		}
		case 'memory': {
			const { MemoryStorage } = require('./memory') as typeof import('./memory');
			return new MemoryStorage(deps);
		}
		default:
			throw new LinkedError('storage-settings', {
				detail: 'kind must be sqlite, redis or memory.',
				data: { field: 'kind' },
			});
	}
	/* eslint-enable @typescript-eslint/no-require-imports */
}
