/** The embedded storage as a file: who may open it, and what if it is not what it should be. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	mkdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { Storage, StorageHealth } from '../../src/storage/roles';
import { SqliteFile } from '../../src/storage/sqlite/file';
import { MIGRATIONS } from '../../src/storage/sqlite/migrations';
import { temporaryFolder } from '../helpers/storage';
import { bytes, collect, text, withCode } from './storage.contract';

const deps = { log: silentLog, clock: systemClock };
const root = temporaryFolder();
const opened: Storage[] = [];
const children: ChildProcess[] = [];
let folder: string;
let count = 0;

const open = (at = folder): Storage => {
	const storage = openStorage({ kind: 'sqlite', folder: at }, deps);
	opened.push(storage);
	return storage;
};

/** Another process that opens the folder; resolves with the first line it prints. */
async function elsewhere(at = folder): Promise<{ child: ChildProcess; line: string }> {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', join(__dirname, '../helpers/sqliteHolder.ts'), at],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	children.push(child);
	const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
	return { child, line };
}

const file = (name: string) => join(folder, name);

beforeEach(() => {
	count += 1;
	folder = join(root.path, `folder ${count}`, 'whatsapp');
});

afterEach(async () => {
	for (const storage of opened.splice(0)) await storage.close();
	for (const child of children.splice(0)) {
		if (child.exitCode === null && child.signalCode === null) {
			const ended = once(child, 'exit');
			child.kill('SIGKILL');
			await ended;
		}
	}
});

afterAll(() => root.remove());

