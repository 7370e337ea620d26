import type { AuthenticationCreds, SignalDataSet } from '@whiskeysockets/baileys';
import { openAuth, type Auth, type AuthOptions } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { openStorage } from '../../src/storage/open';
import type { AccountStorage, KeyStore, WriteBatch } from '../../src/storage/roles';
import { recordingLog } from '../helpers/storage';
import { until } from '../helpers/until';

const ACCOUNT = 'credential:1 {ä}';
const withCode = (code: string) => expect.objectContaining({ code }) as Error;

/** A KeyStore whose traffic can be counted and disturbed. */
class Watched implements KeyStore {
	reads = 0;
	writes: WriteBatch[] = [];
	/** Called before a write; may wait or throw. */
	before: () => Promise<void> | void = () => {};

	constructor(readonly inner: KeyStore) {}

	async getMany(keys: readonly string[]) {
		this.reads += 1;
		return await this.inner.getMany(keys);
	}

	async write(...[batch, fence]: Parameters<KeyStore['write']>) {
		await this.before();
		this.writes.push(batch);
		await this.inner.write(batch, fence);
	}

	keys(prefix: string) {
		return this.inner.keys(prefix);
	}

	async clear() {
		await this.inner.clear();
	}
}

const log = recordingLog();
let storage: AccountStorage;
let store: Watched;

beforeEach(() => {
	log.lines.length = 0;
	storage = openStorage({ kind: 'memory' }, { log, clock: systemClock }).account(ACCOUNT);
	store = new Watched(storage.keys);
});

const open = async (options: Partial<AuthOptions> = {}): Promise<Auth> =>
	await openAuth({
		keys: store,
		account: ACCOUNT,
		secret: 'key of n8n',
		log,
		baileys: async () => await import('@whiskeysockets/baileys'),
		...options,
	});

/** Makes the credentials look as after a pairing. */
const link = (creds: AuthenticationCreds) =>
	Object.assign(creds, {
		me: { id: '15550100:1@s.whatsapp.net', lid: '123:1@lid', name: 'Ann' },
		account: { details: Buffer.from('d'), accountSignature: Buffer.alloc(64, 1) },
	});

const slots = async () => await storage.keys.getMany(['creds.0', 'creds.1']);
const damage = async (name: string) => {
	const [bytes] = await storage.keys.getMany([name]);
	const broken = Buffer.from(bytes ?? []);
	broken[30] = (broken[30] ?? 0) ^ 255;
	await storage.keys.write({ set: new Map([[name, broken]]) });
};

