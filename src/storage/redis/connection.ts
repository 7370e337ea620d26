/**
 * The connection of this process to one Redis, shared by all its storages and accounts. Commands wait
 * a bounded time while it is away, then fail; it comes back by itself.
 *
 * A command that was sent when the connection broke, or that got no answer in time, may still run on
 * the server, even much later (a stalled server works through its socket when it wakes up). It runs
 * before what this process sends afterwards on the same connection, and a write that carries a fence
 * runs only while its lease is held. So a write that comes late can undo neither our own later writes
 * nor those of the next owner; what is left is that a write told as failed may have happened.
 */
import { hash } from 'node:crypto';
import type { RedisArgument } from '@redis/client';
import { LinkedError } from '../../errors';
import type { Log } from '../../log';
import { Listeners } from '../listeners';
import type { StorageHealth } from '../roles';
import type { RedisTarget } from '../settings';
import { classify, noAnswer, type Failure } from './errors';
import { createLink, type Link, type Reply } from './link';
import type { Script } from './scripts';
import { within } from './within';

export interface Patience {
	/** How long a command waits for a Redis that is away, milliseconds. */
	waitMs: number;
	/** How long it waits for an answer. */
	answerMs: number;
	/** How often an idle connection is tried out. */
	pingMs: number;
}

const PATIENCE: Patience = { waitMs: 5000, answerMs: 5000, pingMs: 5000 };

/** A connection is not made anew more often than this. */
const RENEW_MS = 10_000;

const open = new Map<string, Connection>();

export class Connection {
	readonly onHealth: Listeners<[StorageHealth]>;
	/** Called when messages to subscribers may have been missed. */
	readonly onGap: Listeners<[]>;
	private link: Link;
	private started = false;
	private handles = 0;
	private state: StorageHealth = { ok: true };
	/** The last failure since there was a connection. */
	private trouble?: Failure;
	private answered = Date.now();
	private renewed = 0;
	private readonly waiting = new Set<() => void>();
	private readonly channels = new Map<string, Listeners<[message: string]>>();
	private pingTimer?: NodeJS.Timeout;

	/** The open connection to this target, or a new one. Give every handle back with `release`. */
	static take(target: RedisTarget, log: Log, patience: Partial<Patience> = {}): Connection {
		const { prefix: _same, ...server } = target;
		// Hashed, so that no map of ours has a password as its key.
		const key = hash('sha256', JSON.stringify([server, patience]));
		let connection = open.get(key);
		if (!connection) {
			connection = new Connection(key, target, log, { ...PATIENCE, ...patience });
			open.set(key, connection);
		}
		connection.handles += 1;
		return connection;
	}

	private constructor(
		private readonly key: string,
		private readonly target: RedisTarget,
		private readonly log: Log,
		private readonly patience: Patience,
	) {
		this.onHealth = new Listeners(log);
		this.onGap = new Listeners(log);
		this.link = this.makeLink();
	}

	get health(): StorageHealth {
		return this.state;
	}

	/** The client that @keyv/redis works with. Another one after the connection was made anew. */
	get client(): Link['client'] {
		return this.link.client;
	}

	/** Lets go when the last handle is back; waits for answers that are under way. */
	async release(): Promise<void> {
		this.handles -= 1;
		if (this.handles > 0) return;
		open.delete(this.key);
		clearTimeout(this.pingTimer);
		this.news();
		const { link } = this;
		await within(this.patience.answerMs, link.close()).catch(() => link.destroy());
	}

	/**
	 * Resolves when Redis is connected. @throws LinkedError that says why the next attempt failed; the
	 * connection goes on trying by itself.
	 */
	async connected(): Promise<void> {
		this.start();
		if (this.link.ready) return;
		await this.nextNews(this.patience.waitMs);
		if (this.handles === 0) throw new LinkedError('closing');
		if (!this.link.ready) throw (this.trouble ?? noAnswer(this.target.tls !== undefined)).error;
	}

	/**
	 * Runs what sends commands, again when that is of use and does no harm.
	 * @param repeat false when running twice would be wrong; then a doubtful failure is final
	 * @throws LinkedError `storage-unreachable` after a bounded time, or what Redis refused it with
	 */
	async run<T>(work: () => Promise<T>, repeat = true): Promise<T> {
		const deadline = Date.now() + this.patience.waitMs;
		for (;;) {
			if (this.handles === 0) throw new LinkedError('closing');
			this.start();
			if (!this.link.ready) {
				await this.awaitLink(deadline);
				continue;
			}
			try {
				const result = await within(this.patience.answerMs, work());
				this.wentWell();
				return result;
			} catch (thrown) {
				const failure = classify(thrown);
				if (!failure.passing) throw failure.error;
				this.wentWrong(failure);
				const late = Date.now() >= deadline;
				if (failure.reconnect || (late && this.target.cluster)) this.renew();
				if (late || (failure.mayHaveRun && !repeat)) throw failure.error;
				await this.nextNews(Math.min(100, deadline - Date.now()));
			}
		}
	}

