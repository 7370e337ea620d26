/**
 * A real n8n process for tests: started on free loopback ports with a user folder of its own and
 * our packed package installed in it; killed, restarted and searched like a real one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installIntoUserFolder, N8N_BIN, NODE_BIN } from './install';
import { freePorts } from './ports';
import { Rest } from './rest';
import { waitFor } from './wait';

export interface N8nOptions {
	/** Added to n8n's environment, e.g. where the stand-in WhatsApp server is. */
	env?: Record<string, string>;
	/** A user folder to keep; without it a temporary one is made and removed by stop(). */
	home?: string;
}

/** No telemetry and nothing from the internet: tests run without it. */
const QUIET = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	// Parts of n8n that ask n8n's servers for news, or that only cost time at start.
	N8N_DISABLED_MODULES:
		'mcp-registry,instance-ai,agents,mcp,chat-hub,workflow-builder,quick-connect',
};

/** Settings of the person's own n8n, and jest's, must not reach the one under test. */
const inherited = () =>
	Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) => !/^(N8N_|DB_|QUEUE_|EXECUTIONS_|JEST_|NODE_ENV$|NODE_OPTIONS$|LOG_)/.test(name),
		),
	);

export class N8n {
	readonly url: string;
	readonly rest: Rest;
	#process: ChildProcess | undefined;

	private constructor(
		readonly home: string,
		private readonly temporary: boolean,
		private readonly env: Record<string, string>,
		port: number,
	) {
		this.url = `http://127.0.0.1:${port}`;
		this.rest = new Rest(this.url);
	}

	/** Starts n8n and waits until its editor can be used; a fresh one gets its owner account. */
	static async start({ env = {}, home }: N8nOptions = {}): Promise<N8n> {
		const folder = home ?? mkdtempSync(path.join(tmpdir(), 'n8n-'));
		mkdirSync(folder, { recursive: true });
		const known = existsSync(path.join(folder, '.n8n', 'database.sqlite'));
		installIntoUserFolder(folder);
		const [port, brokerPort] = (await freePorts(2)) as [number, number];
		const n8n = new N8n(
			folder,
			home === undefined,
			{
				...QUIET,
				N8N_USER_FOLDER: folder,
				N8N_HOST: '127.0.0.1',
				N8N_LISTEN_ADDRESS: '127.0.0.1',
				N8N_PORT: String(port),
				N8N_RUNNERS_BROKER_PORT: String(brokerPort),
				N8N_SECURE_COOKIE: 'false',
				GENERIC_TIMEZONE: 'UTC',
				...env,
			},
			port,
		);
		try {
			await n8n.#launch();
			await (known ? n8n.rest.logIn() : n8n.rest.setUpOwner());
		} catch (error) {
			await n8n.stop();
			throw error;
		}
		return n8n;
	}

	/** All that n8n has printed since the first start, restarts included. */
	log(): string {
		return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
	}

	get logFile() {
		return path.join(this.home, 'n8n.log');
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** Waits until the log has the pattern, after `since` characters of it. */
	waitForLog(pattern: RegExp, since = 0) {
		return waitFor(`${pattern} in n8n's log`, () => pattern.exec(this.log().slice(since)), {
			describe: () => this.log().slice(-3000),
		});
	}

	/** The end of a crash or of power loss: nothing gets to say goodbye. */
	kill() {
		return this.#end('SIGKILL');
	}

	/** Starts again on the same ports and data; after kill() or, without one, in good order. */
	async restart() {
		await this.#end('SIGTERM');
		await this.#launch();
		await this.rest.logIn();
	}

	/** Ends n8n in good order and removes what it has made, unless the home was given. */
	async stop() {
		await this.#end('SIGTERM');
		if (this.temporary) await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
	}

	async #launch() {
		const since = this.log().length;
		const log = openSync(this.logFile, 'a');
		const child = spawn(NODE_BIN, [N8N_BIN, 'start'], {
			cwd: this.home,
			env: { ...inherited(), ...this.env },
			stdio: ['ignore', log, log],
			detached: true, // a group of its own: n8n starts task runners
		});
		closeSync(log);
		this.#process = child;
		let ended = false;
		child.once('exit', () => (ended = true));
		const ready = await waitFor(
			'n8n to start',
			() => ended || /Editor is now accessible/.test(this.log().slice(since)),
			{ timeoutMs: 120_000, describe: () => this.log().slice(since).slice(-3000) },
		);
		if (ready && ended) throw new Error(`n8n ended at start:\n${this.log().slice(-3000)}`);
	}

	async #end(signal: NodeJS.Signals) {
		const child = this.#process;
		this.#process = undefined;
		if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
		const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		if (signal !== 'SIGKILL') {
			child.kill(signal);
			// n8n allows itself 30 s to end; past that it is stuck.
			const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
			await exited.finally(() => clearTimeout(timer));
		}
		try {
			process.kill(-child.pid, 'SIGKILL'); // task runners that outlived it, or all of it
		} catch {
			// Nothing of the group is left.
		}
		await exited;
	}
}
