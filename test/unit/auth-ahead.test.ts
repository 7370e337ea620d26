import type { SignalDataSet } from '@whiskeysockets/baileys';
import { openAuth, type Auth, type AuthOptions } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { KeyStore, WriteBatch } from '../../src/storage/roles';

/** A key store in memory that writes when the test lets it. */
function stage() {
	const inner = openStorage({ kind: 'memory' }, { log: silentLog, clock: systemClock }).account(
		'a',
	);
	const writes: WriteBatch[] = [];
	let gate: Promise<void> = Promise.resolve();
	let open = () => {};
	let failure: Error | undefined;
	const keys: KeyStore = {
		getMany: async (names) => await inner.keys.getMany(names),
		async write(batch, fence) {
			writes.push(batch);
			await gate;
			if (failure) throw failure;
			await inner.keys.write(batch, fence);
		},
		keys: (prefix) => inner.keys.keys(prefix),
		clear: async () => await inner.keys.clear(),
	};
	return {
		inner,
		keys,
		writes,
		hold: () => void (gate = new Promise((resolve) => (open = resolve))),
		letGo: () => open(),
		fail: (error: Error) => void (failure = error),
	};
}

const opened = async (keys: KeyStore, options: Partial<AuthOptions> = {}): Promise<Auth> =>
	await openAuth({
		keys,
		account: 'a',
		secret: 'key of n8n',
		log: silentLog,
		baileys: async () => await import('@whiskeysockets/baileys'),
		ahead: true,
		...options,
	});

const session = (value: string) => ({ session: { '1.0': value } }) as unknown as SignalDataSet;
const turn = async () => await new Promise((resolve) => setImmediate(resolve));

describe('keys that run ahead of the storage', () => {
	it('are set at once, read as they are set, and told when they are stored', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		at.hold();
		await auth.state.keys.set({ ...session('first'), 'pre-key': { '7': null } });
		expect(await auth.state.keys.get('session', ['1.0'])).toEqual({ '1.0': 'first' });
		await turn();
		expect(at.writes).toHaveLength(1);
		await auth.state.keys.set(session('second'));
		expect(await auth.state.keys.get('session', ['1.0'])).toEqual({ '1.0': 'second' });
		expect(await at.inner.keys.getMany(['session:1.0'])).toEqual([undefined]);
		let stored = false;
		const written = auth.written()?.then(() => (stored = true));
		await turn();
		expect(stored).toBe(false);
		at.letGo();
		await written;
		expect(auth.written()).toBeUndefined();
		const reader = await opened(at.keys);
		expect(await reader.state.keys.get('session', ['1.0'])).toEqual({ '1.0': 'second' });
	});

	it('removed meanwhile are not found, although the storage still has them', async () => {
		const at = stage();
		await (
			await opened(at.keys, { ahead: false })
		).state.keys.set({
			'pre-key': { '7': { public: Buffer.alloc(32), private: Buffer.alloc(32) } },
		});
		const auth = await opened(at.keys);
		at.hold();
		await auth.state.keys.set({ 'pre-key': { '7': null } });
		await turn();
		expect(await auth.state.keys.get('pre-key', ['7'])).toEqual({});
		at.letGo();
		await auth.flush();
		expect(await auth.state.keys.get('pre-key', ['7'])).toEqual({});
	});

	it('are stored once in a burst, as they were last, until somebody pushes', async () => {
		const at = stage();
		const auth = await opened(at.keys, { busy: () => true });
		for (let n = 1; n <= 50; n++) {
			await auth.state.keys.set(session(String(n)));
			await turn();
		}
		expect(at.writes).toEqual([]);
		auth.push();
		await auth.written();
		expect(at.writes).toHaveLength(1);
		const reader = await opened(at.keys);
		expect(await reader.state.keys.get('session', ['1.0'])).toEqual({ '1.0': '50' });
	});

	it('are stored in a burst as soon as nothing more is set, which may wait for what is held back', async () => {
		const at = stage();
		const auth = await opened(at.keys, { busy: () => true });
		await auth.state.keys.set(session('1'));
		await turn();
		await auth.state.keys.set(session('2'));
		await turn();
		await turn();
		expect(at.writes).toHaveLength(1);
	});

	it('are stored in a burst that does not end, too', async () => {
		const at = stage();
		const auth = await opened(at.keys, { busy: () => true });
		for (let n = 1; at.writes.length === 0; n++) {
			await auth.state.keys.set(session(String(n)));
			await turn();
		}
		expect(at.writes).toHaveLength(1);
	});

	it('that cannot be stored are told to whoever waits for them, and read from the storage again', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		await auth.state.keys.set(session('stored'));
		await auth.written();
		at.fail(new LinkedError('storage-full'));
		await auth.state.keys.set(session('lost'));
		await expect(auth.written()).rejects.toMatchObject({ code: 'storage-full' });
		expect(await auth.state.keys.get('session', ['1.0'])).toEqual({ '1.0': 'stored' });
	});

	it('count what is to be saved of the credentials, too', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		void auth.saveCreds();
		const written = auth.written();
		expect(written).toBeDefined();
		expect(auth.written()).toBe(written);
		await written;
		expect(auth.written()).toBeUndefined();
		const reader = await opened(at.keys);
		expect(reader.state.creds.registrationId).toBe(auth.state.creds.registrationId);
	});

	it('whose credentials cannot be saved are not all stored', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		at.fail(new LinkedError('storage-full'));
		auth.saveCreds().catch(() => {});
		await expect(auth.written()).rejects.toMatchObject({ code: 'storage-full' });
	});

	it('make those wait who set more while the storage is far behind', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		at.hold();
		await auth.state.keys.set(session('0'));
		const behind = performance.now() + 400;
		while (performance.now() < behind) await turn();
		let set = false;
		const late = Promise.resolve(auth.state.keys.set(session('1'))).then(() => (set = true));
		await turn();
		expect(set).toBe(false);
		at.letGo();
		await late;
	});
});

