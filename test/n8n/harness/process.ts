/** One process of n8n: main, worker or webhook processor, with a user folder and a log of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installIntoUserFolder, N8N_BIN, NODE_BIN } from './install';
import { waitFor } from './wait';

export type Role = 'start' | 'worker' | 'webhook';

/** What each role prints when it can be used. */
const READY: Record<Role, RegExp> = {
	start: /Editor is now accessible/,
	worker: /n8n worker is now ready/,
	webhook: /Webhook listener waiting for requests/,
};

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

export interface N8nProcessOptions {
	role?: Role;
	/** Added to n8n's environment, e.g. ports, or where the stand-in WhatsApp server is. */
	env: Record<string, string>;
	/** A user folder to keep; without it a temporary one is made and removed by remove(). */
	home?: string;
	/** False: our package is not in the user folder; n8n has to install it. Default true. */
	installed?: boolean;
}

export class N8nProcess {
	readonly home: string;
	readonly #temporary: boolean;
	readonly #role: Role;
	readonly #env: Record<string, string>;
	#process: ChildProcess | undefined;

	/** Prepares the user folder, with our package in it unless told otherwise; launch() starts it. */
	constructor({ role = 'start', env, home, installed = true }: N8nProcessOptions) {
		this.#role = role;
		this.#temporary = home === undefined;
		this.home = home ?? mkdtempSync(path.join(tmpdir(), 'n8n-'));
		this.#env = {
			...QUIET,
			N8N_USER_FOLDER: this.home,
			N8N_HOST: '127.0.0.1',
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_SECURE_COOKIE: 'false',
			GENERIC_TIMEZONE: 'UTC',
			...env,
		};
		mkdirSync(this.home, { recursive: true });
		if (installed) installIntoUserFolder(this.home);
	}

	/** All that n8n has printed since the first launch. */
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

	/** Starts it and waits until it can be used. */
	async launch() {
		const since = this.log().length;
		const log = openSync(this.logFile, 'a');
		const child = spawn(NODE_BIN, [N8N_BIN, this.#role], {
			cwd: this.home,
			env: { ...inherited(), ...this.#env },
			stdio: ['ignore', log, log],
			detached: true, // a group of its own: n8n starts task runners
		});
		closeSync(log);
		this.#process = child;
		let ended = false;
		child.once('exit', () => (ended = true));
		const printed = () => this.log().slice(since);
		await waitFor(`n8n ${this.#role}`, () => ended || READY[this.#role].test(printed()), {
			timeoutMs: 180_000,
			describe: () => printed().slice(-3000),
		});
		if (ended) throw new Error(`n8n ${this.#role} ended at once:\n${printed().slice(-3000)}`);
	}

	/** SIGKILL is the end of a crash or of power loss: nothing gets to say goodbye. */
	async end(signal: 'SIGTERM' | 'SIGKILL') {
		const child = this.#process;
		this.#process = undefined;
		if (!child?.pid) return;
		const exited =
			child.exitCode !== null || child.signalCode !== null
				? Promise.resolve()
				: new Promise<void>((resolve) => child.once('exit', () => resolve()));
		if (signal === 'SIGTERM') {
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

	/** Removes what it has made, unless the home was given. */
	async remove() {
		if (this.#temporary) await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
	}
}
