/** What a storage is opened with, and the check of it. Messages name the field, never its value. */
import { isAbsolute } from 'node:path';
import { LinkedError } from '../errors';

export interface SqliteSettings {
	kind: 'sqlite';
	/** Absolute path of a folder of our own; created when missing. */
	folder: string;
}

export interface RedisTls {
	/** PEM text of the authority that signed the server's certificate, when it is not a public one. */
	ca?: string;
	cert?: string;
	key?: string;
	servername?: string;
	/** Only false switches the check of the certificate off. */
	rejectUnauthorized?: boolean;
}

export interface RedisSettings {
	kind: 'redis';
	/**
	 * `redis://user:password@host:6379/0`, `rediss://` for TLS, `redis-cluster://host:port,host:port`
	 * or `rediss-cluster://` for a cluster. What it leaves out is taken from the fields below.
	 */
	url?: string;
	host?: string;
	port?: number;
	username?: string;
	password?: string;
	database?: number;
	tls?: boolean | RedisTls;
	/** Treat host as one of the nodes of a cluster. */
	cluster?: boolean;
	/** What all our keys start with. */
	prefix?: string;
}

export interface MemorySettings {
	kind: 'memory';
}

export type StorageSettings = SqliteSettings | RedisSettings | MemorySettings;

/** Redis settings with everything said. */
export interface RedisTarget {
	nodes: Array<{ host: string; port: number }>;
	cluster: boolean;
	username?: string;
	password?: string;
	database: number;
	tls?: RedisTls;
	prefix: string;
}

export const DEFAULT_PREFIX = 'whatsapp-linked';

const bad = (field: string, problem: string) =>
	new LinkedError('storage-settings', { detail: `${field} ${problem}`, data: { field } });

/** @throws LinkedError `storage-settings` that names the field. */
export function checkSqlite(settings: SqliteSettings): SqliteSettings {
	if (typeof settings.folder !== 'string' || settings.folder.trim() === '') {
		throw bad('folder', 'is missing: name a folder for the embedded storage.');
	}
	if (!isAbsolute(settings.folder)) throw bad('folder', 'must be an absolute path.');
	if (settings.folder.includes('\0'))
		throw bad('folder', 'holds a character that paths cannot have.');
	return settings;
}

function port(field: string, value: string | number | undefined): number {
	const number = value === undefined || value === '' ? 6379 : Number(value);
	if (!Number.isInteger(number) || number < 1 || number > 65_535) {
		throw bad(field, 'must have a port from 1 to 65535.');
	}
	return number;
}

function database(field: string, value: string | number | undefined): number {
	const number = value === undefined || value === '' ? 0 : Number(value);
	if (!Number.isInteger(number) || number < 0) {
		throw bad(field, 'must have a database that is a whole number, 0 or more.');
	}
	return number;
}

function node(field: string, text: string): { host: string; port: number } {
	const match = /^(\[[0-9a-f:.]+\]|[^:\s/@[\]]+)(?::(\d*))?$/i.exec(text.trim());
	if (!match?.[1]) throw bad(field, 'must name hosts as host:port.');
	return { host: match[1].replace(/^\[|\]$/g, ''), port: port(field, match[2]) };
}

const decode = (field: string, text: string): string => {
	try {
		return decodeURIComponent(text);
	} catch {
		throw bad(field, 'has a user or password with a % that is not written as %25.');
	}
};

const SHAPE = 'must look like redis://user:password@host:6379/0 (rediss:// for TLS).';

/** The address is taken apart by hand: a cluster names several hosts, which URL cannot read. */
function parseUrl(url: string): Partial<RedisTarget> & { secure: boolean } {
	const match = /^(rediss?)(-cluster)?:\/\/(?:([^/]*)@)?([^/@?#]+)(?:\/([^?#]*))?$/.exec(
		url.trim(),
	);
	if (!match?.[4]) throw bad('url', SHAPE);
	const [, scheme, cluster, login, hosts, path] = match;
	const names = hosts.split(',').filter((name) => name.trim() !== '');
	if (names.length === 0 || (!cluster && names.length > 1)) throw bad('url', SHAPE);
	const colon = login?.indexOf(':') ?? -1;
	const username = login === undefined ? undefined : colon < 0 ? login : login.slice(0, colon);
	const password = login === undefined || colon < 0 ? undefined : login.slice(colon + 1);
	return {
		secure: scheme === 'rediss',
		cluster: cluster !== undefined,
		nodes: names.map((name) => node('url', name)),
		username: username ? decode('url', username) : undefined,
		password: password ? decode('url', password) : undefined,
		database: path ? database('url', path) : undefined,
	};
}

/** @throws LinkedError `storage-settings` that names the field. */
export function checkRedis(settings: RedisSettings): RedisTarget {
	const prefix = settings.prefix || DEFAULT_PREFIX;
	if (!/^[\w.:/-]{1,100}$/.test(prefix)) {
		throw bad('prefix', 'may have letters, digits and . : / _ - only, 100 at most.');
	}
	const url = settings.url ? parseUrl(settings.url) : undefined;
	if (!url && !settings.host) throw bad('host', 'is missing: name the server or give a url.');
	const nodes = url?.nodes ?? [
		{ ...node('host', settings.host ?? ''), port: port('port', settings.port) },
	];
	const cluster = url?.cluster || settings.cluster === true;
	const target: RedisTarget = {
		nodes,
		cluster,
		username: url?.username ?? (settings.username || undefined),
		password: url?.password ?? (settings.password || undefined),
		database: url?.database ?? database('database', settings.database),
		prefix,
	};
	if (cluster && target.database !== 0) throw bad('database', 'must be 0 in a cluster.');
	if (url?.secure || settings.tls)
		target.tls = typeof settings.tls === 'object' ? settings.tls : {};
	return target;
}
