/**
 * Clients of a Redis cluster. node-redis (5.12) asks the cluster which node has what when a node sends
 * it elsewhere, but a node that has died sends nobody anywhere: it would be waited for for ever while
 * its replica has long taken over. So the cluster is asked whenever a connection to a node fails.
 */
import { createCluster } from '@redis/client';
import type { RedisTarget } from '../settings';
import { clientOptions } from './clientOptions';

/** Failures of one moment have one cause. */
const ASK_AFTER_MS = 200;

/** @param wait see createQueueClient() */
export function createClusterClient(target: RedisTarget, wait = false) {
	const { socket, database: _none, ...defaults } = clientOptions(target);
	const { host: _host, port: _port, ...common } = socket;
	const rootNodes = target.nodes.map(({ host, port }) => ({ socket: { ...common, host, port } }));
	const client = createCluster({
		rootNodes,
		defaults: { ...defaults, disableOfflineQueue: !wait, socket: common },
		// Otherwise one node that is away keeps the whole cluster from being used.
		minimizeConnections: true,
	});
	let timer: NodeJS.Timeout | undefined;
	const ask = () => {
		timer = undefined;
		if (!client.isOpen) return;
		const living = client.masters.find((node) => node.client && isReady(node.client));
		const from = living?.client ?? { options: rootNodes[0] };
		// It reads nothing of that but its options, and goes on with the root nodes.
		type From = Parameters<typeof client._slots.rediscover>[0];
		client._slots.rediscover(from as From).catch(() => {}); // asked again at the next failure
	};
	const soon = () => void (timer ??= setTimeout(ask, ASK_AFTER_MS).unref());
	client.on('node-error', soon);
	client.on('node-reconnecting', soon);
	return client;
}

/** Some are still being connected. */
const isReady = (client: object): boolean =>
	'isReady' in client && (client as { isReady: boolean }).isReady;
