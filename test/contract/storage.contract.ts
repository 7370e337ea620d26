/** What every storage backend promises (src/storage/roles.ts), run by one test file a backend. */
import { LinkedError } from '../../src/errors';
import { UNSEALED } from '../../src/storage/historyRole';
import type { AccountStorage, Fence, Storage } from '../../src/storage/roles';
import { cursorsContract } from './cursors.contract';
import { factsContract } from './facts.contract';
import { historyContract } from './history.contract';
import { inboxContract } from './inbox.contract';
import { keysContract } from './keys.contract';
import { leaseContract } from './lease.contract';

export interface Backend {
	/** A storage of its own, empty, ready. Closed by `close` of the backend. */
	open(): Promise<Storage>;
	/** Another handle on the storage that `open` gave last; undefined where there is no such thing. */
	openAgain?(): Promise<Storage>;
	/** Lets time pass where the test owns it; elsewhere the test must wait for what it expects. */
	elapse?(ms: number): void;
	close(): Promise<void>;
}

/** What the parts of the suite work with; set anew before each test. */
export interface Stage {
	storage: Storage;
	/** An account with an ordinary id. */
	account: AccountStorage;
	backend: Backend;
}

export const ACCOUNT = 'nTq8Yb2XcV6mKpL1';

/** Ids that are easily mixed up or mean something to a backend. */
export const UNUSUAL = [
	...['a', 'a:', 'a:b', ':a', 'a b', ' ', 'ä', '日本', '😀', 'a\nb', "a'b", 'a"b', 'a\\b'],
	...['{', '}', '{}', '{a}', 'a}b{c', '}a{', '%', '%7b', 'a%b', 'a_b', 'a?b', 'a*', '*', '[a]'],
	...['__proto__', 'constructor', '~', '0', '15550100:1@s.whatsapp.net', '120363@g.us::1::0'],
];

export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** For comparing: what came back as text, in which undefined stays undefined. */
export const text = (value: Uint8Array | undefined): string | undefined =>
	value === undefined ? undefined : Buffer.from(value).toString();

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const found: T[] = [];
	for await (const item of items) found.push(item);
	return found;
}

/** Takes the lease, which must be free. */
export async function hold(account: AccountStorage, holder = 'p1', ttlMs = 60_000): Promise<Fence> {
	const result = await account.lease.acquire(holder, ttlMs);
	if (!result.held) throw new Error(`the lease is held by ${result.holder}`);
	return result.fence;
}

export const withCode = (code: string) => expect.objectContaining({ code }) as Error;

export function storageContract(name: string, start: () => Promise<Backend>): void {
	describe(`${name} storage`, () => {
		const stage = {} as Stage;

		beforeAll(async () => {
			stage.backend = await start();
		});
		beforeEach(async () => {
			stage.storage = await stage.backend.open();
			stage.account = stage.storage.account(ACCOUNT);
		});
		afterAll(() => stage.backend.close());

		describe('keys and journal', () => keysContract(stage));
		describe('inbox', () => inboxContract(stage));
		describe('cursors', () => cursorsContract(stage));
		describe('lease', () => leaseContract(stage));
		describe('facts', () => factsContract(stage));
		describe('history', () => historyContract(stage));

		describe('as a whole', () => {
			it('says that it is well', async () => {
				await stage.storage.ready();
				await stage.storage.ready();
				expect(stage.storage.health()).toEqual({ ok: true });
			});

			it('gives the same account each time', () => {
				expect(stage.storage.account(ACCOUNT)).toBe(stage.account);
				expect(stage.account.account).toBe(ACCOUNT);
			});

			it('erases one account, whatever the role, and no other', async () => {
				const other = stage.storage.account(`${ACCOUNT}2`);
				for (const each of [stage.account, other]) await fill(each);
				await stage.account.erase();
				expect(await contents(stage.account)).toEqual({
					keys: [],
					journal: [],
					inbox: [],
					cursors: [],
					facts: [],
					history: [[], []],
					holder: undefined,
				});
				expect(await contents(other)).toEqual({
					keys: ['creds.0'],
					journal: ['j'],
					inbox: ['e'],
					cursors: ['w/n'],
					facts: ['f'],
					history: [['chat'], ['entry']],
					holder: 'p1',
				});
			});

			it('lets no fenced write bring an erased account back', async () => {
				const fence = await fill(stage.account);
				await stage.account.erase();
				const late = stage.account.keys.write({ set: new Map([['creds.0', bytes('x')]]) }, fence);
				await expect(late).rejects.toThrow(withCode('lease-lost'));
				expect(await collect(stage.account.keys.keys(''))).toEqual([]);
			});

			it('starts over after erasing', async () => {
				await fill(stage.account);
				await stage.account.erase();
				await fill(stage.account);
				expect((await contents(stage.account)).inbox).toEqual(['e']);
			});

			it('refuses positions that are none', async () => {
				for (const wrong of ['1', 'x', '-1', '12345678901234567']) {
					await expect(stage.account.inbox.read(wrong, 1)).rejects.toThrow(LinkedError);
					await expect(stage.account.cursors.set('t', wrong)).rejects.toThrow(LinkedError);
				}
			});
		});
	});
}

async function fill(account: AccountStorage): Promise<Fence> {
	const fence = await hold(account);
	await account.keys.write(
		{ set: new Map([['creds.0', bytes('c')]]), journalPut: new Map([['j', bytes('j')]]) },
		fence,
	);
	const [seq = ''] = await account.inbox.append([{ key: 'e', value: bytes('e') }], { fence });
	const by = { process: 'p', execution: 'x' };
	await account.cursors.emitted('w/n', seq, 1, by);
	await account.cursors.claim('w/n', seq, 1, by);
	await account.facts.set('f', bytes('f'));
	const message = { second: 1, flags: 0, body: bytes('m'), words: 'm' };
	const history = account.history(UNSEALED);
	await history.change([{ chat: 'chat', id: 'm', step: () => message }], fence);
	await history.setEntries([{ id: 'entry', at: 1, value: bytes('v') }], fence);
	return fence;
}

async function contents(account: AccountStorage) {
	return {
		keys: await collect(account.keys.keys('')),
		journal: (await collect(account.journal.pending())).map(({ id }) => id),
		inbox: (await account.inbox.read('', 100)).map(({ key }) => key),
		cursors: await account.cursors.list(),
		facts: await collect(account.facts.keys('')),
		history: [
			await account.history(UNSEALED).chats(),
			(await account.history(UNSEALED).listEntries(undefined, 10)).map(({ id }) => id),
		],
		holder: await account.lease.holder(),
	};
}