describe('credentials', () => {
	it('are fresh for an account that has none, and nothing is written for them', async () => {
		const auth = await open();
		expect(auth.registered()).toBe(false);
		expect(auth.state.creds.noiseKey.private).toHaveLength(32);
		expect(store.writes).toEqual([]);
	});

	it('come back as they were saved, buffers and unknown fields included', async () => {
		const auth = await open();
		const { creds } = auth.state;
		link(creds);
		Object.assign(creds, {
			routingInfo: Buffer.from([1, 2, 3]),
			fromTheFuture: { bytes: new Uint8Array([4]), list: [undefined, null, 1n] },
		});
		await auth.saveCreds();
		const again = await open();
		expect(again.state.creds).toEqual(creds);
		expect(again.registered()).toBe(true);
	});

	it('are not linked while only a code was asked for', async () => {
		const auth = await open();
		auth.state.creds.me = { id: '15550100@s.whatsapp.net', name: '~' };
		expect(auth.registered()).toBe(false);
	});

	it('are stored without anything readable', async () => {
		const auth = await open();
		link(auth.state.creds);
		await auth.saveCreds();
		for (const slot of await slots()) {
			expect(Buffer.from(slot ?? []).includes('15550100')).toBe(false);
			expect(Buffer.from(slot ?? []).includes(Buffer.from(auth.state.creds.noiseKey.private))).toBe(
				false,
			);
		}
	});

	it('are never taken for missing when the key is another one', async () => {
		const auth = await open();
		link(auth.state.creds);
		await auth.saveCreds();
		const before = await slots();
		await expect(open({ secret: 'another key' })).rejects.toThrow(withCode('wrong-key'));
		expect(await slots()).toEqual(before);
	});

	it('are never taken for missing when they are damaged', async () => {
		const auth = await open();
		link(auth.state.creds);
		await auth.saveCreds();
		await damage('creds.0');
		await damage('creds.1');
		await expect(open()).rejects.toThrow(withCode('damaged-data'));
	});

	it('fall back to the last good ones when the newest are damaged, with a warning', async () => {
		const auth = await open();
		link(auth.state.creds);
		for (const platform of ['first', 'second', 'third']) {
			auth.state.creds.platform = platform;
			await auth.saveCreds();
		}
		const newest = store.writes.at(-1)?.set?.keys().next().value ?? '';
		await damage(newest);
		log.lines.length = 0;
		const again = await open();
		expect(again.state.creds.platform).toBe('second');
		expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
		// Saving goes over the damaged ones, not over the last good ones.
		again.state.creds.platform = 'fourth';
		await again.saveCreds();
		expect((await open()).state.creds.platform).toBe('fourth');
		await damage(newest);
		expect((await open()).state.creds.platform).toBe('second');
	});

	it.each(['creds.0', 'creds.1'])(
		'of a linking outlive damage of %s right after it',
		async (slot) => {
			const auth = await open();
			auth.state.creds.platform = 'unlinked';
			await auth.saveCreds();
			link(auth.state.creds);
			await auth.saveCreds();
			await damage(slot);
			expect((await open()).registered()).toBe(true);
		},
	);

	it('never fall back to credentials from before the linking', async () => {
		const auth = await open();
		await auth.saveCreds();
		await storage.keys.write({ set: new Map([['creds.1', Buffer.alloc(90, 1)]]) });
		await expect(open()).rejects.toThrow(withCode('damaged-data'));
	});

	it('share one write in a burst, which holds the last state', async () => {
		const auth = await open();
		const saves = Array.from({ length: 50 }, (_, count) => {
			auth.state.creds.accountSyncCounter = count;
			return auth.saveCreds();
		});
		await Promise.all(saves);
		expect(store.writes).toHaveLength(1);
		expect((await open()).state.creds.accountSyncCounter).toBe(49);
	});

	it('are not written again when nothing changed', async () => {
		const auth = await open();
		await auth.saveCreds();
		await auth.saveCreds();
		const again = await open();
		await again.saveCreds();
		expect(store.writes).toHaveLength(1);
	});

	it('changed while a save is under way are saved by the next', async () => {
		const auth = await open();
		store.before = () => {
			store.before = () => {};
			auth.state.creds.platform = 'changed meanwhile';
			void auth.saveCreds();
		};
		await auth.saveCreds();
		await auth.flush();
		expect((await open()).state.creds.platform).toBe('changed meanwhile');
	});

	it('that could not be saved are saved by flush, and nothing crashes', async () => {
		const auth = await open();
		link(auth.state.creds);
		store.before = () => {
			throw new LinkedError('storage-unreachable');
		};
		void auth.saveCreds();
		await expect(auth.flush()).rejects.toThrow(withCode('storage-unreachable'));
		store.before = () => {};
		await auth.flush();
		expect((await open()).registered()).toBe(true);
	});

	it('of a new linking clear away keys that an interrupted log-out left behind', async () => {
		const old = await open();
		await old.state.keys.set({ 'lid-mapping': { left: 'behind' } });
		const auth = await open();
		await auth.state.keys.set({ 'lid-mapping': { just: 'written' } });
		await auth.saveCreds();
		const again = await open();
		expect(await again.state.keys.get('lid-mapping', ['left', 'just'])).toEqual({
			just: 'written',
		});
	});

	it('stay away once cleared, whatever Baileys still saves', async () => {
		const auth = await open();
		link(auth.state.creds);
		await auth.saveCreds();
		const late = auth.saveCreds();
		await auth.clear();
		await auth.state.keys.set({ 'lid-mapping': { a: 'b' } });
		auth.state.creds.platform = 'late';
		await Promise.all([late, auth.saveCreds(), auth.flush()]);
		const left: string[] = [];
		for await (const name of storage.keys.keys('')) left.push(name);
		expect(left).toEqual([]);
	});
});

