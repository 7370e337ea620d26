import { LinkedError } from '../../errors';
import type { StorageDeps } from '../open';
import type { Storage } from '../roles';
import type { RedisTarget } from '../settings';

export const RedisStorage = class {
	constructor(_target: RedisTarget, _deps: StorageDeps) {
		throw new LinkedError('storage-settings', { detail: 'Redis is not there yet.' });
	}
} as unknown as new (target: RedisTarget, deps: StorageDeps) => Storage;
