/** Redis servers and what can happen to them, for test/bench/outage.ts. */
import type { StorageSettings } from '../../src/storage/open';
import { RedisServer } from '../helpers/redis';
import { RedisCluster } from '../helpers/redisCluster';
import { TcpProxy } from '../helpers/tcpProxy';
import { until } from '../helpers/until';

export interface Fault {
	name: string;
	begin(): Promise<void> | void;
	end(): Promise<void> | void;
}

export interface Place {
	storage: StorageSettings;
	faults: Fault[];
	close(): Promise<void>;
}

/** `one` server, one with `tls`, or a `cluster`. */
export async function placeOf(kind: string, account: string): Promise<Place> {
	if (kind === 'cluster') return await clusterPlace(account);
	if (kind === 'one' || kind === 'tls') return await serverPlace(kind === 'tls');
	throw new Error(`There is no kind "${kind}": one, tls or cluster.`);
}

async function serverPlace(tls: boolean): Promise<Place> {
	const first = await RedisServer.start({ aof: true, tls });
	const proxy = await TcpProxy.start(first.port);
	const servers = [first];
	/** The one that is used now. */
	let redis = first;
	const storage: StorageSettings = {
		kind: 'redis',
		url: `redis${tls ? 's' : ''}://localhost:${proxy.port}`,
		...(first.ca ? { tls: { ca: first.ca } } : {}),
	};
	const faults: Fault[] = [
		{ name: 'killed', begin: () => redis.kill(), end: () => redis.restart() },
		{ name: 'restarts', begin: () => redis.restart(), end: () => redis.restart() },
		{ name: 'hangs', begin: () => redis.pause(), end: () => redis.resume() },
		{
			name: 'slow',
			begin: () => void (proxy.delayMs = 100),
			end: () => void (proxy.delayMs = 0),
		},
		{
			name: 'full',
			begin: () => void redis.cli('CONFIG', 'SET', 'maxmemory', '1'),
			end: () => void redis.cli('CONFIG', 'SET', 'maxmemory', '0'),
		},
		{
			name: 'cut off',
			begin: () => {
				proxy.target = 1;
				proxy.cut();
			},
			end: () => void (proxy.target = redis.port),
		},
	];
	// A replica has to trust the certificate of its primary: one kind of server is enough for this.
	if (!tls) {
		faults.push({
			name: 'failover',
			async begin() {
				const replica = await RedisServer.start({ aof: true });
				servers.push(replica);
				replica.cli('REPLICAOF', '127.0.0.1', String(redis.port));
				await until('the replica', () =>
					replica.cli('INFO', 'replication').includes('link_status:up'),
				);
				// The line goes first: what is confirmed after the last word to the replica would be lost.
				proxy.target = 1;
				proxy.cut();
				await redis.replicatedTo(replica);
				replica.cli('REPLICAOF', 'NO', 'ONE');
				await redis.kill();
				redis = replica;
				proxy.target = replica.port;
			},
			end: () => {},
		});
	}
	return {
		storage,
		faults,
		async close() {
			await proxy.close();
			await Promise.all(servers.map(async (each) => await each.close()));
		},
	};
}

async function clusterPlace(account: string): Promise<Place> {
	const cluster = await RedisCluster.start({ replicas: true });
	const lease = `whatsapp-linked:{${account}}:lease`;
	return {
		storage: { kind: 'redis', url: cluster.url },
		faults: [
			{
				name: 'node dies',
				begin: async () => await cluster.failOver(lease),
				end: async () => await cluster.revive(),
			},
			{ name: 'hangs', begin: () => cluster.pause(), end: () => cluster.resume() },
		],
		close: async () => await cluster.close(),
	};
}
