/** What is in the journal when the storage fails under a session that runs ahead of it. */
import type {
	BinaryNode,
	SignalAuthState,
	SignalRepositoryWithLIDStore,
	WASocket,
} from '@whiskeysockets/baileys';
import { EventEmitter } from 'node:events';
import { openAuth, type Auth } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { Stanzas } from '../../src/inbound/stanzas';
import { silent } from '../../src/inbound/stanza';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';

const baileys = async () => await import('@whiskeysockets/baileys');
const FROM = '15550101@s.whatsapp.net';
const CIPHERTEXT = Uint8Array.of(1, 2, 3);

/** One process with its storage, and messages that it decrypts. */
async function stage() {
	const all = await baileys();
	const storage = openStorage({ kind: 'memory' }, { log: silentLog, clock: systemClock }).account(
		'a',
	);
	let failing = false;
	let hasKey = true;
	let decrypted = 0;
	const stanzas = new Stanzas({
		baileys: all,
		journal: storage.journal,
		me: () => undefined,
		isWanted: () => false,
		onWithheld: () => {},
		together: () => {},
		drop: async () => await Promise.resolve(),
		clock: systemClock,
		log: silentLog,
	});
	const { keys } = storage;
	return {
		stanzas,
		fail: (now: boolean) => void (failing = now),
		/** Whether messages can be decrypted. */
		key: (now: boolean) => void (hasKey = now),
		open: async (): Promise<Auth> =>
			await openAuth({
				keys: {
					getMany: async (names) => await keys.getMany(names),
					keys: (prefix) => keys.keys(prefix),
					clear: async () => await keys.clear(),
					async write(batch, fence) {
						if (failing) throw new LinkedError('storage-unreachable');
						await keys.write(batch, fence);
					},
				},
				account: 'a',
				secret: 'key of n8n',
				log: silentLog,
				baileys,
				ahead: true,
			}),
		get decrypted() {
			return decrypted;
		},
		/** Decrypts a message as it comes in on a socket of this session. */
		async receive({ state }: Auth, ciphertext: Uint8Array) {
			const transacted = all.addTransactionCapability(state.keys, silent, {
				maxCommitRetries: 1,
				delayBetweenTriesMs: 0,
			});
			const repository = stanzas.wrapRepository(
				{
					async decryptMessage() {
						decrypted++;
						if (!hasKey) throw new Error('No session record');
						await transacted.set({ session: { '15550101.0': Uint8Array.of(1) } });
						return Buffer.from('hello');
					},
				} as unknown as SignalRepositoryWithLIDStore,
				{ creds: state.creds, keys: transacted } as SignalAuthState,
			);
			const ws = new EventEmitter();
			const plaintext = new Promise<Uint8Array>((resolve) => {
				ws.on('CB:message', () => {
					resolve(repository.decryptMessage({ jid: FROM, type: 'msg', ciphertext }));
				});
			});
			stanzas.attach({ ws } as unknown as WASocket, state);
			const node: BinaryNode = {
				tag: 'message',
				attrs: { id: 'M1', from: FROM },
				content: [{ tag: 'enc', attrs: { type: 'msg' }, content: ciphertext }],
			};
			ws.emit('CB:message', node);
			return Buffer.from(await plaintext).toString();
		},
		async journalled() {
			const ids: string[] = [];
			for await (const { id } of storage.journal.pending()) ids.push(id);
			return ids;
		},
		async session() {
			return (await keys.getMany(['session:15550101.0']))[0];
		},
	};
}

test('a message whose journal entry was lost with the storage is journalled when it comes again', async () => {
	const at = await stage();
	const before = await at.open();
	at.fail(true);
	await at.receive(before, CIPHERTEXT);
	await expect(before.written()).rejects.toMatchObject({ code: 'storage-unreachable' });
	at.fail(false);
	expect(await at.journalled()).toEqual([]);

	const after = await at.open();
	await at.stanzas.recover(after);
	expect(await at.receive(after, CIPHERTEXT)).toBe('hello');
	// The receipt goes out when this is over.
	await after.written();
	expect(await at.journalled()).toHaveLength(1);
	expect(await at.session()).toBeDefined();
});

test('one whose entry was stored comes from the journal when it comes again', async () => {
	const at = await stage();
	const before = await at.open();
	await at.receive(before, CIPHERTEXT);
	await before.written();
	const after = await at.open();
	await at.stanzas.recover(after);
	at.fail(true);
	expect(await at.receive(after, CIPHERTEXT)).toBe('hello');
	expect(after.written()).toBeUndefined();
	expect(await at.journalled()).toHaveLength(1);
});

test('a message that could not be decrypted, and can when it comes again, leaves nothing behind', async () => {
	const at = await stage();
	const auth = await at.open();
	at.key(false);
	await expect(at.receive(auth, CIPHERTEXT)).rejects.toThrow('No session record');
	await auth.written();
	expect(await at.journalled()).toHaveLength(1);
	at.key(true);
	await at.receive(auth, CIPHERTEXT);
	const ids = at.stanzas.settle({ key: { id: 'M1' } });
	await auth.journal.instead(ids, async () => await Promise.resolve());
	await auth.written();
	expect(await at.journalled()).toEqual([]);
});

test('a message that comes again is known although the inbox has it: its receipt was held back', async () => {
	const at = await stage();
	const auth = await at.open();
	await at.receive(auth, CIPHERTEXT);
	const ids = at.stanzas.settle({ key: { id: 'M1' } });
	await auth.journal.instead(ids, async () => await Promise.resolve());
	await auth.written();
	expect(await at.receive(auth, CIPHERTEXT)).toBe('hello');
	expect(at.decrypted).toBe(1);
	expect(at.stanzas.size).toBe(0);
});
