import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

import type { PairRequest } from '../whatsapp/contract';
import { Phone } from '../whatsapp/phone';
import { type BinaryNode, bytes, child, node, SERVER } from '../whatsapp/phone/nodes';
import { wa } from '../whatsapp/phone/proto';
import { agree, generateKeyPair, isSignedBy } from '../whatsapp/phone/signal/curve';
import { ctr, hkdf, hmacSha256 } from '../whatsapp/phone/signal/kdf';
import { Loopback } from '../whatsapp/phone/testing/loopback';

let host: Loopback;
let anna: Phone;

beforeEach(async () => {
	host = new Loopback();
	anna = await Phone.create(host, { phone: '+1 555 0101', pushName: 'Anna' });
});

const key = (length = 32) => randomBytes(length).toString('base64');
const qr = (...parts: string[]) => `https://wa.me/settings/linked_devices#${parts.join(',')}`;

describe('scanning', () => {
	it.each([
		['nothing', ''],
		['a web page', 'https://example.com/#a,b,c,d,e'],
		['another WhatsApp address', 'https://wa.me/15550101'],
		['too few parts', qr('2@ref', key(), key(), key())],
		['too many parts', qr('2@ref', key(), key(), key(), '1', '2')],
		['no reference', qr('', key(), key(), key(), '1')],
		['a short key', qr('2@ref', key(31), key(), key(), '1')],
		['a key that is not base64', qr('2@ref', key(), `!${key().slice(1)}`, key(), '1')],
	])('refuses %s', async (_what, text) => {
		await expect(anna.scan(text)).rejects.toMatchObject({
			name: 'LinkError',
			code: 'malformed-qr',
		});
	});

	it('says that a code has expired when the server does not know its reference', async () => {
		host.onPair = async () => {
			throw new Error('this reference is unknown or has expired');
		};
		const text = qr('2@ref', key(), key(), key(), '1');
		await expect(anna.scan(text)).rejects.toMatchObject({ code: 'expired-qr' });
		await expect(anna.scan(text)).rejects.toThrow('Scan the one that is shown now');
	});

	it('makes an identity that the companion accepts, for its key and secret only', async () => {
		const { configureSuccessfulPairing, generateRegistrationId, signedKeyPair, Curve } =
			await import('@whiskeysockets/baileys');
		const identity = Curve.generateKeyPair();
		const noise = Curve.generateKeyPair();
		const creds = {
			advSecretKey: key(),
			signedIdentityKey: identity,
			signedPreKey: signedKeyPair(identity, 1),
			registrationId: generateRegistrationId(),
			signalIdentities: [],
		};
		let request: PairRequest | undefined;
		host.onPair = async (asked) => {
			request = asked;
			return { device: 3, loggedIn: new Promise(() => {}) };
		};
		const text = qr(
			'2@ref',
			Buffer.from(noise.public).toString('base64'),
			Buffer.from(identity.public).toString('base64'),
			creds.advSecretKey,
			'1',
		);
		expect(await anna.scan(text)).toMatchObject({ device: 3, jid: '200000000000101:3@lid' });
		expect(anna.companions).toEqual([3]);
		expect(request).toMatchObject({ ref: '2@ref', companionNoiseKey: noise.public });

		const content = await request!.identityFor(3);
		const stanza = node('iq', { id: '1' }, [
			node('pair-success', {}, [
				node('device-identity', {}, Buffer.from(content)),
				node('device', { jid: '15550101:3@s.whatsapp.net', lid: '200000000000101:3@lid' }),
				node('platform', { name: 'android' }),
			]),
		]);
		const { reply } = configureSuccessfulPairing(stanza, creds);
		expect(child(reply, 'pair-device-sign', 'device-identity')?.attrs['key-index']).toBe('3');
		const other = { ...creds, advSecretKey: key() };
		expect(() => configureSuccessfulPairing(stanza, other)).toThrow('Invalid account signature');

		// Baileys does not look at the result of its signature check, so look here.
		const outer = wa().ADVSignedDeviceIdentityHMAC.decode(content);
		const secret = Buffer.from(creds.advSecretKey, 'base64');
		expect(hmacSha256(secret, outer.details!)).toEqual(Buffer.from(outer.hmac!));
		const signed = wa().ADVSignedDeviceIdentity.decode(outer.details!);
		const vouched = Buffer.concat([Buffer.from([6, 0]), signed.details!, identity.public]);
		expect(isSignedBy(signed.accountSignatureKey!, vouched, signed.accountSignature!)).toBe(true);
	});
});

