import * as libsignal from 'libsignal';
import { calculateSignature, verifySignature } from 'libsignal/src/curve.js';

import { loadProto } from '../whatsapp/phone/proto';
import { generateKeyPair, isSignedBy, sign, withType } from '../whatsapp/phone/signal/curve';
import { SenderKeys } from '../whatsapp/phone/signal/senderKeys';
import { SignalStore } from '../whatsapp/phone/signal/store';
import type { Bundle } from '../whatsapp/phone/signal/session';

const text = (value: string) => Buffer.from(value);

const bundleOf = (store: SignalStore, withPreKey = true): Bundle => ({
	registrationId: store.registrationId,
	identity: store.identity.public,
	signedPreKey: {
		id: store.signedPreKey.id,
		public: store.signedPreKey.pair.public,
		signature: store.signedPreKey.signature,
	},
	preKey: withPreKey ? store.newPreKeys(1)[0] : undefined,
});

/** A device that runs on libsignal, as Baileys does, with its session in memory. */
class LibsignalDevice {
	readonly keys = new SignalStore();
	private record: libsignal.SessionRecord | undefined;
	private readonly preKey = generateKeyPair();
	private readonly storage: libsignal.SignalStorage = {
		loadSession: async () => this.record,
		storeSession: async (_id, record) => {
			this.record = record;
		},
		isTrustedIdentity: () => true,
		loadPreKey: async (id) =>
			Number(id) === 77
				? { privKey: this.preKey.private, pubKey: withType(this.preKey.public) }
				: undefined,
		removePreKey: () => {},
		loadSignedPreKey: () => ({
			privKey: this.keys.signedPreKey.pair.private,
			pubKey: withType(this.keys.signedPreKey.pair.public),
		}),
		getOurRegistrationId: () => this.keys.registrationId,
		getOurIdentity: () => ({
			privKey: this.keys.identity.private,
			pubKey: withType(this.keys.identity.public),
		}),
	};
	private readonly peer = new libsignal.ProtocolAddress('peer', 0);

	get bundle(): Bundle {
		return { ...bundleOf(this.keys, false), preKey: { id: 77, public: this.preKey.public } };
	}

	async begin(bundle: Bundle) {
		await new libsignal.SessionBuilder(this.storage, this.peer).initOutgoing({
			registrationId: bundle.registrationId,
			identityKey: withType(bundle.identity),
			signedPreKey: {
				keyId: bundle.signedPreKey.id,
				publicKey: withType(bundle.signedPreKey.public),
				signature: bundle.signedPreKey.signature,
			},
			preKey: { keyId: bundle.preKey!.id, publicKey: withType(bundle.preKey!.public) },
		});
	}

	async encrypt(plain: Buffer) {
		const { type, body } = await new libsignal.SessionCipher(this.storage, this.peer).encrypt(
			plain,
		);
		return { type: type === 3 ? 'pkmsg' : 'msg', body: Buffer.from(body, 'binary') };
	}

	async decrypt(type: string, body: Buffer) {
		const cipher = new libsignal.SessionCipher(this.storage, this.peer);
		return type === 'pkmsg'
			? await cipher.decryptPreKeyWhisperMessage(body)
			: await cipher.decryptWhisperMessage(body);
	}
}

beforeAll(async () => {
	await loadProto();
});

describe('signatures', () => {
	it('are accepted by libsignal, and its own are accepted', () => {
		for (let round = 0; round < 8; round++) {
			const pair = generateKeyPair();
			const message = text(`message ${round}`);
			expect(verifySignature(withType(pair.public), message, sign(pair.private, message))).toBe(
				true,
			);
			const theirs = calculateSignature(pair.private, message);
			expect(isSignedBy(pair.public, message, theirs)).toBe(true);
		}
	});

	it('do not fit another message, another key or a changed signature', () => {
		const pair = generateKeyPair();
		const signature = sign(pair.private, text('yes'));
		expect(isSignedBy(pair.public, text('yes'), signature)).toBe(true);
		expect(isSignedBy(pair.public, text('no'), signature)).toBe(false);
		expect(isSignedBy(generateKeyPair().public, text('yes'), signature)).toBe(false);
		for (const at of [0, 31, 32, 62, 63]) {
			const changed = Buffer.from(signature);
			changed[at]! ^= 1;
			expect(isSignedBy(pair.public, text('yes'), changed)).toBe(false);
		}
		expect(isSignedBy(pair.public, text('yes'), signature.subarray(1))).toBe(false);
	});
});