describe('entries of the journal', () => {
	const set = async (auth: Auth, id: string, made: string[]) =>
		await auth.state.keys.set(
			auth.journal.entries({
				[id]: () => {
					made.push(id);
					return Buffer.from(id);
				},
			}),
		);
	const stored = async (at: ReturnType<typeof stage>) => {
		const ids: string[] = [];
		for await (const { id } of at.inner.journal.pending()) ids.push(id);
		return ids;
	};

	it('whose event is in the inbox in time are never made or stored', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		const made: string[] = [];
		await set(auth, 'kept', made);
		await set(auth, 'needless', made);
		const drops = await auth.journal.instead(
			['needless', 'older', 'at once'],
			async (others) => await Promise.resolve(others),
			(id) => id === 'at once',
		);
		expect(drops).toEqual(['at once']);
		await auth.written();
		expect(made).toEqual(['kept']);
		expect(at.writes.at(-1)?.journalDrop).toEqual(['older']);
		expect(await stored(at)).toEqual(['kept']);
	});

	it('keep the session from being stored until their event is in the inbox', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		await auth.state.keys.set(session('advanced'));
		await set(auth, 'needless', []);
		let append = () => {};
		const appended = auth.journal.instead(
			['needless'],
			async () => await new Promise<void>((resolve) => (append = resolve)),
		);
		auth.push();
		await turn();
		await turn();
		expect(at.writes).toEqual([]);
		append();
		await appended;
		await auth.written();
		expect(at.writes).toHaveLength(1);
		expect(await stored(at)).toEqual([]);
	});

	it('are stored with the session when their event could not be', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		await auth.state.keys.set(session('advanced'));
		await set(auth, 'needed', []);
		const failed = auth.journal.instead(['needed'], async () => {
			await turn();
			throw new LinkedError('storage-unreachable');
		});
		await expect(failed).rejects.toMatchObject({ code: 'storage-unreachable' });
		await auth.written();
		expect(at.writes).toHaveLength(1);
		expect(await stored(at)).toEqual(['needed']);
	});

	it('that are stored stay until what is to be stored next is, which may come of the same message', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		await auth.state.keys.set(session('advanced'));
		await set(auth, 'with the key of a group', []);
		await auth.written();
		await auth.state.keys.set({ 'sender-key': { group: 'key' } } as unknown as SignalDataSet);
		await set(auth, 'in the group', []);
		await auth.journal.instead(
			['with the key of a group', 'in the group'],
			async (drops) => await at.inner.keys.write({ journalDrop: drops }),
		);
		// A process that is killed here is given the message again, and has no other way to the key.
		expect(await at.inner.keys.getMany(['sender-key:group'])).toEqual([undefined]);
		expect(await stored(at)).toEqual(['with the key of a group']);
		await auth.written();
		expect(await stored(at)).toEqual([]);
		const reader = await opened(at.keys);
		expect(await reader.state.keys.get('sender-key', ['group'])).toEqual({ group: 'key' });
	});

	it('whose writing has begun are dropped with the event', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		at.hold();
		await set(auth, 'begun', []);
		await turn();
		await auth.journal.instead(['begun'], async (drops) => {
			expect(drops).toEqual(['begun']);
			await Promise.resolve();
		});
		at.letGo();
		await auth.written();
		expect(await stored(at)).toEqual(['begun']);
	});

	it('write nothing when none of them is needed', async () => {
		const at = stage();
		const auth = await opened(at.keys);
		await set(auth, 'one', []);
		await auth.journal.instead(['one'], async () => await Promise.resolve());
		await auth.written();
		expect(at.writes).toEqual([]);
	});
});
