/** The clients of node-redis behind one face, whether for one server or for a cluster. */
import { createClient, RESP_TYPES, type RedisArgument } from '@redis/client';
import type { RedisTarget } from '../settings';
import { clientOptions, retryIn } from './clientOptions';
import { createClusterClient } from './clusterClient';

/** A reply in which strings are bytes. */
export type Reply = Buffer | number | null | Reply[];

/** Strings come back as the bytes they are, so that values need no base64. */
const BYTES = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

type Hear = (message: string) => void;

export interface LinkEvents {
	/** A connection is there; also after each reconnect. */
	ready(): void;
	/** A connection failed or could not be made. */
	failed(error: unknown): void;
	/** A channel is subscribed, for the first time or again; messages before that are lost. */
	subscribed(): void;
}

export interface Link {
	/** The client that gives strings as bytes, for @keyv/redis. */
	readonly client: object;
	readonly ready: boolean;
	/** Starts connecting; outcome and every later change come as events. */
	connect(): void;
	/** Sends one command; `key` is one of its keys, by which a cluster finds the node. */
	send(key: string, args: RedisArgument[], readOnly?: boolean): Promise<Reply>;
	/** Subscribes as soon as there is a connection, and after each reconnect. */
	subscribe(channel: string, listener: Hear): void;
	unsubscribe(channel: string): void;
	/** Drops the connections at once. */
	destroy(): void;
	/** Waits for answers that are under way. */
	close(): Promise<void>;
}

export function createLink(target: RedisTarget, events: LinkEvents): Link {
	return target.cluster ? clusterLink(target, events) : singleLink(target, events);
}

/**
 * Connects a client and connects it again whenever it fails. (The client could do so itself, but not
 * be stopped in the middle of waiting.)
 */
class Dialer {
	private timer?: NodeJS.Timeout;
	private attempt = 0;
	private stopped = false;

	constructor(
		private readonly client: { readonly isOpen: boolean; connect(): Promise<unknown> },
		private readonly failed: (error: unknown) => void,
	) {}

	connect(): void {
		if (this.stopped || this.timer || this.client.isOpen) return;
		this.client.connect().then(
			() => {
				this.attempt = 0;
			},
			(error: unknown) => this.lost(error),
		);
	}

	/** To be told of every error of the client. */
	lost(error: unknown): void {
		if (this.stopped) return;
		this.failed(error);
		if (this.client.isOpen || this.timer) return;
		this.timer = setTimeout(() => {
			this.timer = undefined;
			this.connect();
		}, retryIn(this.attempt++)).unref();
	}

	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
	}
}

/** The channels that are wanted, whether or not there is a connection. */
class Channels {
	private readonly wanted = new Map<string, Hear>();

	constructor(
		private readonly client: {
			subscribe(channel: string, hear: Hear): Promise<void>;
			unsubscribe(channel: string): Promise<unknown>;
		},
		private readonly connected: () => boolean,
		private readonly events: LinkEvents,
	) {}

	add(channel: string, hear: Hear): void {
		this.wanted.set(channel, hear);
		if (this.connected()) this.subscribe(channel, hear);
	}

	remove(channel: string): void {
		this.wanted.delete(channel);
		// Without a connection there is nothing to end.
		if (this.connected()) this.client.unsubscribe(channel).catch(() => {});
	}

	/** To be called at each connection. */
	restore(): void {
		for (const [channel, hear] of this.wanted) this.subscribe(channel, hear);
	}

	private subscribe(channel: string, hear: Hear): void {
		// What fails now is tried at the next connection; until then the poll covers it.
		this.client.subscribe(channel, hear).then(this.events.subscribed, () => {});
	}
}

function singleLink(target: RedisTarget, events: LinkEvents): Link {
	const { socket, ...rest } = clientOptions(target);
	const options = { ...rest, socket: { ...socket, reconnectStrategy: false as const } };
	const client = createClient(options).withTypeMapping(BYTES);
	const dialer = new Dialer(client, events.failed);
	client.on('error', (error: unknown) => dialer.lost(error));
	client.on('ready', events.ready);
	// A connection that subscribes can do nothing else. Its failures are not told: the other one tells.
	const subscriber = createClient(options);
	const subscriberDialer = new Dialer(subscriber, () => {});
	const channels = new Channels(subscriber, () => subscriber.isReady, events);
	subscriber.on('error', (error: unknown) => subscriberDialer.lost(error));
	subscriber.on('ready', () => channels.restore());
	const stop = () => {
		for (const each of [dialer, subscriberDialer]) each.stop();
		if (subscriber.isOpen) subscriber.destroy();
	};
	return {
		client,
		get ready() {
			return client.isReady;
		},
		connect: () => dialer.connect(),
		send: async (_key, args) => (await client.sendCommand(args, { typeMapping: BYTES })) as Reply,
		subscribe(channel, hear) {
			channels.add(channel, hear);
			subscriberDialer.connect();
		},
		unsubscribe: (channel) => channels.remove(channel),
		destroy() {
			stop();
			if (client.isOpen) client.destroy();
		},
		async close() {
			stop();
			if (client.isReady) await client.close();
			else if (client.isOpen) client.destroy();
		},
	};
}

function clusterLink(target: RedisTarget, events: LinkEvents): Link {
	const client = createClusterClient(target).withTypeMapping(BYTES);
	let connected = false;
	// One root node of several may be away without harm: only when no node answered is it a failure,
	// and the last node's error says more about it than the cluster's.
	let detail: unknown;
	const dialer = new Dialer(
		{
			get isOpen() {
				return client.isOpen;
			},
			async connect() {
				await client.connect();
				connected = true;
				channels.restore();
				events.ready();
			},
		},
		(error) => events.failed(detail ?? error),
	);
	const channels = new Channels(client, () => connected, events);
	client.on('error', (error: unknown) => (detail = error));
	client.on('node-ready', () => {
		if (connected) channels.restore();
	});
	const stop = () => {
		dialer.stop();
		connected = false;
		return client.isOpen;
	};
	return {
		client,
		get ready() {
			return connected;
		},
		connect: () => dialer.connect(),
		send: async (key, args, readOnly = false) =>
			(await client.sendCommand(key, readOnly, args, { typeMapping: BYTES })) as Reply,
		subscribe: (channel, hear) => channels.add(channel, hear),
		unsubscribe: (channel) => channels.remove(channel),
		destroy() {
			if (stop()) client.destroy();
		},
		async close() {
			if (stop()) await client.close();
		},
	};
}
