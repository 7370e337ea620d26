import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinkedError } from '../../src/errors';
import { encryptionKey, isQueueMode, queueRedis } from '../../src/host';
import { readCredential } from '../../src/settings';

const environment = { ...process.env };
afterEach(() => {
	process.env = { ...environment };
});

const read = (data: Record<string, string | number | boolean>, id = 'abc') =>
	readCredential({ id, name: 'My number' }, data);

const codeOf = (task: () => unknown): string => {
	try {
		task();
	} catch (error) {
		if (error instanceof LinkedError) return `${error.code}: ${error.message}`;
		throw error;
	}
	return 'no error';
};

test('a fresh credential is embedded storage under the user folder of n8n', () => {
	process.env.N8N_USER_FOLDER = '/data';
	expect(read({})).toMatchObject({
		account: 'abc',
		deviceName: 'n8n',
		storage: { kind: 'sqlite', folder: '/data/.n8n/whatsapp-linked' },
	});
});

test('in queue mode, Automatic is the Redis of the queue and Embedded is refused', () => {
	Object.assign(process.env, {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: 'redis.example',
		QUEUE_BULL_REDIS_PORT: '6380',
		QUEUE_BULL_REDIS_PASSWORD: 'secret',
		QUEUE_BULL_REDIS_DB: '2',
		QUEUE_BULL_REDIS_TLS: 'true',
	});
	expect(read({}).storage).toEqual({
		kind: 'redis',
		host: 'redis.example',
		port: 6380,
		username: undefined,
		password: 'secret',
		database: 2,
		tls: {},
	});
	expect(codeOf(() => read({ storage: 'embedded' }))).toMatch(/^embedded-in-queue-mode/);
});

test('a cluster of the queue is a cluster here', () => {
	Object.assign(process.env, {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_CLUSTER_NODES: 'a:1, b:2',
	});
	expect(read({}).storage).toMatchObject({ kind: 'redis', url: 'redis-cluster://a:1,b:2' });
});

test('TLS of the queue is checked here as there', () => {
	Object.assign(process.env, {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_CLUSTER_NODES: 'a:1',
		QUEUE_BULL_REDIS_TLS: 'true',
		QUEUE_BULL_REDIS_TLS_SERVERNAME: 'redis.example',
		QUEUE_BULL_REDIS_TLS_VALIDATE_CERTIFICATE: 'false',
	});
	expect(read({}).storage).toMatchObject({
		url: 'rediss-cluster://a:1',
		tls: { servername: 'redis.example', rejectUnauthorized: false },
	});
});

test.each([
	[{ phoneNumber: 'call me' }, 'bad-phone'],
	[{ phoneNumber: '123' }, 'bad-phone'],
	[{ deviceName: 'x'.repeat(51) }, 'bad-credential: .*Device Name'],
	[{ proxy: 'proxy.example:3128' }, 'bad-credential: .*Proxy'],
	[{ proxy: 'ftp://proxy.example' }, 'bad-credential: .*Proxy'],
	[{ storage: 'mongo' }, 'bad-credential: .*Storage'],
])('%j is refused and the message names the field', (data, expected) => {
	expect(codeOf(() => read(data as Record<string, string>))).toMatch(new RegExp(`^${expected}`));
});

test('a proxy with a password is not repeated in the error', () => {
	expect(codeOf(() => read({ proxy: 'socks9://user:hunter2@host' }))).not.toContain('hunter2');
});

test('an unsaved credential is told to be saved first', () => {
	expect(codeOf(() => read({}, ''))).toMatch(/press Save first/);
});

test('the phone number is kept as digits', () => {
	expect(read({ phoneNumber: '+1 (555) 010-0123' }).phone).toBe('15550100123');
});

describe('what n8n says about itself', () => {
	const folder = mkdtempSync(join(tmpdir(), 'host-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test('the encryption key comes from the environment, a file named there, or the settings file', () => {
		expect(encryptionKey({ N8N_ENCRYPTION_KEY: 'from env' })).toBe('from env');
		const file = join(folder, 'key');
		writeFileSync(file, 'from file\n');
		expect(encryptionKey({ N8N_ENCRYPTION_KEY_FILE: file })).toBe('from file');
		mkdirSync(join(folder, '.n8n'));
		writeFileSync(join(folder, '.n8n', 'config'), JSON.stringify({ encryptionKey: 'stored' }));
		expect(encryptionKey({ N8N_USER_FOLDER: folder })).toBe('stored');
	});

	test('no key anywhere is an error that names the variable', () => {
		expect(codeOf(() => encryptionKey({ N8N_USER_FOLDER: '/nowhere' }))).toMatch(
			/^wrong-key: .*N8N_ENCRYPTION_KEY/,
		);
	});

	test('queue mode and its Redis have the defaults of n8n', () => {
		expect(isQueueMode({})).toBe(false);
		expect(queueRedis({})).toMatchObject({
			host: 'localhost',
			port: 6379,
			database: 0,
			tls: false,
		});
	});
});

test('what is kept of the history is read, and nonsense is refused by name', () => {
	expect(read({}).history).toEqual({
		chats: 'all',
		chosen: [],
		days: 0,
		perChat: 0,
		media: 'details',
	});
	const chosen = {
		historyChats: 'chosen',
		historyChosen: '+1 555 010 0101; 120363000000000001@g.us',
	};
	expect(read({ ...chosen, historyDays: '30', historyMedia: 'none' }).history).toEqual({
		chats: 'chosen',
		chosen: ['15550100101@s.whatsapp.net', '120363000000000001@g.us'],
		days: 30,
		perChat: 0,
		media: 'none',
	});
	const refused: Array<[Record<string, string | number>, string]> = [
		[{ historyChats: 'some' }, 'Keep History Of'],
		[{ historyChats: 'chosen' }, 'Chats to Keep'],
		[{ historyChats: 'chosen', historyChosen: 'anna' }, 'Chats to Keep'],
		[{ historyDays: -1 }, 'Days to Keep'],
		[{ historyDays: 1.5 }, 'Days to Keep'],
		[{ historyPerChat: 'many' }, 'Messages per Chat'],
		[{ historyMedia: 'all' }, 'Files in the History'],
	];
	for (const [data, field] of refused) {
		expect(codeOf(() => read(data))).toMatch(new RegExp(`^bad-credential: .*${field}`));
	}
});