describe('sessions', () => {
	it('run both ways between two phones, each answer turning the ratchet', () => {
		const [a, b] = [new SignalStore(), new SignalStore()];
		a.begin('b', bundleOf(b));
		for (let round = 0; round < 5; round++) {
			const there = a.encrypt('b', text(`there ${round}`));
			expect(there.type).toBe(round === 0 ? 'pkmsg' : 'msg');
			expect(b.decrypt('a', there.type, there.body).plain.toString()).toBe(`there ${round}`);
			const back = b.encrypt('a', text(`back ${round}`));
			expect(a.decrypt('b', back.type, back.body).plain.toString()).toBe(`back ${round}`);
		}
	});

	it('take messages out of order, each only once', () => {
		const [a, b] = [new SignalStore(), new SignalStore()];
		a.begin('b', bundleOf(b, false));
		const sent = [0, 1, 2, 3].map((n) => a.encrypt('b', text(`${n}`)));
		for (const n of [2, 0, 3, 1]) {
			const { type, body } = sent[n]!;
			expect(b.decrypt('a', type, body).plain.toString()).toBe(`${n}`);
		}
		expect(() => b.decrypt('a', sent[1]!.type, sent[1]!.body)).toThrow('used already');
	});

	it('stay whole when a changed message comes in', () => {
		const [a, b] = [new SignalStore(), new SignalStore()];
		a.begin('b', bundleOf(b));
		const first = a.encrypt('b', text('first'));
		b.decrypt('a', first.type, first.body);
		const answer = b.encrypt('a', text('answer'));
		a.decrypt('b', answer.type, answer.body);
		const next = a.encrypt('b', text('next'));
		const changed = Buffer.from(next.body);
		changed[changed.length - 12]! ^= 1;
		expect(() => b.decrypt('a', next.type, changed)).toThrow('Bad MAC');
		expect(b.decrypt('a', next.type, next.body).plain.toString()).toBe('next');
	});

	it('refuse a bundle whose signed pre-key is not signed by its identity', () => {
		const [a, b] = [new SignalStore(), new SignalStore()];
		const bundle = bundleOf(b);
		bundle.signedPreKey.signature = sign(generateKeyPair().private, withType(b.identity.public));
		expect(() => a.begin('b', bundle)).toThrow('not signed by its identity');
		expect(a.hasSession('b')).toBe(false);
	});

	it('refuse a one-time pre-key that was used before', () => {
		const [a, b, c] = [new SignalStore(), new SignalStore(), new SignalStore()];
		const bundle = bundleOf(b);
		a.begin('b', bundle);
		c.begin('b', bundle);
		const fromA = a.encrypt('b', text('mine'));
		const fromC = c.encrypt('b', text('mine too'));
		b.decrypt('a', fromA.type, fromA.body);
		expect(() => b.decrypt('c', fromC.type, fromC.body)).toThrow('Unknown one-time pre-key');
	});

	it('understand libsignal, whoever begins', async () => {
		const phone = new SignalStore();
		const device = new LibsignalDevice();
		phone.begin('device', device.bundle);
		for (let round = 0; round < 4; round++) {
			const sent = [0, 1, 2].map((n) => phone.encrypt('device', text(`${round} ${n}`)));
			for (const [n, { type, body }] of sent.entries()) {
				expect((await device.decrypt(type, body)).toString()).toBe(`${round} ${n}`);
			}
			for (let n = 0; n < 3; n++) {
				const { type, body } = await device.encrypt(text(`back ${round} ${n}`));
				expect(phone.decrypt('device', type, body).plain.toString()).toBe(`back ${round} ${n}`);
			}
		}
		const other = new LibsignalDevice();
		await other.begin(bundleOf(phone));
		const first = await other.encrypt(text('hello'));
		expect(first.type).toBe('pkmsg');
		const { plain, identity } = phone.decrypt('other', first.type, first.body);
		expect(plain.toString()).toBe('hello');
		expect(identity).toEqual(other.keys.identity.public);
		const answer = phone.encrypt('other', text('hello you'));
		expect((await other.decrypt(answer.type, answer.body)).toString()).toBe('hello you');
	});
});

describe('sender keys', () => {
	it('let those decrypt who were handed them, from then on', () => {
		const [a, b] = [new SenderKeys(), new SenderKeys()];
		const early = a.encrypt('group', text('before'));
		expect(() => b.decrypt('group', 'a', early)).toThrow('No sender key');
		b.accept('group', 'a', a.distribution('group'));
		expect(() => b.decrypt('group', 'a', early)).toThrow('used already');
		const sent = [0, 1, 2].map((n) => a.encrypt('group', text(`${n}`)));
		for (const n of [1, 0, 2]) {
			expect(b.decrypt('group', 'a', sent[n]!).toString()).toBe(`${n}`);
		}
		expect(() => b.decrypt('group', 'a', sent[0]!)).toThrow('used already');
		const changed = Buffer.from(a.encrypt('group', text('x')));
		changed[changed.length - 70]! ^= 1;
		expect(() => b.decrypt('group', 'a', changed)).toThrow('Bad signature');
		a.rotate('group');
		expect(() => b.decrypt('group', 'a', a.encrypt('group', text('y')))).toThrow('No sender key');
	});

	it("understand Baileys' group cipher, both ways", async () => {
		const {
			GroupCipher,
			GroupSessionBuilder,
			SenderKeyDistributionMessage,
			SenderKeyName,
			SenderKeyRecord,
		} = await import('@whiskeysockets/baileys/lib/Signal/Group/index.js');
		const records = new Map<string, InstanceType<typeof SenderKeyRecord>>();
		const store = {
			loadSenderKey: async (name: { toString(): string }) =>
				records.get(name.toString()) ?? new SenderKeyRecord(),
			storeSenderKey: async (
				name: { toString(): string },
				record: InstanceType<typeof SenderKeyRecord>,
			) => {
				records.set(name.toString(), record);
			},
		};
		const name = (who: string) =>
			new SenderKeyName('group', { id: who, deviceId: 0, toString: () => `${who}.0` });
		const phone = new SenderKeys();

		const builder = new GroupSessionBuilder(store);
		const distribution = await builder.create(name('client'));
		phone.accept('group', 'client', distribution.serialize());
		const theirs = new GroupCipher(store, name('client'));
		for (const n of ['0', '1', '2', '3']) {
			const body = Buffer.from(await theirs.encrypt(text(n)));
			expect(phone.decrypt('group', 'client', body).toString()).toBe(n);
		}

		await builder.process(
			name('phone'),
			new SenderKeyDistributionMessage(null, null, null, null, phone.distribution('group')),
		);
		const ours = new GroupCipher(store, name('phone'));
		for (const n of ['0', '1', '2', '3']) {
			const plain = await ours.decrypt(phone.encrypt('group', text(n)));
			expect(Buffer.from(plain).toString()).toBe(n);
		}
	});
});
