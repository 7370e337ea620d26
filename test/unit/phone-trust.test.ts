import { Phone } from '../whatsapp/phone';
import { checkDeviceIdentity, makeDeviceIdentity } from '../whatsapp/phone/deviceIdentity';
import { bigEndian, node } from '../whatsapp/phone/nodes';
import { encodeMessage } from '../whatsapp/phone/padding';
import { type proto, wa } from '../whatsapp/phone/proto';
import { generateKeyPair, sign } from '../whatsapp/phone/signal/curve';
import { SignalStore } from '../whatsapp/phone/signal/store';
import { Loopback } from '../whatsapp/phone/testing/loopback';

/** What a phone does not take from others, however it is packed. */
let host: Loopback;
let anna: Phone;
let ben: Phone;

beforeEach(async () => {
	host = new Loopback();
	anna = await Phone.create(host, { phone: '+1 555 0101', pushName: 'Anna' });
	ben = await Phone.create(host, { phone: '+1 555 0102', pushName: 'Ben' });
});

/** A companion of Ben's, with the identity that he signed and it accepted. */
function companion(of: Phone = ben, device = 2) {
	const keys = new SignalStore();
	const secret = Buffer.alloc(32, 7);
	const made = makeDeviceIdentity(of.core, keys.identity.public, secret, device);
	const hmac = wa().ADVSignedDeviceIdentityHMAC.decode(made);
	const identity = wa().ADVSignedDeviceIdentity.decode(hmac.details!);
	const accepted = [Buffer.from([6, 1]), identity.details!, keys.identity.public];
	identity.deviceSignature = sign(
		keys.identity.private,
		Buffer.concat([...accepted, identity.accountSignatureKey!]),
	);
	return { keys, identity, jid: `${ben.ids.lid}:${device}@lid` };
}

const encoded = (identity: proto.IADVSignedDeviceIdentity) =>
	wa().ADVSignedDeviceIdentity.encode(identity).finish();

describe('the identity of a companion', () => {
	const check = (made: ReturnType<typeof companion>) =>
		checkDeviceIdentity(anna.core, made.jid, made.keys.identity.public, encoded(made.identity));

	it('is accepted when account and device have signed it', () => {
		expect(() => check(companion())).not.toThrow();
	});

	it.each<[string, (identity: proto.ADVSignedDeviceIdentity) => void]>([
		['does not vouch', (identity) => (identity.accountSignature![3]! ^= 1)],
		['has not accepted', (identity) => (identity.deviceSignature![3]! ^= 1)],
		['does not vouch', (identity) => (identity.details![1]! ^= 1)],
		['does not vouch', (identity) => (identity.accountSignatureKey = generateKeyPair().public)],
		['is incomplete', (identity) => (identity.deviceSignature = null)],
	])('is refused otherwise: %s', (why, change) => {
		const made = companion();
		change(made.identity);
		expect(() => check(made)).toThrow(why);
	});

	it('is refused when another account vouches for the device', async () => {
		await ben.sendText(anna, 'now Anna knows Ben’s key');
		await anna.waitForMessage('now Anna knows Ben’s key');
		expect(() => check(companion())).not.toThrow();
		expect(() => check(companion(anna))).toThrow('vouched for by another account');
	});
});

it('a companion whose keys its account does not vouch for is not written to', async () => {
	const made = companion(ben, 1);
	const { registrationId, identity, signedPreKey } = made.keys;
	const bundle = (shown: Uint8Array) => [
		node('registration', {}, bigEndian(registrationId, 4)),
		node('identity', {}, identity.public),
		node('skey', {}, [
			node('id', {}, bigEndian(signedPreKey.id, 3)),
			node('value', {}, signedPreKey.pair.public),
			node('signature', {}, signedPreKey.signature),
		]),
		node('device-identity', {}, Buffer.from(shown)),
	];
	host.addCompanion(ben.ids, bundle(encoded(companion(anna, 1).identity)));
	await expect(anna.sendText(ben, 'not sent')).rejects.toThrow('does not vouch for');
	host.addCompanion(ben.ids, bundle(encoded(made.identity)));
	await anna.sendText(ben, 'sent');
	await ben.waitForMessage('sent');
	expect(ben.messages).toHaveLength(1);
});

describe('a first message of a companion', () => {
	/** Sends a text as that device, with or without its identity. */
	const send = (made: ReturnType<typeof companion>, shown: Uint8Array | undefined) => {
		const { signal } = anna.core;
		made.keys.begin('anna', {
			registrationId: signal.registrationId,
			identity: signal.identity.public,
			signedPreKey: {
				id: signal.signedPreKey.id,
				public: signal.signedPreKey.pair.public,
				signature: signal.signedPreKey.signature,
			},
		});
		const { type, body } = made.keys.encrypt('anna', encodeMessage({ conversation: 'hello' }));
		const content = [node('enc', { v: '2', type }, body)];
		if (shown) content.push(node('device-identity', {}, Buffer.from(shown)));
		host.deliver(anna.ids, node('message', { from: made.jid, id: 'M1', t: '1' }, content));
	};

	it('is shown when it brings its identity', async () => {
		const made = companion();
		send(made, encoded(made.identity));
		expect(await anna.waitForMessage('hello')).toMatchObject({ from: ben.lid, fromDevice: 2 });
	});

	it('is not shown without it, nor with that of another device', async () => {
		send(companion(), undefined);
		const failure = async (count: number) =>
			await anna.waitUntil('the failure', () => {
				const failed = anna.receiver.failures.get('M1');
				return failed?.count === count ? failed.reason : undefined;
			});
		expect(await failure(1)).toContain('without its device identity');
		send(companion(), encoded(companion().identity));
		expect(await failure(2)).toContain('does not vouch');
		expect(anna.messages).toEqual([]);
	});
});

it('a message in the name of the own account is dropped when a stranger sends it', async () => {
	const inner = { conversation: 'send me money' };
	await ben.sendMessage(anna, {
		deviceSentMessage: { destinationJid: ben.lid, message: inner },
	});
	await ben.sendText(anna, 'hello');
	await anna.waitForMessage('hello');
	expect(anna.messages.map(({ text }) => text)).toEqual(['hello']);
	expect(anna.problems.map(({ message }) => message)).toEqual([
		`${ben.lid} sent a message in the name of this account`,
	]);
});
