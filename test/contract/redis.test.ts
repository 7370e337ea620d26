import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { RedisStorage } from '../../src/storage/redis';
import { openStorage } from '../../src/storage/open';
import type { Storage } from '../../src/storage/roles';
import { checkRedis, type RedisSettings } from '../../src/storage/settings';
import { RedisServer } from '../helpers/redis';
import { RedisCluster } from '../helpers/redisCluster';
import { storageContract, type Backend } from './storage.contract';

/** One server, or several as one. */
interface Servers {
	url: string;
	ca?: string;
	close(): Promise<void>;
}

const backend = (start: () => Promise<Servers>) => async (): Promise<Backend> => {
	const server = await start();
	const opened: Storage[] = [];
	let count = 0;
	const settings = (): RedisSettings => ({
		kind: 'redis',
		url: server.url,
		tls: server.ca ? { ca: server.ca } : undefined,
		prefix: `test-${count}`,
	});
	const deps = { log: silentLog, clock: systemClock };
	const keep = async (storage: Storage) => {
		opened.push(storage);
		await storage.ready();
		return storage;
	};
	return {
		open: () => {
			count += 1;
			return keep(openStorage(settings(), deps));
		},
		// Other times make another connection, as another process would have.
		openAgain: () => keep(new RedisStorage(checkRedis(settings()), deps, { waitMs: 4000 + count })),
		async close() {
			await Promise.all(opened.map((storage) => storage.close()));
			await server.close();
		},
	};
};

storageContract('Redis', backend(RedisServer.start));
storageContract('Redis cluster', backend(RedisCluster.start));
storageContract(
	'Redis with TLS and password',
	backend(async () => await RedisServer.start({ tls: true, password: 'p@ss/w:rd' })),
);
