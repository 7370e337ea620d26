/** How every connection of ours to Redis behaves. */
import type { RedisClientOptions } from '@redis/client';
import type { RedisTarget } from '../settings';

/** Doubling from 100 ms to 3 s, with up to a quarter of jitter so that processes spread out. */
export const retryIn = (attempt: number): number => {
	const delay = Math.min(3000, 100 * 2 ** Math.min(attempt, 10));
	return Math.round(delay * (1 + Math.random() / 4));
};

export function clientOptions(target: RedisTarget) {
	const [node] = target.nodes;
	const { tls } = target;
	return {
		username: target.username,
		password: target.password,
		database: target.database || undefined,
		// What is not sent yet when the connection goes must fail at once: we wait and repeat ourselves,
		// and a command must never run long after its caller has given up.
		disableOfflineQueue: true,
		maintNotifications: 'disabled',
		// Together they find out that a peer is gone although the connection still looks open.
		pingInterval: 5000,
		socket: {
			host: node?.host,
			port: node?.port,
			connectTimeout: 5000,
			socketTimeout: 15_000,
			reconnectStrategy: retryIn,
			...(tls ? { ...tls, tls: true as const } : {}),
		},
	} satisfies RedisClientOptions;
}
