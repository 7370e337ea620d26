/** The clients of node-redis behind one face, whether for one server or for a cluster. */
import {
	createClient,
	createCluster,
	RESP_TYPES,
	type RedisArgument,
	type RedisClientOptions,
} from '@redis/client';
import type { RedisTarget } from '../settings';

/** A reply in which strings are bytes. */
export type Reply = Buffer | number | null | Reply[];

/** Strings come back as the bytes they are, so that values need no base64. */
const BYTES = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

export interface LinkEvents {
	/** A connection is there; also after each reconnect. */
	ready(): void;
	/** A connection failed or could not be made. */
	failed(error: unknown): void;
	/** The subscriber is connected again; messages in between are lost. */
	resubscribed(): void;
}

export interface Link {
	/** The client that gives strings as bytes, for @keyv/redis. */
	readonly client: ReturnType<typeof byteClient> | ReturnType<typeof byteCluster>;
	readonly ready: boolean;
	/** Starts connecting; outcome and every later change come as events. */
	connect(): void;
	/** Sends one command; `key` is one of its keys, by which a cluster finds the node. */
	send(key: string, args: RedisArgument[], readOnly?: boolean): Promise<Reply>;
	subscribe(channel: string, listener: (message: string) => void): Promise<void>;
	unsubscribe(channel: string): Promise<void>;
	/** Drops the connections at once. */
	destroy(): void;
	/** Waits for answers that are under way. */
	close(): Promise<void>;
}

/** Doubling from 100 ms to 3 s, with up to a quarter of jitter so that processes spread out. */
const retryIn = (attempt: number): number => {
	const delay = Math.min(3000, 100 * 2 ** Math.min(attempt, 10));
	return Math.round(delay * (1 + Math.random() / 4));
};

function clientOptions(target: RedisTarget) {
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

const byteClient = (options: ReturnType<typeof clientOptions>) =>
	createClient(options).withTypeMapping(BYTES);

function byteCluster(target: RedisTarget) {
	const { socket, database: _none, ...defaults } = clientOptions(target);
	const { host: _host, port: _port, ...common } = socket;
	return createCluster({
		rootNodes: target.nodes.map(({ host, port }) => ({ socket: { ...common, host, port } })),
		defaults: { ...defaults, socket: common },
	}).withTypeMapping(BYTES);
}

export function createLink(target: RedisTarget, events: LinkEvents): Link {
	return target.cluster ? clusterLink(target, events) : singleLink(target, events);
}

function singleLink(target: RedisTarget, events: LinkEvents): Link {
	const options = clientOptions(target);
	const client = byteClient(options);
	// A connection that subscribes can do nothing else.
	const subscriber = createClient({ ...options, disableOfflineQueue: false });
	client.on('error', events.failed);
	client.on('ready', events.ready);
	subscriber.on('error', () => {}); // the poll covers what it misses, the other connection reports
	subscriber.on('ready', events.resubscribed);
	const opened = (open: Promise<unknown>) => void open.catch(events.failed);
	return {
		client,
		get ready() {
			return client.isReady;
		},
		connect: () => opened(client.connect()),
		send: async (_key, args) => (await client.sendCommand(args, { typeMapping: BYTES })) as Reply,
		async subscribe(channel, listener) {
			if (!subscriber.isOpen) subscriber.connect().catch(() => {});
			await subscriber.subscribe(channel, listener);
		},
		async unsubscribe(channel) {
			if (subscriber.isOpen) await subscriber.unsubscribe(channel);
		},
		destroy() {
			for (const each of [client, subscriber]) if (each.isOpen) each.destroy();
		},
		async close() {
			if (subscriber.isOpen) subscriber.destroy();
			if (client.isReady) await client.close();
			else if (client.isOpen) client.destroy();
		},
	};
}

function clusterLink(target: RedisTarget, events: LinkEvents): Link {
	const client = byteCluster(target);
	let state: 'connecting' | 'connected' | 'gone' = 'connecting';
	let timer: NodeJS.Timeout | undefined;
	// One root node of several may be away without harm: only when no node answered is it a failure,
	// and the last node's error says more about it than the cluster's.
	let detail: unknown;
	client.on('error', (error: unknown) => (detail = error));
	client.on('node-error', () => {}); // commands and pings to that node tell
	client.on('node-ready', () => {
		if (state === 'connected') events.resubscribed();
	});
	const connect = (attempt: number) => {
		client.connect().then(
			() => {
				if (state === 'gone') return client.destroy();
				state = 'connected';
				events.ready();
			},
			(error: unknown) => {
				if (state === 'gone') return;
				events.failed(detail ?? error);
				timer = setTimeout(() => connect(attempt + 1), retryIn(attempt)).unref();
			},
		);
	};
	const leave = () => {
		const wasOpen = client.isOpen;
		state = 'gone';
		clearTimeout(timer);
		return wasOpen;
	};
	return {
		client,
		get ready() {
			return state === 'connected';
		},
		connect: () => connect(0),
		send: async (key, args, readOnly = false) =>
			(await client.sendCommand(key, readOnly, args, { typeMapping: BYTES })) as Reply,
		subscribe: (channel, listener) => client.subscribe(channel, listener),
		unsubscribe: (channel) => client.unsubscribe(channel),
		destroy() {
			if (leave()) client.destroy();
		},
		async close() {
			if (leave()) await client.close();
		},
	};
}
