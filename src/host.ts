/**
 * What the n8n process around us says about itself, read from where n8n 2.41 itself reads it:
 * environment variables (each also as NAME_FILE) and the settings file in its user folder.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LinkedError } from './errors';

/** Values of n8n's queue Redis, as n8n's `QUEUE_BULL_REDIS_*` variables give them. */
export interface QueueRedis {
	host: string;
	port: number;
	username?: string;
	password?: string;
	database: number;
	/** Without a name and with its check unless n8n is told otherwise. */
	tls: false | { servername?: string; rejectUnauthorized?: false };
	/** `host:port` pairs when n8n's queue is on a Redis cluster. */
	clusterNodes: string[];
}

type Environment = Record<string, string | undefined>;

/** NAME, or the content of the file that NAME_FILE points at, as n8n does for its own variables. */
function read(env: Environment, name: string): string | undefined {
	const value = env[name];
	if (value !== undefined) return value;
	const file = env[`${name}_FILE`];
	if (!file) return undefined;
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return undefined;
	}
}

const isTrue = (value: string | undefined) => value?.toLowerCase() === 'true' || value === '1';

const isFalse = (value: string | undefined) => value?.toLowerCase() === 'false' || value === '0';

/** n8n's user folder, `~/.n8n` unless N8N_USER_FOLDER says otherwise. */
export function userFolder(env: Environment = process.env): string {
	return join(read(env, 'N8N_USER_FOLDER') ?? homedir(), '.n8n');
}

/** True in main, workers and webhook processors of an n8n in queue mode. */
export function isQueueMode(env: Environment = process.env): boolean {
	return read(env, 'EXECUTIONS_MODE') === 'queue';
}

/** The Redis of n8n's own queue; only meaningful in queue mode. */
export function queueRedis(env: Environment = process.env): QueueRedis {
	const nodes = read(env, 'QUEUE_BULL_REDIS_CLUSTER_NODES') ?? '';
	return {
		host: read(env, 'QUEUE_BULL_REDIS_HOST') ?? 'localhost',
		port: Number(read(env, 'QUEUE_BULL_REDIS_PORT') ?? 6379),
		username: read(env, 'QUEUE_BULL_REDIS_USERNAME') || undefined,
		password: read(env, 'QUEUE_BULL_REDIS_PASSWORD') || undefined,
		database: Number(read(env, 'QUEUE_BULL_REDIS_DB') ?? 0),
		tls: isTrue(read(env, 'QUEUE_BULL_REDIS_TLS')) && {
			servername: read(env, 'QUEUE_BULL_REDIS_TLS_SERVERNAME') || undefined,
			rejectUnauthorized: isFalse(read(env, 'QUEUE_BULL_REDIS_TLS_VALIDATE_CERTIFICATE'))
				? false
				: undefined,
		},
		clusterNodes: nodes
			.split(',')
			.map((node) => node.trim())
			.filter((node) => node !== ''),
	};
}

/**
 * The key that n8n encrypts credentials with: stored sessions are worth as much as credentials, so
 * they are sealed with a key derived from it.
 * @throws LinkedError `wrong-key` when n8n has no key that can be found.
 */
export function encryptionKey(env: Environment = process.env): string {
	const fromEnv = read(env, 'N8N_ENCRYPTION_KEY');
	if (fromEnv) return fromEnv;
	try {
		const settings: unknown = JSON.parse(readFileSync(join(userFolder(env), 'config'), 'utf8'));
		if (settings && typeof settings === 'object' && 'encryptionKey' in settings) {
			const key = settings.encryptionKey;
			if (typeof key === 'string' && key !== '') return key;
		}
	} catch {
		// Told below: a missing and an unreadable file mean the same to the user.
	}
	throw new LinkedError('wrong-key', {
		detail: 'n8n has no encryption key: set N8N_ENCRYPTION_KEY.',
	});
}

/**
 * Places whose pages may be shown in link previews although their addresses are private, for an
 * intranet: `WHATSAPP_LINKED_PREVIEW_HOSTS=wiki.example.internal,10.0.0.5:8080`. Whoever runs n8n
 * decides that; workflows and messages cannot.
 */
export function previewHosts(env: Environment = process.env): ReadonlySet<string> {
	const hosts = (read(env, 'WHATSAPP_LINKED_PREVIEW_HOSTS') ?? '').toLowerCase().split(',');
	return new Set(hosts.map((host) => host.trim()).filter((host) => host !== ''));
}

/** Port on which this n8n process serves HTTP on loopback. */
export function ownPort(env: Environment = process.env): number {
	return Number(read(env, 'N8N_PORT') ?? 5678);
}

/** True in a process that serves the editor and runs triggers, not in n8n's other commands. */
export function servesN8n(argv: readonly string[] = process.argv): boolean {
	const [, program = '', command = 'start'] = argv;
	return /[\\/]n8n$/.test(program) && /^(start$|-)/.test(command);
}

export type InstanceType = 'main' | 'worker' | 'webhook';

/** Which part of n8n this process is, as n8n-core's InstanceSettings tells it from the command. */
export function instanceType(argv: readonly string[] = process.argv): InstanceType {
	const command = argv[2];
	return command === 'worker' || command === 'webhook' ? command : 'main';
}

/** Where this n8n process answers HTTP on this machine. */
export function ownAddress(env: Environment = process.env): string {
	const listens = read(env, 'N8N_LISTEN_ADDRESS') ?? '';
	const host = ['', '::', '0.0.0.0'].includes(listens) ? '127.0.0.1' : listens;
	const protocol = read(env, 'N8N_PROTOCOL') === 'https' ? 'https' : 'http';
	return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${ownPort(env)}`;
}