	/** One command; `key` is one of its keys. */
	command(key: string, args: RedisArgument[], readOnly = false): Promise<Reply> {
		return this.run(() => this.link.send(key, args, readOnly));
	}

	/** One script, loaded into Redis when it does not have it. */
	script(
		{ sha, source }: Script,
		keys: readonly string[],
		args: readonly RedisArgument[],
		repeat = true,
	): Promise<Reply> {
		const [key = ''] = keys;
		const rest = [String(keys.length), ...keys, ...args];
		return this.run(async () => {
			try {
				return await this.link.send(key, ['EVALSHA', sha, ...rest]);
			} catch (error) {
				if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
				return await this.link.send(key, ['EVAL', source, ...rest]);
			}
		}, repeat);
	}

	/** Listens to a channel, also after reconnects. Returns the unsubscribe function. */
	listen(channel: string, listener: (message: string) => void): () => void {
		let listeners = this.channels.get(channel);
		if (!listeners) {
			this.channels.set(channel, (listeners = new Listeners(this.log)));
			this.start();
			this.subscribe(channel);
		}
		const remove = listeners.add(listener);
		return () => {
			remove();
			if (listeners.size > 0 || this.channels.get(channel) !== listeners) return;
			this.channels.delete(channel);
			this.link.unsubscribe(channel);
		};
	}

	private subscribe(channel: string): void {
		this.link.subscribe(channel, (message) => this.channels.get(channel)?.emit(message));
	}

	private makeLink(): Link {
		const link: Link = createLink(this.target, {
			ready: () => {
				if (link !== this.link) return;
				this.wentWell();
				this.news();
			},
			failed: (error) => {
				if (link !== this.link) return;
				const failure = classify(error);
				this.wentWrong(failure);
				this.news();
			},
			subscribed: () => {
				if (link === this.link) this.onGap.emit();
			},
		});
		return link;
	}

	private start(): void {
		if (this.started) return;
		this.started = true;
		this.link.connect();
		this.pingLater();
	}

	/** Makes the connection anew: it leads to the wrong server, or to one that does not answer. */
	private renew(): void {
		if (Date.now() - this.renewed < RENEW_MS) return;
		this.renewed = Date.now();
		this.log.info('connecting to Redis anew');
		const old = this.link;
		this.link = this.makeLink();
		this.link.connect();
		for (const channel of this.channels.keys()) this.subscribe(channel);
		old.destroy();
	}

	private pingLater(): void {
		this.pingTimer = setTimeout(() => {
			void this.ping().finally(() => {
				if (this.handles > 0) this.pingLater();
			});
		}, this.patience.pingMs).unref();
	}

	private async ping(): Promise<void> {
		if (!this.link.ready) return;
		try {
			await within(this.patience.answerMs, this.link.send('', ['PING'], true));
			this.wentWell();
		} catch (error) {
			this.wentWrong(classify(error));
			if (Date.now() - this.answered > 3 * this.patience.pingMs) this.renew();
		}
	}

	private async awaitLink(deadline: number): Promise<void> {
		// A wrong password is not going to be right in a moment.
		if (this.trouble && !this.trouble.passing) throw this.trouble.error;
		const left = deadline - Date.now();
		if (left <= 0) throw (this.trouble ?? noAnswer()).error;
		await this.nextNews(left);
	}

	private wentWell(): void {
		this.trouble = undefined;
		this.answered = Date.now();
		if (this.state.ok) return;
		this.log.info('Redis is back');
		this.setHealth({ ok: true });
	}

	private wentWrong(failure: Failure): void {
		this.trouble = failure;
		if (!this.state.ok) return;
		this.log.warn('Redis is away', { reason: failure.error.message });
		this.setHealth({ ok: false, since: Date.now(), reason: failure.error.message });
	}

	private setHealth(health: StorageHealth): void {
		this.state = health;
		this.onHealth.emit(health);
	}

	/** Wakes those who wait for a change of the connection. */
	private news(): void {
		for (const wake of [...this.waiting]) wake();
	}

	/** Resolves at the next change of the connection, or after `ms`. */
	private nextNews(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const wake = () => {
				clearTimeout(timer);
				this.waiting.delete(wake);
				resolve();
			};
			const timer = setTimeout(wake, Math.max(0, ms));
			this.waiting.add(wake);
		});
	}
}
