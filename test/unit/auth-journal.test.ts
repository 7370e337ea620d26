/** Journal entries that travel in Baileys' own transactions, with Baileys' own Signal repository. */
import type {
	AuthenticationState,
	SignalKeyStoreWithTransaction,
	SignalRepositoryWithLIDStore,
} from '@whiskeysockets/baileys';
import { openAuth, type Auth } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { AccountStorage, WriteBatch } from '../../src/storage/roles';

const silent = {
	level: 'silent',
	child: () => silent,
	trace() {},
	debug() {},
	info() {},
	warn() {},
	error() {},
};

const baileys = async () => await import('@whiskeysockets/baileys');

interface Party {
	jid: string;
	storage: AccountStorage;
	auth: Auth;
	keys: SignalKeyStoreWithTransaction;
	signal: SignalRepositoryWithLIDStore;
	writes: WriteBatch[];
	failing: boolean;
}

async function party(jid: string): Promise<Party> {
	const { addTransactionCapability, makeLibSignalRepository } =
		await import('@whiskeysockets/baileys').then(async (all) => ({
			addTransactionCapability: all.addTransactionCapability,
			// Not exported at the top, but part of the socket's default configuration.
			makeLibSignalRepository: all.DEFAULT_CONNECTION_CONFIG.makeSignalRepository,
		}));
	const storage = openStorage({ kind: 'memory' }, { log: silentLog, clock: systemClock }).account(
		jid,
	);
	const party = { jid, storage, writes: [] as WriteBatch[], failing: false } as Party;
	const { keys } = storage;
	party.auth = await openAuth({
		keys: {
			getMany: (names) => keys.getMany(names),
			keys: (prefix) => keys.keys(prefix),
			clear: () => keys.clear(),
			async write(batch, fence) {
				if (party.failing) throw new Error('storage is away');
				party.writes.push(batch);
				await keys.write(batch, fence);
			},
		},
		account: jid,
		secret: 'key of n8n',
		log: silentLog,
		baileys,
	});
	const { creds } = party.auth.state;
	party.keys = addTransactionCapability(party.auth.state.keys, silent, {
		maxCommitRetries: 1,
		delayBetweenTriesMs: 0,
	});
	const state = { creds, keys: party.keys } as unknown as AuthenticationState & {
		keys: SignalKeyStoreWithTransaction;
	};
	party.signal = makeLibSignalRepository(state, silent, async () => []);
	return party;
}

/** Gives `from` a session to `to`, as after fetching its pre-key bundle. */
async function acquaint(from: Party, to: Party): Promise<void> {
	const { Curve, generateSignalPubKey } = await import('@whiskeysockets/baileys');
	const preKey = Curve.generateKeyPair();
	await to.auth.state.keys.set({ 'pre-key': { '1': preKey } });
	const { signedIdentityKey, signedPreKey, registrationId } = to.auth.state.creds;
	await from.signal.injectE2ESession({
		jid: to.jid,
		session: {
			registrationId,
			identityKey: generateSignalPubKey(signedIdentityKey.public),
			signedPreKey: {
				keyId: signedPreKey.keyId,
				publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
				signature: signedPreKey.signature,
			},
			preKey: { keyId: 1, publicKey: generateSignalPubKey(preKey.public) },
		},
	});
}

/** Decrypts as the inbound path does: plaintext journaled in the transaction of the session. */
async function decryptJournaled(
	at: Party,
	from: Party,
	message: { type: 'pkmsg' | 'msg'; ciphertext: Uint8Array },
	id: string,
): Promise<Uint8Array> {
	return await at.keys.transaction(async () => {
		const plaintext = await at.signal.decryptMessage({ jid: from.jid, ...message });
		await at.keys.set(at.auth.journal.entries({ [id]: plaintext }, ['stanza of it']));
		return plaintext;
	}, from.jid);
}

const pending = async ({ storage, auth }: Party) => {
	const found: Record<string, string> = {};
	for await (const { id, value } of storage.journal.pending()) {
		found[id] = Buffer.from(auth.journal.open(id, value)).toString();
	}
	return found;
};