describe('the embedded storage', () => {
	it('touches nothing before it is used', () => {
		open();
		expect(() => statSync(folder)).toThrow(/ENOENT/);
	});

	it('keeps what was written over closing and opening', async () => {
		const storage = open();
		const account = storage.account('a');
		await account.keys.write({ set: new Map([['k', bytes('v')]]) });
		const [seq] = await account.inbox.append([{ key: 'e', value: bytes('1') }]);
		await storage.close();
		const again = open().account('a');
		expect((await again.keys.getMany(['k'])).map(text)).toEqual(['v']);
		const [next = ''] = await again.inbox.append([
			{ key: 'e', value: bytes('1') },
			{ key: 'f', value: bytes('1') },
		]);
		expect(next).toBe('');
		expect((await again.inbox.read(seq ?? '', 9)).map(({ key }) => key)).toEqual(['f']);
	});

	it('is readable by its owner only', async () => {
		const storage = open();
		await storage.account('a').facts.set('f', bytes('1'));
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		for (const name of [
			'storage.sqlite',
			'storage.sqlite-wal',
			'storage.sqlite-shm',
			'storage.lock',
		]) {
			expect([name, statSync(file(name)).mode & 0o777]).toEqual([name, 0o600]);
		}
	});

	it('closes a folder that others could list', async () => {
		mkdirSync(folder, { recursive: true });
		chmodSync(folder, 0o755);
		await open().ready();
		expect(statSync(folder).mode & 0o777).toBe(0o700);
	});

	it('writes ahead and without an fsync for each write', async () => {
		const taken = SqliteFile.take(folder, deps);
		const db = taken.database.open();
		expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
		expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 1 });
		taken.release();
	});

	it('is shared by handles of one process, however the folder is written', async () => {
		const first = open();
		await first.account('a').facts.set('f', bytes('1'));
		symlinkSync(folder, `${folder}-link`);
		const second = open(`${folder}-link`);
		await second.ready();
		expect(text(await second.account('a').facts.get('f'))).toBe('1');
		const lease = await first.account('a').lease.acquire('p1', 1000);
		expect(lease.held).toBe(true);
		expect((await second.account('a').lease.acquire('p2', 1000)).held).toBe(false);
		await first.close();
		expect(text(await second.account('a').facts.get('f'))).toBe('1');
		await second.close();
		await expect(second.account('a').facts.get('f')).rejects.toThrow(withCode('closing'));
	});

	it('refuses a second process, until the first has closed', async () => {
		const storage = open();
		await storage.ready();
		expect((await elsewhere()).line).toBe('storage-in-use');
		await storage.close();
		expect((await elsewhere()).line).toBe('holding');
	});

	it('can be opened after the process that held it was killed, with all it had written', async () => {
		const { child, line } = await elsewhere();
		expect(line).toBe('holding');
		const storage = open();
		const changes: StorageHealth[] = [];
		storage.onHealth((health) => changes.push(health));
		await expect(storage.ready()).rejects.toThrow(withCode('storage-in-use'));
		await expect(storage.account('a').facts.get('f')).rejects.toThrow(withCode('storage-in-use'));
		expect(storage.health()).toMatchObject({ ok: false });
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
		await storage.ready();
		expect(changes.map(({ ok }) => ok)).toEqual([false, true]);
		expect(await collect(storage.account('a').keys.keys(''))).toEqual(['from the other process']);
	});

	it('says so when the file is damaged, and leaves it as it is', async () => {
		const storage = open();
		await storage.account('a').keys.write({
			set: new Map(
				Array.from({ length: 500 }, (_, index) => [`k${index}`, Buffer.alloc(500, index)]),
			),
		});
		await storage.close();
		const size = statSync(file('storage.sqlite')).size;
		const damaged = readFileSync(file('storage.sqlite')).fill(0xaa, 4096, size);
		writeFileSync(file('storage.sqlite'), damaged);
		const { keys } = open().account('a');
		await expect(keys.getMany(['k1'])).rejects.toThrow(withCode('storage-damaged'));
		await opened.at(-1)?.close();
		expect(readFileSync(file('storage.sqlite')).equals(damaged)).toBe(true);
	});

	it.each([
		['nonsense', () => writeFileSync(file('storage.sqlite'), 'this is no database, '.repeat(500))],
		['cut off', () => truncateSync(file('storage.sqlite'), 5000)],
	])('says so when the file is %s', async (_name, spoil) => {
		const storage = open();
		await storage.account('a').keys.write({ set: new Map([['k', Buffer.alloc(20_000)]]) });
		await storage.close();
		spoil();
		const again = open();
		const use = again.ready().then(() => again.account('a').keys.getMany(['k']));
		await expect(use).rejects.toThrow(withCode('storage-damaged'));
	});

	it('refuses a file of a newer version and changes nothing in it', async () => {
		await open().ready();
		await opened.at(-1)?.close();
		const db = new DatabaseSync(file('storage.sqlite'));
		db.exec('PRAGMA user_version = 9999');
		db.close();
		await expect(open().ready()).rejects.toThrow(withCode('storage-newer'));
	});

	it('brings a file of an older version to the newest schema with all that is in it', async () => {
		mkdirSync(folder, { recursive: true });
		const db = new DatabaseSync(file('storage.sqlite'));
		const older = MIGRATIONS.slice(0, 2);
		for (const step of older) db.exec(step);
		db.exec(`PRAGMA user_version = ${older.length}`);
		const put = db.prepare('INSERT INTO facts (account, key, value, expires) VALUES (?, ?, ?, ?)');
		put.run('a', 'kept', bytes('1'), null);
		put.run('a', 'for long', bytes('2'), Date.now() + 60_000);
		put.run('a', 'expired', bytes('3'), Date.now() - 1);
		db.close();
		const { facts } = open().account('a');
		expect((await facts.getMany(['kept', 'for long', 'expired'])).map(text)).toEqual([
			'1',
			'2',
			undefined,
		]);
		await facts.set('kept', bytes('4'));
		expect(text(await facts.get('kept'))).toBe('4');
	});

	it('says so when the disk is full, and goes on when it is not any more', async () => {
		const storage = open();
		await storage.ready();
		const taken = SqliteFile.take(folder, deps);
		const db = taken.database.open();
		const pages = Number(db.prepare('PRAGMA page_count').get()?.page_count);
		db.exec(`PRAGMA max_page_count = ${pages + 5}`);
		const { keys, inbox } = storage.account('a');
		await keys.write({ set: new Map([['small', bytes('1')]]) });
		const large = keys.write({
			set: new Map([
				['small', bytes('2')],
				['large', Buffer.alloc(100_000)],
			]),
		});
		await expect(large).rejects.toThrow(withCode('storage-full'));
		expect(storage.health()).toMatchObject({ ok: false });
		expect((await keys.getMany(['small', 'large'])).map(text)).toEqual(['1', undefined]);
		// That it can be read says nothing.
		expect(storage.health()).toMatchObject({ ok: false });
		db.exec('PRAGMA max_page_count = 1000000');
		await inbox.append([{ key: 'e', value: Buffer.alloc(100_000) }]);
		expect(storage.health()).toEqual({ ok: true });
		taken.release();
	});

	it('says that it passes when another program writes into the file for too long', async () => {
		const storage = open();
		const { facts, keys } = storage.account('a');
		await facts.set('f', bytes('1'));
		const other = new DatabaseSync(file('storage.sqlite'));
		other.exec('BEGIN IMMEDIATE');
		// Whoever keeps sessions and history tries again only what passes.
		await expect(keys.write({ set: new Map([['k', bytes('v')]]) })).rejects.toMatchObject({
			code: 'storage-busy',
			retry: 'later',
		});
		expect(storage.health()).toMatchObject({ ok: false });
		expect(text(await facts.get('f'))).toBe('1');
		other.exec('ROLLBACK');
		other.close();
		await keys.write({ set: new Map([['k', bytes('v')]]) });
		expect(storage.health()).toEqual({ ok: true });
	});

	it('does not stand still for each write while another program writes', async () => {
		const taken = SqliteFile.take(folder, deps);
		const waits = () => taken.database.open().prepare('PRAGMA busy_timeout').get()?.timeout;
		const write = () => taken.write((db) => db.prepare('DELETE FROM facts').run());
		await write();
		const patience = waits();
		expect(patience).toBeGreaterThan(0);
		const other = new DatabaseSync(file('storage.sqlite'));
		other.exec('BEGIN IMMEDIATE');
		await expect(write()).rejects.toThrow(withCode('storage-busy'));
		expect(waits()).toBe(0);
		await expect(write()).rejects.toThrow(withCode('storage-busy'));
		other.exec('ROLLBACK');
		other.close();
		await write();
		expect(waits()).toBe(patience);
		taken.release();
	});

	it('says so when the folder cannot be made', async () => {
		mkdirSync(join(folder, '..'), { recursive: true });
		writeFileSync(folder, 'a file is in the way');
		await expect(open().ready()).rejects.toThrow(withCode('storage-not-writable'));
		await expect(open(join(folder, 'below')).ready()).rejects.toThrow(
			withCode('storage-not-writable'),
		);
	});
});