/** A companion that links by code, with its own cryptography. */
function companion(code: string) {
	const [ephemeral, identity] = [generateKeyPair(), generateKeyPair()];
	const ref = Buffer.from('2@code-ref');
	const codeKey = (salt: Buffer) => pbkdf2Sync(code, salt, 131_072, 32, 'sha256');
	const hello = () => {
		const [salt, iv] = [randomBytes(32), randomBytes(16)];
		const wrapped = Buffer.concat([salt, iv, ctr(codeKey(salt), iv, ephemeral.public)]);
		host.deliver(
			anna.ids,
			registration('companion_hello', [
				node('link_code_pairing_wrapped_companion_ephemeral_pub', {}, wrapped),
				node('link_code_pairing_ref', {}, ref),
			]),
		);
	};
	let advSecret: Buffer | undefined;
	const finish = (primaryHello: BinaryNode) => {
		const wrapped = bytes(child(primaryHello, 'link_code_pairing_wrapped_primary_ephemeral_pub'))!;
		const primary = bytes(child(primaryHello, 'primary_identity_pub'))!;
		const primaryEphemeral = ctr(
			codeKey(wrapped.subarray(0, 32)),
			wrapped.subarray(32, 48),
			wrapped.subarray(48),
		);
		const shared = agree(ephemeral.private, primaryEphemeral);
		const [random, salt, iv] = [randomBytes(32), randomBytes(32), randomBytes(12)];
		const bundleKey = hkdf(shared, 32, 'link_code_pairing_key_bundle_encryption_key', salt);
		const cipher = createCipheriv('aes-256-gcm', bundleKey, iv);
		const plain = Buffer.concat([identity.public, primary, random]);
		const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
		advSecret = hkdf(
			Buffer.concat([shared, agree(identity.private, primary), random]),
			32,
			'adv_secret',
		);
		host.deliver(
			anna.ids,
			registration('companion_finish', [
				node('link_code_pairing_wrapped_key_bundle', {}, Buffer.concat([salt, iv, sealed])),
				node('companion_identity_public', {}, identity.public),
				node('link_code_pairing_ref', {}, ref),
			]),
		);
	};
	host.onPrimaryHello = finish;
	return { hello, identity, advSecret: () => advSecret! };
}

const registration = (stage: string, content: BinaryNode[]) =>
	node('notification', { type: 'link_code_companion_reg', from: SERVER, id: stage }, [
		node('link_code_companion_reg', { stage }, content),
	]);

describe('entering a code', () => {
	it('links the companion that showed it, however it is typed', async () => {
		const device = companion('ABCD1234');
		let request: PairRequest | undefined;
		host.onPair = async (asked) => {
			request = asked;
			return { device: 1, loggedIn: new Promise(() => {}) };
		};
		const linked = anna.enterCode('abcd-1234');
		device.hello();
		expect(await linked).toMatchObject({ device: 1 });
		expect(request!.ref).toBe('2@code-ref');
		const outer = wa().ADVSignedDeviceIdentityHMAC.decode(await request!.identityFor(1));
		expect(hmacSha256(device.advSecret(), outer.details!)).toEqual(Buffer.from(outer.hmac!));
		const signed = wa().ADVSignedDeviceIdentity.decode(outer.details!);
		const vouched = Buffer.concat([Buffer.from([6, 0]), signed.details!, device.identity.public]);
		expect(isSignedBy(signed.accountSignatureKey!, vouched, signed.accountSignature!)).toBe(true);
	});

	it('says that the code is wrong', async () => {
		companion('ABCD1234').hello();
		await expect(anna.enterCode('ABCD1235')).rejects.toMatchObject({ code: 'wrong-code' });
		await expect(anna.enterCode('ABCD123')).rejects.toThrow('eight letters and digits');
	});
});