describe('Signal keys', () => {
	const data: SignalDataSet = {
		'pre-key': { '1': { public: Buffer.alloc(32, 1), private: Buffer.alloc(32, 2) } },
		session: { '15550100.0': Buffer.from('a session') },
		'sender-key': { 'group@g.us::15550100::0': Buffer.from('not JSON') },
		'sender-key-memory': { 'group@g.us': { '15550100:1@s.whatsapp.net': true } },
		'app-state-sync-version': {
			regular: {
				version: 3,
				hash: Buffer.alloc(128, 4),
				indexValueMap: {
					[Buffer.alloc(32, 5).toString('base64')]: { valueMac: Buffer.alloc(32, 6) },
				},
			},
		},
		'lid-mapping': { '15550100': '123456' },
		'device-list': { '15550100': ['0', '1'] },
		tctoken: { '123@lid': { token: Buffer.from('t'), timestamp: '17', senderTimestamp: 18 } },
		'identity-key': { '15550100.0': Buffer.alloc(33, 7) },
	};

	it.each(Object.keys(data) as Array<keyof SignalDataSet>)(
		'of type %s come back from cache and from storage',
		async (type) => {
			const writer = await open();
			await writer.state.keys.set(data);
			const ids = Object.keys(data[type] ?? {});
			expect(await writer.state.keys.get(type, ids)).toEqual(data[type]);
			const reader = await open();
			expect(await reader.state.keys.get(type, [...ids, 'missing'])).toEqual(data[type]);
			expect(await reader.state.keys.get(type, [...ids, 'missing'])).toEqual(data[type]);
		},
	);

	it('of app state come back as the protobuf Baileys expects', async () => {
		const { proto } = await import('@whiskeysockets/baileys');
		const { AppStateSyncKeyData } = proto.Message;
		const key = AppStateSyncKeyData.create({
			keyData: Buffer.alloc(32, 9),
			fingerprint: { rawId: 7, currentIndex: 1, deviceIndexes: [0, 1] },
			timestamp: 1_700_000_000_000,
		});
		await (await open()).state.keys.set({ 'app-state-sync-key': { AAAAAK: key } });
		const { AAAAAK } = await (await open()).state.keys.get('app-state-sync-key', ['AAAAAK']);
		expect(AAAAAK).toBeInstanceOf(AppStateSyncKeyData);
		expect(AppStateSyncKeyData.encode(AAAAAK ?? {}).finish()).toEqual(
			AppStateSyncKeyData.encode(key).finish(),
		);
	});

	it('of a type that this version does not know are kept too', async () => {
		const value = { deep: [new Uint8Array([1]), 'x'], when: new Date(5) };
		const unknown = { 'future-type': { 'an id': value } } as unknown as SignalDataSet;
		await (await open()).state.keys.set(unknown);
		const { keys } = (await open()).state;
		expect(await keys.get('future-type' as 'session', ['an id'])).toEqual({ 'an id': value });
	});

	it('are removed by null', async () => {
		const { keys } = (await open()).state;
		await keys.set(data);
		await keys.set({ session: { '15550100.0': null }, 'pre-key': { '1': null } });
		expect(await keys.get('session', ['15550100.0'])).toEqual({});
		const again = (await open()).state.keys;
		expect(await again.get('session', ['15550100.0'])).toEqual({});
		expect(await again.get('pre-key', ['1'])).toEqual({});
		expect(Object.keys(await again.get('identity-key', ['15550100.0']))).toHaveLength(1);
	});

	it('of one set are one write', async () => {
		await (await open()).state.keys.set(data);
		expect(store.writes).toHaveLength(1);
	});

	it('of one turn of the event loop are one write', async () => {
		const { keys } = (await open()).state;
		await Promise.all([
			keys.set({ 'lid-mapping': { a: '1' } }),
			Promise.resolve().then(() => keys.set({ 'lid-mapping': { b: '2' } })),
		]);
		expect(store.writes).toHaveLength(1);
	});

	it('asked for while a write is under way go together in the next', async () => {
		const { keys } = (await open()).state;
		let release = () => {};
		let started = 0;
		store.before = () => {
			started += 1;
			return new Promise<void>((resolve) => (release = resolve));
		};
		const first = keys.set({ 'lid-mapping': { a: '1' } });
		await until('the first write', () => started === 1);
		const others = [
			keys.set({ 'lid-mapping': { a: '2', b: '2' } }),
			keys.set({ 'lid-mapping': { a: '3', b: null } }),
		];
		await new Promise((resolve) => setImmediate(resolve));
		expect(started).toBe(1);
		store.before = () => {};
		release();
		await Promise.all([first, ...others]);
		expect(store.writes).toHaveLength(2);
		expect(await (await open()).state.keys.get('lid-mapping', ['a', 'b'])).toEqual({ a: '3' });
	});

	it('that were written or read are read without the storage', async () => {
		const { keys } = (await open()).state;
		const before = store.reads;
		await keys.set(data);
		await keys.get('session', ['15550100.0']);
		expect(store.reads).toBe(before);
		await keys.get('lid-mapping', ['nobody']);
		await keys.get('lid-mapping', ['nobody']);
		expect(store.reads).toBe(before + 1);
	});

	it('are read again after invalidate', async () => {
		const mine = await open();
		await mine.state.keys.set({ 'lid-mapping': { a: 'old' } });
		await (await open()).state.keys.set({ 'lid-mapping': { a: 'new' } });
		expect(await mine.state.keys.get('lid-mapping', ['a'])).toEqual({ a: 'old' });
		mine.invalidate();
		expect(await mine.state.keys.get('lid-mapping', ['a'])).toEqual({ a: 'new' });
	});

	it('are not spoilt in the cache by what a reader does to them', async () => {
		const { keys } = (await open()).state;
		await keys.set(data);
		const { '15550100': devices } = await keys.get('device-list', ['15550100']);
		devices?.push('99');
		expect(await keys.get('device-list', ['15550100'])).toEqual(data['device-list']);
	});

	it('are not cached when the write failed', async () => {
		const { keys } = (await open()).state;
		await keys.set({ 'lid-mapping': { a: 'old' } });
		store.before = () => {
			throw new LinkedError('lease-lost');
		};
		await expect(keys.set({ 'lid-mapping': { a: 'new' } })).rejects.toThrow(withCode('lease-lost'));
		store.before = () => {};
		expect(await keys.get('lid-mapping', ['a'])).toEqual({ a: 'old' });
	});

	it('read while they are written are not cached as they were before', async () => {
		const { keys } = (await open({ cacheBytes: 1 })).state;
		const cached = (await open()).state.keys;
		await keys.set({ 'lid-mapping': { a: 'old' } });
		const read = cached.get('lid-mapping', ['a']);
		const written = cached.set({ 'lid-mapping': { a: 'new' } });
		await Promise.all([read, written]);
		expect(await cached.get('lid-mapping', ['a'])).toEqual({ a: 'new' });
	});

	it('fill the cache up to its limit only', async () => {
		const { keys } = (await open({ cacheBytes: 20_000 })).state;
		for (let each = 0; each < 100; each++) {
			await keys.set({ 'identity-key': { [`${each}`]: Buffer.alloc(1000, each) } });
		}
		const before = store.reads;
		await keys.get('identity-key', ['99']);
		expect(store.reads).toBe(before);
		await keys.get('identity-key', ['0']);
		expect(store.reads).toBe(before + 1);
	});

	it('that are damaged are reported once, then mend themselves', async () => {
		const { keys } = (await open()).state;
		await keys.set(data);
		await (await open()).saveCreds();
		await damage('session:15550100.0');
		const again = (await open()).state.keys;
		await again.get('identity-key', ['15550100.0']);
		await expect(again.get('session', ['15550100.0'])).rejects.toThrow(withCode('damaged-data'));
		expect(await again.get('session', ['15550100.0'])).toEqual({});
		await again.set({ session: { '15550100.0': Buffer.from('new') } });
		expect(await again.get('session', ['15550100.0'])).toEqual({
			'15550100.0': Buffer.from('new'),
		});
		expect(JSON.stringify(log.lines)).not.toContain('15550100');
	});

	it('cannot be swapped inside the storage', async () => {
		const { keys } = (await open()).state;
		await keys.set({ 'lid-mapping': { a: '1', b: '2' } });
		const [a] = await storage.keys.getMany(['lid-mapping:a']);
		await storage.keys.write({ set: new Map([['lid-mapping:b', a ?? Buffer.alloc(0)]]) });
		const again = (await open()).state.keys;
		await again.get('lid-mapping', ['a']);
		await expect(again.get('lid-mapping', ['b'])).rejects.toThrow(withCode('damaged-data'));
	});
});
