/**
 * n8n in queue mode, as users scale it: a main process, workers and a webhook processor, each with
 * a user folder of its own (as in containers), sharing PostgreSQL, Redis and the encryption key.
 */
import { RedisServer } from '../../helpers/redis';
import { N8n } from './n8n';
import { freePorts } from './ports';
import { Postgres } from './postgres';
import { N8nProcess } from './process';

export interface QueueOptions {
	env?: Record<string, string>;
	/** 1 unless told. */
	workers?: number;
	/** Processes that only take webhook calls; none unless told. */
	webhooks?: number;
}

/** One of the processes, to be found, killed and started again by its name. */
export interface Member {
	/** `main`, `worker 1`, `webhook 1`, ... */
	name: string;
	pid: number | undefined;
	/** kill -9 */
	kill(): Promise<void>;
	/** SIGTERM, and waits for its end. */
	stop(): Promise<void>;
	/** Starts it again; it has ended before. */
	restart(): Promise<void>;
}

export class N8nQueue {
	private readonly formerMains: N8n[] = [];

	private constructor(
		readonly redis: RedisServer,
		readonly postgres: Postgres,
		/** The main process, with the editor and REST. */
		public main: N8n,
		readonly workers: N8nProcess[],
		readonly webhooks: Array<N8nProcess & { url: string }>,
		private readonly env: Record<string, string>,
	) {}

	static async start({
		env = {},
		workers = 1,
		webhooks = 0,
	}: QueueOptions = {}): Promise<N8nQueue> {
		const started: Array<() => Promise<unknown>> = [];
		try {
			const redis = await RedisServer.start({ aof: true });
			started.push(() => redis.close());
			const postgres = await Postgres.start();
			started.push(() => postgres.stop());
			const shared = {
				...postgres.env,
				EXECUTIONS_MODE: 'queue',
				QUEUE_BULL_REDIS_HOST: '127.0.0.1',
				QUEUE_BULL_REDIS_PORT: String(redis.port),
				N8N_ENCRYPTION_KEY: 'queue-encryption-key',
				...env,
			};
			// The main process first: it migrates the database.
			const main = await N8n.start({ env: shared });
			started.push(() => main.stop());
			const launch = async (role: 'worker' | 'webhook') => {
				const ports = (await freePorts(3)).map(String) as [string, string, string];
				const child = new N8nProcess({
					role,
					env: {
						...shared,
						N8N_PORT: ports[0],
						N8N_RUNNERS_BROKER_PORT: ports[1],
						QUEUE_HEALTH_CHECK_PORT: ports[2],
						N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
					},
				});
				started.push(async () => {
					await child.end('SIGTERM');
					await child.remove();
				});
				await child.launch();
				return Object.assign(child, { url: `http://127.0.0.1:${ports[0]}` });
			};
			const all = await Promise.all([
				...Array.from({ length: workers }, () => launch('worker')),
				...Array.from({ length: webhooks }, () => launch('webhook')),
			]);
			const [first, others] = [all.slice(0, workers), all.slice(workers)];
			return new N8nQueue(redis, postgres, main, first, others, shared);
		} catch (error) {
			for (const stop of started.reverse()) await stop().catch(() => undefined);
			throw error;
		}
	}

	/**
	 * Starts another main process with a user folder of its own on the same database and Redis. It is
	 * `main` from now on. The former one goes on beside it: without a licence for several mains n8n
	 * keeps neither from believing that it is the leader.
	 */
	async addMain(): Promise<{ former: N8n }> {
		const former = this.main;
		this.main = await N8n.start({ env: this.env, known: true });
		this.formerMains.push(former);
		return { former };
	}

	/** All processes, as they are now. */
	members(): Member[] {
		const { main } = this;
		const child = (role: string) => (each: N8nProcess, index: number) => ({
			name: `${role} ${index + 1}`,
			pid: each.pid,
			kill: () => each.end('SIGKILL'),
			stop: () => each.end('SIGTERM'),
			restart: () => each.launch(),
		});
		return [
			{
				name: 'main',
				pid: main.pid,
				kill: () => main.kill(),
				stop: () => main.end(),
				restart: () => main.restart(),
			},
			...this.workers.map(child('worker')),
			...this.webhooks.map(child('webhook')),
		];
	}

	/** The id of the process that owns a credential's number, as its lease in Redis says it. */
	ownerOf(credentialId: string): number | undefined {
		const holder = this.redis.cli('HGET', `whatsapp-linked:{${credentialId}}:lease`, 'holder');
		// host:pid:random
		return Number(holder.split(':').at(-2)) || undefined;
	}

	/** What all processes have printed. */
	log(): string {
		return [...this.formerMains, this.main, ...this.workers, ...this.webhooks]
			.map((each) => each.log())
			.join('\n');
	}

	async stop() {
		const children = [...this.workers, ...this.webhooks];
		await Promise.all(
			children.map(async (child) => {
				await child.end('SIGTERM');
				await child.remove();
			}),
		);
		for (const main of [...this.formerMains, this.main]) await main.stop();
		await this.postgres.stop();
		await this.redis.close();
	}
}
