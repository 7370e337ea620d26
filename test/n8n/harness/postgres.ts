/** A real PostgreSQL server, which n8n's queue mode wants: on a free port, its data in a folder of its own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from './ports';
import { waitFor } from './wait';

const USER = 'n8n';

/** Where the programs are: Debian keeps them off the path. */
function program(name: string): string {
	const debian = '/usr/lib/postgresql';
	const folders = existsSync(debian)
		? readdirSync(debian).map((version) => path.join(debian, version, 'bin'))
		: [];
	const found = [...folders, ...(process.env.PATH ?? '').split(path.delimiter)]
		.map((folder) => path.join(folder, name))
		.find((file) => existsSync(file));
	if (!found) throw new Error(`PostgreSQL is not installed: there is no ${name}.`);
	return found;
}

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const unprivileged = () => {
	if (process.getuid?.() !== 0) return {};
	const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
	return { uid: id('-u'), gid: id('-g') };
};

export class Postgres {
	private constructor(
		readonly port: number,
		private readonly folder: string,
		private readonly child: ChildProcess,
	) {}

	static async start(): Promise<Postgres> {
		const folder = mkdtempSync(path.join(tmpdir(), 'postgres-'));
		const identity = unprivileged();
		if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
		const [port] = (await freePorts(1)) as [number];
		const data = path.join(folder, 'data');
		const options = { ...identity, cwd: folder, stdio: 'ignore' as const };
		execFileSync(
			program('initdb'),
			['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--no-sync'],
			options,
		);
		const child = spawn(
			program('postgres'),
			[
				...['-D', data, '-p', String(port), '-k', folder],
				...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200'],
			],
			options,
		);
		const server = new Postgres(port, folder, child);
		await waitFor('PostgreSQL', () => child.exitCode !== null || answers(port));
		if (child.exitCode !== null) throw new Error('PostgreSQL ended at once.');
		return server;
	}

	/** What n8n is told to use it. */
	get env(): Record<string, string> {
		return {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(this.port),
			DB_POSTGRESDB_USER: USER,
			DB_POSTGRESDB_DATABASE: 'postgres',
		};
	}

	async stop() {
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const exited = new Promise((resolve) => this.child.once('exit', resolve));
			this.child.kill('SIGINT'); // fast shutdown: does not wait for clients
			await exited;
		}
		await rm(this.folder, { recursive: true, force: true });
	}
}

const answers = (port: number) =>
	new Promise<boolean>((resolve) => {
		const socket = createConnection({ port, host: '127.0.0.1' });
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
