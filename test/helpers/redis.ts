/** Real Redis servers for tests: each on a free port of loopback, with its data in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until';

export interface RedisOptions {
	/** Append-only file, synced at every write: nothing is lost by kill -9. */
	aof?: boolean;
	/** For example `2mb`. */
	maxmemory?: string;
	/** `noeviction` unless told. */
	maxmemoryPolicy?: string;
	password?: string;
	/** TLS only, with a certificate for localhost signed by an authority made for this server. */
	tls?: boolean;
	/** A cluster of this one node, which holds all slots; `node`: one that others join (redisCluster.ts). */
	cluster?: boolean | 'node';
	/** More lines for redis-server's command line, for example `['--save', '']`. */
	extra?: string[];
}

const START_MS = 20_000;

// A test process that dies must not leave its servers and their data behind.
const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.once('exit', () => {
	for (const child of running) child.kill('SIGKILL');
	for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}

/** Whether redis-server is installed; `npm test` installs it where it can. */
export function hasRedis(): boolean {
	try {
		execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

export class RedisServer {
	private child?: ChildProcess;
	private readonly folder = mkdtempSync(join(tmpdir(), 'wal-redis-'));
	/** PEM text of the authority, when TLS is on. */
	ca?: string;

	/** Starts a server. Stop it with `close`, which removes its data too. */
	static async start(options: RedisOptions = {}): Promise<RedisServer> {
		for (let tries = 1; ; tries++) {
			const server = new RedisServer(await freePort(), options);
			try {
				if (options.tls) await server.makeCertificate();
				await server.run();
				if (options.cluster === true) server.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
				if (options.cluster === true) await server.clusterIsUp();
				return server;
			} catch (error) {
				await server.close();
				// Somebody took the port meanwhile, or has the one of the cluster's bus, 10 000 above it.
				const taken = String(error).includes('Failed listening on port');
				if (!taken || tries === 5) throw error;
			}
		}
	}

	private constructor(
		readonly port: number,
		private readonly options: RedisOptions,
	) {
		folders.add(this.folder);
	}

	get url(): string {
		const { tls, cluster, password } = this.options;
		const scheme = `redis${tls ? 's' : ''}${cluster ? '-cluster' : ''}`;
		const login = password ? `:${encodeURIComponent(password)}@` : '';
		return `${scheme}://${login}${tls ? 'localhost' : '127.0.0.1'}:${this.port}`;
	}

	get pid(): number | undefined {
		return this.child?.pid;
	}

	/** The server hangs: connections stay, nothing answers. */
	pause(): void {
		this.child?.kill('SIGSTOP');
	}

	resume(): void {
		this.child?.kill('SIGCONT');
	}

	/** Ends it in good order. Data stays if it is on disk (`aof`). */
	async stop(): Promise<void> {
		await this.end('SIGTERM');
	}

	/** kill -9 */
	async kill(): Promise<void> {
		await this.end('SIGKILL');
	}

	/** Starts it again on the same port, with what is on disk or with nothing. */
	async restart({ data = true } = {}): Promise<void> {
		await this.stop();
		if (!data) {
			for (const name of ['appendonlydir', 'dump.rdb']) {
				rmSync(join(this.folder, name), { recursive: true, force: true });
			}
		}
		await this.run();
	}

	/** Runs redis-cli and returns what it prints. */
	cli(...args: string[]): string {
		const { tls, password } = this.options;
		return execFileSync(
			'redis-cli',
			[
				...['-p', String(this.port)],
				...(tls ? ['--tls', '--cacert', join(this.folder, 'ca.pem'), '-h', 'localhost'] : []),
				...(password ? ['--no-auth-warning', '-a', password] : []),
				...args,
			],
			{ encoding: 'utf8' },
		).trim();
	}

	async close(): Promise<void> {
		this.resume();
		await this.end('SIGKILL');
		rmSync(this.folder, { recursive: true, force: true });
		folders.delete(this.folder);
	}

	private async run(): Promise<void> {
		const { aof, maxmemory, maxmemoryPolicy = 'noeviction', password, tls, cluster } = this.options;
		const port = String(this.port);
		const child = spawn(
			'redis-server',
			[
				...['--bind', '127.0.0.1', '--dir', this.folder, '--save', ''],
				...['--daemonize', 'no', '--maxmemory-policy', maxmemoryPolicy],
				...(aof ? ['--appendonly', 'yes', '--appendfsync', 'always'] : []),
				...(maxmemory ? ['--maxmemory', maxmemory] : []),
				...(password ? ['--requirepass', password] : []),
				...(cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : []),
				...(tls
					? [
							...['--port', '0', '--tls-port', port, '--tls-auth-clients', 'no'],
							...['--tls-cert-file', join(this.folder, 'server.pem')],
							...['--tls-key-file', join(this.folder, 'server.key')],
							...['--tls-ca-cert-file', join(this.folder, 'ca.pem')],
						]
					: ['--port', port]),
				...(this.options.extra ?? []),
			],
			{ stdio: ['ignore', 'pipe', 'ignore'] },
		);
		this.child = child;
		running.add(child);
		const lines = createInterface({ input: child.stdout });
		const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
		const seen: string[] = [];
		for await (const line of lines) {
			seen.push(line);
			if (line.includes('Ready to accept connections')) break;
		}
		clearTimeout(timer);
		// Its log must be read on, or it blocks when the pipe is full.
		child.stdout.resume();
		if (!seen.at(-1)?.includes('Ready to accept')) {
			throw new Error(`redis-server did not start:\n${seen.slice(-10).join('\n')}`);
		}
	}

	private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		const { child } = this;
		this.child = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, 'exit');
		child.kill('SIGCONT');
		child.kill(signal);
		await ended;
		running.delete(child);
	}

	/** Resolves when a replica has all that this server has written so far. */
	async replicatedTo(replica: RedisServer): Promise<void> {
		// Not WAIT: that is about what the connection that asks has written itself.
		const { offset } = this.role;
		await until('the replica to have all of it', () => replica.role.offset >= offset);
	}

	/** What it is in replication, how far in the stream of changes, and the port of its primary. */
	get role(): { name: string; offset: number; primary?: number } {
		const [name = '', ...more] = this.cli('ROLE').split('\n');
		return name === 'master'
			? { name, offset: Number(more[0]) }
			: { name, offset: Number(more.at(-1)), primary: Number(more[1]) };
	}

	async clusterIsUp(): Promise<void> {
		const deadline = Date.now() + START_MS;
		while (!this.cli('CLUSTER', 'INFO').includes('cluster_state:ok')) {
			if (Date.now() > deadline) throw new Error('the cluster did not come up');
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}

	private async makeCertificate(): Promise<void> {
		const { generate } = await import('selfsigned');
		const path = (name: string) => join(this.folder, name);
		if (existsSync(path('ca.pem'))) return;
		const notAfterDate = new Date(Date.now() + 24 * 3600 * 1000);
		const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
			notAfterDate,
			extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
		});
		const server = await generate([{ name: 'commonName', value: 'localhost' }], {
			notAfterDate,
			ca: { key: authority.private, cert: authority.cert },
			extensions: [
				{
					name: 'subjectAltName',
					altNames: [
						{ type: 2, value: 'localhost' },
						{ type: 7, ip: '127.0.0.1' },
					],
				},
			],
		});
		writeFileSync(path('ca.pem'), authority.cert);
		writeFileSync(path('server.pem'), server.cert);
		writeFileSync(path('server.key'), server.private);
		this.ca = authority.cert;
	}
}
