/**
 * A real n8n for tests: started on free loopback ports with a user folder of its own and our packed
 * package installed in it; killed, restarted and searched like a real one.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from './ports';
import { N8nProcess } from './process';
import { Rest } from './rest';

export interface N8nOptions {
	/** Added to n8n's environment, e.g. where the stand-in WhatsApp server is. */
	env?: Record<string, string>;
	/** A user folder to keep; without it a temporary one is made and removed by stop(). */
	home?: string;
	/** Its database, which is elsewhere, has an owner account already. */
	known?: boolean;
	/** False: without our package. Default true. */
	installed?: boolean;
}

export class N8n {
	private constructor(
		readonly url: string,
		/** n8n's REST interface, with the owner logged in. */
		readonly rest: Rest,
		private readonly main: N8nProcess,
	) {}

	/** Starts n8n and waits until its editor can be used; a fresh one gets its owner account. */
	static async start({ env = {}, known = false, home, installed }: N8nOptions = {}): Promise<N8n> {
		const used = home !== undefined && existsSync(path.join(home, '.n8n', 'database.sqlite'));
		const [port, brokerPort] = (await freePorts(2)) as [number, number];
		const main = new N8nProcess({
			home,
			installed,
			env: { N8N_PORT: String(port), N8N_RUNNERS_BROKER_PORT: String(brokerPort), ...env },
		});
		const url = `http://127.0.0.1:${port}`;
		const n8n = new N8n(url, new Rest(url), main);
		try {
			await main.launch();
			await (known || used ? n8n.rest.logIn() : n8n.rest.setUpOwner());
		} catch (error) {
			await n8n.stop();
			throw error;
		}
		return n8n;
	}

	get home(): string {
		return this.main.home;
	}

	get pid(): number | undefined {
		return this.main.pid;
	}

	/** All that n8n has printed since the first start, restarts included. */
	log(): string {
		return this.main.log();
	}

	/** Waits until the log has the pattern, after `since` characters of it. */
	waitForLog(pattern: RegExp, since = 0) {
		return this.main.waitForLog(pattern, since);
	}

	/** kill -9 */
	async kill() {
		await this.main.end('SIGKILL');
	}

	/** SIGTERM, and waits for the end. */
	async end() {
		await this.main.end('SIGTERM');
	}

	/** Starts again on the same ports and data; after kill() or, without one, in good order. */
	async restart() {
		await this.main.end('SIGTERM');
		await this.main.launch();
		await this.rest.logIn();
	}

	/** Ends n8n in good order and removes what it has made, unless the home was given. */
	async stop() {
		await this.main.end('SIGTERM');
		await this.main.remove();
	}
}
