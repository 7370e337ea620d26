/** Writes of one turn of the event loop share a transaction, and yet each stands for itself. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { Database } from '../../src/storage/sqlite/database';
import { SqliteFile } from '../../src/storage/sqlite/file';
import { GroupCommit, LAZY_MS } from '../../src/storage/sqlite/group';
import { failingCommits } from '../helpers/failingCommits';
import { temporaryFolder } from '../helpers/storage';
import { bytes, collect, text, withCode } from './storage.contract';

const deps = { log: silentLog, clock: systemClock };
const root = temporaryFolder();
let folder: string;
let file: SqliteFile;
let count = 0;

const put = (key: string) => (db: Database) => {
	db.prepare('INSERT INTO facts (account, key, value) VALUES (?, ?, ?)').run('a', key, bytes(key));
};
/** What another program finds in the file: what is committed. */
function stored(): string[] {
	const reader = new DatabaseSync(join(folder, 'storage.sqlite'), { readOnly: true });
	try {
		return reader
			.prepare('SELECT key FROM facts ORDER BY key')
			.all()
			.map(({ key }) => key as string);
	} finally {
		reader.close();
	}
}

beforeEach(() => {
	count += 1;
	folder = join(root.path, String(count));
	file = SqliteFile.take(folder, deps);
	file.database.open();
});

afterEach(() => file.release());

afterAll(() => root.remove());

describe('writes of one turn', () => {
	it('are seen at once here, and by others when they are promised', async () => {
		// A machine that is held up in between would make them late, and late ones are committed by reading.
		const held = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
		const write = file.write(put('one'));
		const again = file.write(put('two'));
		const here = file.run((db) => db.prepare('SELECT count(*) AS n FROM facts').get()?.n);
		const elsewhere = stored();
		held.mockRestore();
		expect([here, elsewhere]).toEqual([2, []]);
		await write;
		// Both, since they share a transaction.
		expect(stored()).toEqual(['one', 'two']);
		await again;
	});

	it('do not fail for one of them, of which nothing is left', async () => {
		const outcomes = await Promise.allSettled([
			file.write(put('one')),
			file.write((db) => {
				put('half')(db);
				put('one')(db);
			}),
			file.write(put('two')),
		]);
		expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect(stored()).toEqual(['one', 'two']);
	});

	it('give what they returned when they were run last', async () => {
		const next = (db: Database) => {
			const n = Number(db.prepare('SELECT count(*) AS n FROM facts').get()?.n);
			put(`key ${n}`)(db);
			return n;
		};
		const writes = [file.write(next), file.write(next)];
		await expect(
			file.write(() => {
				throw new Error('no');
			}),
		).rejects.toThrow();
		expect(await Promise.all(writes)).toEqual([0, 1]);
	});

	it('are refused alone when their fence is stale', async () => {
		const storage = openStorage({ kind: 'sqlite', folder }, deps);
		const account = storage.account('a');
		const { fence } = (await account.lease.acquire('me', 60_000)) as { fence: { token: number } };
		const outcomes = await Promise.allSettled([
			account.inbox.append([{ key: 'e', value: bytes('1') }], { fence }),
			account.keys.write({ set: new Map([['k', bytes('v')]]) }, { token: fence.token - 1 }),
			account.facts.set('f', bytes('2')),
		]);
		expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject(withCode('lease-lost'));
		expect(await account.keys.getMany(['k'])).toEqual([undefined]);
		expect((await account.inbox.read('', 10)).map(({ value }) => text(value))).toEqual(['1']);
		expect(await collect(account.facts.keys(''))).toEqual(['f']);
		await storage.close();
	});

	it('are, of keys, not stored without those before them', async () => {
		const where = join(folder, 'full');
		const failing = failingCommits(() => full.database);
		const full = SqliteFile.take(where, { ...deps, clock: failing.clock });
		const storage = openStorage({ kind: 'sqlite', folder: where }, deps);
		const { keys, lease } = storage.account('a');
		await storage.ready();
		const { fence } = (await lease.acquire('me', 60_000)) as { fence: { token: number } };
		// The commit of both, and then of the first ones alone.
		failing.left = 2;
		const put = (name: string) => keys.write({ set: new Map([[name, bytes(name)]]) }, fence);
		const outcomes = await Promise.allSettled([put('first'), put('second')]);
		expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		expect(await collect(keys.keys(''))).toEqual([]);
		await Promise.all([put('third'), put('fourth')]);
		expect(await collect(keys.keys(''))).toEqual(['fourth', 'third']);
		full.release();
		await storage.close();
	});

	it('are committed although somebody reads and reads', async () => {
		let written = false;
		void file.write(put('one')).then(() => {
			written = true;
		});
		// No turn of the event loop ends in here.
		while (!written) await Promise.resolve(file.run((db) => db.prepare('SELECT 1').get()));
		expect(stored()).toEqual(['one']);
	});

	it('are committed when the file is closed in the same turn', async () => {
		const other = SqliteFile.take(folder, deps);
		const write = file.write(put('one'));
		file.release();
		other.release();
		await write;
		expect(stored()).toEqual(['one']);
		file = SqliteFile.take(folder, deps);
	});
});

describe('lazy writes', () => {
	const lazy = { lazy: true };
	const turn = () => new Promise((resolve) => setImmediate(resolve));

	it('are committed at the end of the turn when there was no commit before', async () => {
		const write = file.write(put('one'), lazy);
		expect(stored()).toEqual([]);
		await turn();
		expect(stored()).toEqual(['one']);
		await write;
	});

	it('are committed soon after another commit although nobody writes any more', async () => {
		await file.write(put('one'));
		await file.write(put('two'), lazy);
		expect(stored()).toEqual(['one', 'two']);
	});

	it('are committed with what may not wait', async () => {
		await file.write(put('one'));
		let written = false;
		void file.write(put('two'), lazy).then(() => {
			written = true;
		});
		await file.write(put('three'));
		expect(written).toBe(true);
		expect(stored()).toEqual(['one', 'three', 'two']);
	});

	it('share commits that are some time apart', async () => {
		let commits = 0;
		const group = new GroupCommit({
			begin() {},
			commit() {
				commits += 1;
			},
			rollback() {},
		});
		await group.write(() => {});
		const from = performance.now();
		let passed = 0;
		let turns = 0;
		const writes: Array<Promise<void>> = [];
		// Turns enough that most of them are short, however long the machine holds up some.
		for (; passed < 10 * LAZY_MS || turns < 100; turns++) {
			writes.push(group.write(() => {}, lazy));
			await turn();
			passed = performance.now() - from;
		}
		await Promise.all(writes);
		expect(commits).toBeLessThanOrEqual(2 + passed / (LAZY_MS - 1));
		expect(commits).toBeLessThan(turns);
	});

	it('do not take others with them when they fail', async () => {
		await file.write(put('one'));
		const outcomes = await Promise.allSettled([
			file.write(put('two'), lazy),
			file.write(put('one'), lazy),
			file.write(put('three'), lazy),
		]);
		expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect(stored()).toEqual(['one', 'three', 'two']);
	});

	it('are committed when the file is closed', async () => {
		await file.write(put('one'));
		const write = file.write(put('two'), lazy);
		file.release();
		await write;
		expect(stored()).toEqual(['one', 'two']);
		file = SqliteFile.take(folder, deps);
	});
});
