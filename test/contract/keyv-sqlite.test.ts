/**
 * Keyv's own suite for storage adapters. It is written for vitest but takes the test functions as an
 * argument; jest's fit, except that vitest hands `expect` to each test, which is done here.
 */
import Keyv from 'keyv';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { silentLog } from '../../src/log';
import { Database } from '../../src/storage/sqlite/database';
import { KeyvSqlite } from '../../src/storage/sqlite/keyvSqlite';
import { temporaryFolder } from '../helpers/storage';

type Body = (context: { expect: typeof expect }) => unknown;

interface Runner {
	it(name: string, body: Body): void;
	beforeEach(body: Body): void;
	afterEach(body: Body): void;
}

type Suite = (test: Runner, keyv: typeof Keyv, store: () => KeyvSqlite) => void;

// Loaded by Node itself: its own types want vitest's.
const suites = createRequire(__filename)('@keyv/test-suite') as {
	default: Suite;
	keyvIteratorTests: Suite;
};

const runner: Runner = {
	it: (name, body) => it(name, async () => void (await body({ expect }))),
	beforeEach: (body) => beforeEach(async () => void (await body({ expect }))),
	afterEach: (body) => afterEach(async () => void (await body({ expect }))),
};

const folder = temporaryFolder();
const database = new Database(join(folder.path, 'keyv'), silentLog);

afterAll(() => {
	database.close();
	folder.remove();
});

describe('Keyv on node:sqlite', () => {
	const store = () => new KeyvSqlite(database);
	suites.default(runner, Keyv, store);
	suites.keyvIteratorTests(runner, Keyv, store);

	it('sets many in one transaction, or none', async () => {
		const keyv = new Keyv({ store: store(), throwOnErrors: true, emitErrors: false });
		await keyv.setMany([
			{ key: 'a', value: 1 },
			{ key: 'b', value: 2, ttl: 60_000 },
		]);
		expect(await keyv.get(['a', 'b'])).toEqual([1, 2]);
		const adapter = store();
		adapter.namespace = 'raw';
		const broken = [
			{ key: 'c', value: 'fine' },
			{ key: 'd', value: { not: 'storable' } },
		];
		await expect(adapter.setMany(broken)).rejects.toThrow(TypeError);
		expect(await adapter.get('c')).toBeUndefined();
	});

	it('gives bytes back as bytes when Keyv does not serialise', async () => {
		const keyv = new Keyv<Uint8Array>({
			store: store(),
			serialize: undefined,
			deserialize: undefined,
		});
		await keyv.set('bytes', Buffer.from([0, 255, 1]));
		expect([...((await keyv.get('bytes')) ?? [])]).toEqual([0, 255, 1]);
	});
});
