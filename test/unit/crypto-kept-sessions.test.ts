/** libsignal's session records, with what we keep of them against those made of what is stored. */
import fc from 'fast-check';
import { loadBaileys, type Baileys } from '../../src/baileys';
import { loadQuietLibsignal } from '../../src/crypto/quietLibsignal';
import { person } from './crypto-person';

const { SessionRecord } = loadQuietLibsignal();
const ALICE = '15550101@s.whatsapp.net';
const BOB = '15550102@s.whatsapp.net';

type Person = ReturnType<typeof person>;
type Sealed = Awaited<ReturnType<Person['repository']['encryptMessage']>>;

let baileys: Baileys;

beforeAll(async () => {
	baileys = await loadBaileys();
});

// In jest's module system libsignal has jest's console.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

const session = ({ stored }: Person): object => Object.values(stored.session ?? {})[0] as object;

/** Alice and Bob, who have written to each other. */
async function twoPeople() {
	const [alice, bob] = [person(baileys), person(baileys)];
	const { signedIdentityKey, signedPreKey, registrationId } = bob.creds;
	const withType = (key: Uint8Array) => Buffer.concat([Buffer.of(5), key]);
	const preKey = baileys.Curve.generateKeyPair();
	bob.stored['pre-key'] = { 1: preKey };
	await alice.repository.injectE2ESession({
		jid: BOB,
		session: {
			registrationId,
			identityKey: withType(signedIdentityKey.public),
			signedPreKey: {
				keyId: signedPreKey.keyId,
				publicKey: withType(signedPreKey.keyPair.public),
				signature: signedPreKey.signature,
			},
			preKey: { keyId: 1, publicKey: withType(preKey.public) },
		},
	});
	const write = async (from: Person, text: string) =>
		await from.repository.encryptMessage({
			jid: from === alice ? BOB : ALICE,
			data: Buffer.from(text),
		});
	const read = async (to: Person, sealed: Sealed): Promise<string> => {
		const jid = to === alice ? BOB : ALICE;
		return Buffer.from(await to.repository.decryptMessage({ jid, ...sealed })).toString();
	};
	for (const text of ['first', 'second']) await read(bob, await write(alice, text));
	await read(alice, await write(bob, 'answer'));
	return { alice, bob, write, read };
}

/** With a wrong end of its MAC. */
function damagedOf({ type, ciphertext }: Sealed): Sealed {
	const damaged = Buffer.from(ciphertext);
	damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
	return { type, ciphertext: damaged };
}

/** What is stored, as an object that nobody has seen. */
const fresh = (data: object) => structuredClone(data);

test('what is kept is what would be made of what is stored', async () => {
	const step = fc.record({ fromAlice: fc.boolean(), late: fc.boolean(), damaged: fc.boolean() });
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
			const { alice, bob, write, read } = await twoPeople();
			const late: Array<[Person, Sealed, string]> = [];
			for (const [n, { fromAlice, late: isLate, damaged }] of steps.entries()) {
				const [from, to] = fromAlice ? [alice, bob] : [bob, alice];
				const sealed = await write(from, `text ${n}`);
				if (damaged) await expect(read(to, damagedOf(sealed))).rejects.toThrow();
				if (isLate) late.push([to, sealed, `text ${n}`]);
				else expect(await read(to, sealed)).toBe(`text ${n}`);
				for (const each of [alice, bob]) {
					const data = session(each);
					const made = SessionRecord.deserialize(fresh(data));
					const kept = SessionRecord.deserialize(data);
					expect(kept).toEqual(made);
					// It is handed out once.
					expect(SessionRecord.deserialize(data)).not.toBe(kept);
					expect(SessionRecord.deserialize(data)).toEqual(made);
				}
			}
			for (const [to, sealed, text] of late) expect(await read(to, sealed)).toBe(text);
		}),
		{ numRuns: 30 },
	);
});

test('a record is kept for what was made of it last', async () => {
	const { alice, write } = await twoPeople();
	await write(alice, 'text');
	const record = SessionRecord.deserialize(fresh(session(alice))) as { serialize(): object };
	const first = record.serialize();
	const second = record.serialize();
	expect(second).toEqual(first);
	expect(SessionRecord.deserialize(first)).not.toBe(record);
	expect(SessionRecord.deserialize(second)).toBe(record);
	expect(SessionRecord.deserialize(second)).not.toBe(record);
});

test('a text that is refused changes nothing', async () => {
	const { alice, bob, write, read } = await twoPeople();
	const before = fresh(session(bob));
	const sealed = await write(alice, 'two');
	await expect(read(bob, damagedOf(sealed))).rejects.toThrow();
	expect(session(bob)).toEqual(before);
	expect(await read(bob, sealed)).toBe('two');
	await expect(read(bob, sealed)).rejects.toThrow();
});
