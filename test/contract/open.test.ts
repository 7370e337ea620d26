import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { openStorage, type StorageSettings } from '../../src/storage/open';
import { checkRedis } from '../../src/storage/settings';
import { temporaryFolder } from '../helpers/storage';

const deps = { log: silentLog, clock: systemClock };

/** The field that is complained about, and the message. */
function complaint(settings: StorageSettings): [field: unknown, message: string] {
	try {
		void openStorage(settings, deps).close();
	} catch (error) {
		if (error instanceof LinkedError && error.code === 'storage-settings') {
			return [error.data.field, error.message];
		}
		throw error;
	}
	return ['nothing', ''];
}

describe('settings', () => {
	it.each<[field: string, settings: StorageSettings]>([
		['folder', { kind: 'sqlite', folder: '' }],
		['folder', { kind: 'sqlite', folder: 'relative/folder' }],
		['folder', { kind: 'sqlite', folder: '/with\0nul' }],
		['kind', { kind: 'mysql' } as unknown as StorageSettings],
		['host', { kind: 'redis' }],
		['host', { kind: 'redis', host: 'user:pw@host' }],
		['port', { kind: 'redis', host: 'h', port: 0 }],
		['port', { kind: 'redis', host: 'h', port: 70_000 }],
		['port', { kind: 'redis', host: 'h', port: 1.5 }],
		['database', { kind: 'redis', host: 'h', database: -1 }],
		['database', { kind: 'redis', host: 'h', database: 1, cluster: true }],
		['prefix', { kind: 'redis', host: 'h', prefix: 'a b' }],
		['prefix', { kind: 'redis', host: 'h', prefix: 'a{b}' }],
		['url', { kind: 'redis', url: 'localhost:6379' }],
		['url', { kind: 'redis', url: 'http://localhost' }],
		['url', { kind: 'redis', url: 'redis://' }],
		['url', { kind: 'redis', url: 'redis://host:port' }],
		['url', { kind: 'redis', url: 'redis://one,two' }],
		['url', { kind: 'redis', url: 'redis://host/zero' }],
		['url', { kind: 'redis', url: 'redis://us%er:p%w@host' }],
		['database', { kind: 'redis', url: 'redis-cluster://host/1' }],
	])('with a wrong %s say so: %j', (field, settings) => {
		expect(complaint(settings)[0]).toBe(field);
	});

	it('never have their values repeated', () => {
		for (const url of ['redis://me:geheim@', 'x://me:geheim@host', 'redis://me:geheim@host:x']) {
			expect(complaint({ kind: 'redis', url })[1]).not.toContain('geheim');
		}
	});

	it('are read from a url, and what it leaves out from the fields', () => {
		expect(checkRedis({ kind: 'redis', url: 'redis://h' })).toEqual({
			nodes: [{ host: 'h', port: 6379 }],
			cluster: false,
			username: undefined,
			password: undefined,
			database: 0,
			prefix: 'whatsapp-linked',
		});
		expect(
			checkRedis({ kind: 'redis', url: 'rediss://me:p%40ss%2F@[::1]:7000/3', prefix: 'x' }),
		).toMatchObject({
			nodes: [{ host: '::1', port: 7000 }],
			username: 'me',
			password: 'p@ss/',
			database: 3,
			tls: {},
			prefix: 'x',
		});
		expect(
			checkRedis({
				kind: 'redis',
				url: 'redis-cluster://a:1,b:2,c',
				username: 'me',
				password: 'pw',
				tls: { ca: 'PEM' },
			}),
		).toMatchObject({
			nodes: [
				{ host: 'a', port: 1 },
				{ host: 'b', port: 2 },
				{ host: 'c', port: 6379 },
			],
			cluster: true,
			username: 'me',
			password: 'pw',
			tls: { ca: 'PEM' },
		});
		expect(checkRedis({ kind: 'redis', url: 'redis://:only@h' })).toMatchObject({
			username: undefined,
			password: 'only',
		});
	});
});

describe('drivers', () => {
	const folder = temporaryFolder();
	afterAll(() => folder.remove());

	const loaded = async (settings: StorageSettings): Promise<unknown> => {
		const { stdout } = await promisify(execFile)(process.execPath, [
			...['--import', 'tsx', join(__dirname, '../helpers/loadedDrivers.ts')],
			JSON.stringify(settings),
		]);
		return JSON.parse(stdout) as unknown;
	};

	it('are loaded only when their storage is opened', async () => {
		const none = { redis: false, sqlite: false, baileys: false };
		expect(await loaded({ kind: 'memory' })).toEqual(none);
		expect(await loaded({ kind: 'sqlite', folder: folder.path })).toEqual({
			...none,
			sqlite: true,
		});
		// Nothing listens there; opening is enough.
		expect(await loaded({ kind: 'redis', host: '127.0.0.1', port: 1 })).toEqual({
			...none,
			redis: true,
		});
	});
});