beforeAll(() => {
	// libsignal prints its sessions.
	for (const method of ['info', 'warn', 'error', 'log'] as const) {
		jest.spyOn(console, method).mockImplementation(() => {});
	}
});
afterAll(() => jest.restoreAllMocks());

describe('the journal in Baileys’ transactions', () => {
	let ann: Party;
	let bob: Party;

	beforeEach(async () => {
		[ann, bob] = await Promise.all([
			party('15550100@s.whatsapp.net'),
			party('15550101@s.whatsapp.net'),
		]);
		await acquaint(ann, bob);
	});

	it('puts plaintext and session into one write, first message and later ones', async () => {
		await bob.auth.journal.write({ 'stanza of it': Buffer.from('raw') });
		for (const text of ['first', 'second']) {
			const message = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from(text) });
			bob.writes.length = 0;
			const plaintext = await decryptJournaled(bob, ann, message, text);
			expect(Buffer.from(plaintext).toString()).toBe(text);
			expect(bob.writes).toHaveLength(1);
			const [write] = bob.writes;
			expect([...(write?.set?.keys() ?? [])]).toContain('session:15550100.0');
			expect([...(write?.journalPut?.keys() ?? [])]).toEqual([text]);
			expect(write?.journalDrop).toEqual(['stanza of it']);
		}
		expect(await pending(bob)).toEqual({ first: 'first', second: 'second' });
	});

	it('seals what it journals', async () => {
		const message = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from('secret') });
		await decryptJournaled(bob, ann, message, 'id');
		for await (const { value } of bob.storage.journal.pending()) {
			expect(Buffer.from(value).includes('secret')).toBe(false);
		}
	});

	it('writes neither when the storage fails, so that the message decrypts again', async () => {
		const message = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from('again') });
		bob.failing = true;
		await expect(decryptJournaled(bob, ann, message, 'id')).rejects.toThrow('storage is away');
		bob.failing = false;
		expect(await pending(bob)).toEqual({});
		await decryptJournaled(bob, ann, message, 'id');
		expect(await pending(bob)).toEqual({ id: 'again' });
	});

	it('writes neither when the message does not decrypt', async () => {
		const message = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from('x') });
		const ciphertext = Buffer.from(message.ciphertext);
		ciphertext[ciphertext.length - 20] = (ciphertext[ciphertext.length - 20] ?? 0) ^ 1;
		bob.writes.length = 0;
		await expect(decryptJournaled(bob, ann, { ...message, ciphertext }, 'id')).rejects.toThrow();
		expect(bob.writes).toEqual([]);
	});

	it('needs no read for a direct message once the session is known', async () => {
		const first = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from('1') });
		await decryptJournaled(bob, ann, first, '1');
		const read = jest.spyOn(bob.storage.keys, 'getMany');
		const second = await ann.signal.encryptMessage({ jid: bob.jid, data: Buffer.from('2') });
		await decryptJournaled(bob, ann, second, '2');
		expect(read).not.toHaveBeenCalled();
	});

	it('goes with a group message too', async () => {
		const group = '120363@g.us';
		const data = Buffer.from('to all');
		const { ciphertext, senderKeyDistributionMessage } = await ann.signal.encryptGroupMessage({
			group,
			meId: ann.jid,
			data,
		});
		await bob.signal.processSenderKeyDistributionMessage({
			authorJid: ann.jid,
			item: {
				groupId: group,
				axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
			},
		});
		bob.writes.length = 0;
		await bob.keys.transaction(async () => {
			const msg = await bob.signal.decryptGroupMessage({
				group,
				authorJid: ann.jid,
				msg: ciphertext,
			});
			await bob.keys.set(bob.auth.journal.entries({ g: msg }));
		}, group);
		expect(bob.writes).toHaveLength(1);
		expect([...(bob.writes[0]?.set?.keys() ?? [])][0]).toMatch(/^sender-key:/);
		expect(await pending(bob)).toEqual({ g: 'to all' });
	});
});
