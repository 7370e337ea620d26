/** The embedded storage keeps how far triggers are in memory, and yet it is as if each change were written. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { AccountStorage, Cursors, Storage } from '../../src/storage/roles';
import { SqliteFile } from '../../src/storage/sqlite/file';
import { formatSeq } from '../../src/storage/seq';
import { failingCommits } from '../helpers/failingCommits';
import { temporaryFolder } from '../helpers/storage';

/** Commits with changes of deliveries fail. */
const failing = failingCommits(() => file.database);
const deps = { log: silentLog, clock: failing.clock };
const TRIGGER = 'workflow/node';
const HANDS = { process: 'main', execution: 'trigger' };
const by = (execution: string) => ({ process: 'main', execution });
const root = temporaryFolder();
let count = 0;
let folder: string;
let file: SqliteFile;
let storage: Storage;
let account: AccountStorage;

function open(): void {
	file = SqliteFile.take(folder, deps);
	storage = openStorage({ kind: 'sqlite', folder }, deps);
	account = storage.account('account');
	file.database.open();
}

async function close(): Promise<void> {
	await storage.close();
	file.release();
}

beforeEach(() => {
	folder = join(root.path, String(++count));
	open();
});

afterEach(close);

afterAll(() => root.remove());

/** What another program finds in the file: what is committed. */
function stored(): { cursors: unknown[]; deliveries: string[] } {
	const reader = new DatabaseSync(join(folder, 'storage.sqlite'), { readOnly: true });
	try {
		return {
			cursors: reader
				.prepare('SELECT seq FROM cursors')
				.all()
				.map(({ seq }) => seq),
			deliveries: reader
				.prepare('SELECT seq, state FROM deliveries ORDER BY seq')
				.all()
				.map(({ seq, state }) => `${String(seq)} ${String(state)}`),
		};
	} finally {
		reader.close();
	}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const fail = () =>
	file.write(() => {
		throw new Error('no');
	});
it('writes the final state only, once a commit', async () => {
	const { cursors } = account;
	expect(await cursors.emitted(TRIGGER, formatSeq(5), 1, HANDS)).toBe('ours');
	const claim = cursors.claim(TRIGGER, formatSeq(5), 1, by('e'));
	const done = cursors.done(TRIGGER, formatSeq(5), 1);
	const passed = cursors.set(TRIGGER, formatSeq(5));
	expect(stored()).toEqual({ cursors: [], deliveries: [] });
	expect(await Promise.all([claim, done, passed])).toEqual([true, true, undefined]);
	expect(stored()).toEqual({ cursors: [5], deliveries: [] });
});

it('resolves a claim when it is stored, and tells what follows before', async () => {
	const { cursors } = account;
	await cursors.claim(TRIGGER, formatSeq(1), 1, by('e'));
	const heard = new Promise<string[]>((resolve) =>
		cursors.onClaim(() => resolve(stored().deliveries)),
	);
	await cursors.claim(TRIGGER, formatSeq(2), 1, by('e'));
	expect(stored().deliveries).toEqual(['1 claimed', '2 claimed']);
	expect(await heard).toEqual(['1 claimed']);
});

it('keeps a second attempt from being handed over before it is stored', async () => {
	expect(await account.cursors.emitted(TRIGGER, formatSeq(1), 2, HANDS)).toBe('ours');
	expect(stored().deliveries).toEqual(['1 emitted']);
});

it('is as in the file again after another write of the turn was taken back', async () => {
	const { cursors } = account;
	const claims = [
		cursors.claim(TRIGGER, formatSeq(1), 1, by('e')),
		cursors.claim(TRIGGER, formatSeq(1), 1, by('other')),
	];
	await expect(fail()).rejects.toThrow();
	expect(await Promise.all(claims)).toEqual([true, false]);
	expect(stored().deliveries).toEqual(['1 claimed']);
});

it('lets no claim be stored when the one before could not be', async () => {
	const { cursors } = account;
	// The commit of both, and then of the first one alone.
	failing.left = 2;
	const claims = await Promise.allSettled([
		cursors.claim(TRIGGER, formatSeq(1), 1, by('first')),
		cursors.claim(TRIGGER, formatSeq(2), 1, by('second')),
	]);
	expect(claims.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	expect(claims[1]).toMatchObject({ reason: { retry: 'later' } });
	expect(stored().deliveries).toEqual([]);
	// Handed over since, as the claims before it were told.
	await expect(cursors.claim(TRIGGER, formatSeq(3), 1, by('third'))).rejects.toMatchObject({
		retry: 'later',
	});
	// Asked again, as executions do.
	expect(await cursors.claim(TRIGGER, formatSeq(1), 1, by('first'))).toBe(true);
	expect(await cursors.claim(TRIGGER, formatSeq(2), 1, by('second'))).toBe(true);
	expect(await cursors.claim(TRIGGER, formatSeq(3), 1, by('third'))).toBe(true);
});

it('forgets what was not written of an account that is erased', async () => {
	const { cursors } = account;
	void cursors.claim(TRIGGER, formatSeq(1), 1, by('e'));
	await account.erase();
	expect(stored()).toEqual({ cursors: [], deliveries: [] });
	expect([await cursors.list(), await cursors.open(TRIGGER)]).toEqual([[], []]);
});

type Step = [kind: string, trigger: string, seq: number, attempt: number];

/** Does the same on both; the answers are equal. */
async function compare(ours: Cursors, memory: Cursors, steps: readonly Step[]): Promise<void> {
	const answers: Array<Promise<unknown>> = [];
	for (const [kind, trigger, n, attempt] of steps) {
		const seq = formatSeq(n);
		const both = (work: (cursors: Cursors) => Promise<unknown>) => {
			const answer = [work(ours), work(memory)];
			answers.push(Promise.all(answer).then(([one, two]) => expect(one).toEqual(two)));
		};
		if (kind === 'emitted')
			both((cursors) => cursors.emitted(trigger, seq, attempt, HANDS, attempt - 1));
		if (kind === 'claim') both((cursors) => cursors.claim(trigger, seq, attempt, by(`e${n % 2}`)));
		if (kind === 'done') both((cursors) => cursors.done(trigger, seq, attempt));
		if (kind === 'set') both((cursors) => cursors.set(trigger, seq));
		if (kind === 'remove') both((cursors) => cursors.remove(trigger));
		if (kind === 'fails') answers.push(expect(fail()).rejects.toThrow());
		if (kind === 'turn') await turn();
		if (kind === 'look') both(state);
	}
	await Promise.all(answers);
}

async function state(cursors: Cursors): Promise<unknown> {
	const triggers = (await cursors.list()).sort();
	return await Promise.all(
		triggers.map(async (trigger) => [
			trigger,
			await cursors.get(trigger),
			(await cursors.open(trigger)).map((each) => ({ ...each, at: 0 })),
		]),
	);
}

it('does what a storage does that keeps nothing back, also over failures and restarts', async () => {
	const kinds = ['emitted', 'claim', 'done', 'set', 'remove', 'fails', 'turn', 'look'];
	const step = fc.tuple(
		fc.constantFrom(...kinds, 'claim', 'done', 'turn'),
		fc.constantFrom('one', 'two'),
		fc.integer({ min: 1, max: 4 }),
		// First attempts are noted in memory only.
		fc.integer({ min: 2, max: 4 }),
	);
	let accounts = 0;
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
			const name = `account ${++accounts}`;
			const memory = openStorage({ kind: 'memory' }, deps).account(name).cursors;
			await compare(storage.account(name).cursors, memory, steps);
			await close();
			open();
			expect(await state(storage.account(name).cursors)).toEqual(await state(memory));
		}),
		{ numRuns: 60 },
	);
});
