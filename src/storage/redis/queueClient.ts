/**
 * Connections for BullMQ. It takes clients of node-redis, but plain ones (strings as strings), and
 * knows nothing of clusters (bullmq 6.7, node-redis-client.js: "TODO: cluster support"), so a cluster
 * gets the face of a single client here. All keys of one queue share a hash tag, so that its scripts
 * find them on one node.
 */
import { createClient } from '@redis/client';
import { EventEmitter } from 'node:events';
import type { RedisTarget } from '../settings';
import { clientOptions } from './clientOptions';
import { createClusterClient } from './clusterClient';

export interface QueueClient {
	/** What BullMQ's createNodeRedisClient() wraps. It connects by itself, again and again. */
	readonly raw: object;
	readonly ready: boolean;
	/** The clock of the Redis server, milliseconds since the epoch. */
	time(): Promise<number>;
	/** Removes a key this much later. */
	expire(key: string, ms: number): Promise<void>;
	onReady(listener: () => void): void;
	onError(listener: (error: unknown) => void): void;
	destroy(): void;
}

/**
 * @param wait true: what is asked for while Redis is away is sent when it is back; false: it fails
 * at once, and then it surely was not done
 */
export function createQueueClient(target: RedisTarget, wait: boolean): QueueClient {
	const raw = target.cluster
		? clusterFace(() => createClusterClient(target, wait))
		: single(target, wait);
	return {
		raw,
		get ready() {
			return raw.isReady;
		},
		async time() {
			const [seconds = '0', micros = '0'] = (await raw.time()) as unknown as [string, string];
			return Number(seconds) * 1000 + Number(micros) / 1000;
		},
		async expire(key, ms) {
			await raw.pExpire(key, ms);
		},
		onReady: (listener) => void raw.on('ready', listener),
		onError: (listener) => void raw.on('error', listener),
		destroy() {
			if (raw.isOpen) raw.destroy();
		},
	};
}

function single(target: RedisTarget, wait: boolean) {
	return createClient({ ...clientOptions(target), disableOfflineQueue: !wait });
}

const RETRY_MS = 1_000;

/** A cluster that looks like one client: it says when it is ready, and connects until it is. */
function clusterFace(
	make: () => ReturnType<typeof createClusterClient>,
): ReturnType<typeof single> {
	const real = make();
	const events = new EventEmitter();
	let ready = false;
	let ended = false;
	real.on('error', (error) => {
		if (events.listenerCount('error') > 0) events.emit('error', error);
	});
	const connect = async () => {
		while (!ended) {
			try {
				await real.connect();
				ready = true;
				events.emit('ready');
				return;
			} catch (error) {
				if (events.listenerCount('error') > 0) events.emit('error', error);
				await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
			}
		}
	};
	const end = () => {
		ended = true;
		ready = false;
		if (real.isOpen) real.destroy();
		events.emit('end');
	};
	let connecting: Promise<void> | undefined;
	const own: Record<string, unknown> = {
		connect: () => {
			ended = false;
			return (connecting ??= connect().finally(() => (connecting = undefined)));
		},
		duplicate: () => clusterFace(make),
		destroy: end,
		quit: async () => Promise.resolve(end()),
		// A name is for one connection; a cluster has several, made as they are needed.
		clientSetName: async () => Promise.resolve('OK'),
		options: {},
	};
	for (const name of ['on', 'once', 'off', 'removeListener', 'emit', 'listenerCount'] as const) {
		own[name] = (events[name] as (...args: unknown[]) => unknown).bind(events);
	}
	return new Proxy(real, {
		get(target, name) {
			if (name === 'isReady') return ready;
			if (name === 'isOpen') return connecting !== undefined || target.isOpen;
			if (typeof name === 'string' && name in own) return own[name];
			const value: unknown = Reflect.get(target, name);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	}) as unknown as ReturnType<typeof single>;
}
