import type { BinaryNode } from '@whiskeysockets/baileys';
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { loadBaileys, type Baileys } from '../../src/baileys';
import { skipForgedBundles } from '../../src/crypto/forgedBundles';
import { secureBaileys } from '../../src/crypto/secureBaileys';
import { judge } from '../../src/session/disconnect';
import { groupOfTwo, person, quietLogger } from './crypto-person';

type KeyPair = ReturnType<Baileys['Curve']['generateKeyPair']>;

const DAY = 86_400;
let baileys: Baileys;
let root: KeyPair;
let realRootKey: Buffer;

beforeAll(async () => {
	baileys = await loadBaileys();
	secureBaileys(baileys);
	root = baileys.Curve.generateKeyPair();
	const { PUBLIC_KEY } = baileys.WA_CERT_DETAILS;
	realRootKey = Buffer.from(PUBLIC_KEY);
	PUBLIC_KEY.set(root.public);
});

afterAll(() => {
	baileys.WA_CERT_DETAILS.PUBLIC_KEY.set(realRootKey);
});

function forge(signature: Uint8Array): Buffer {
	const forged = Buffer.from(signature);
	forged.writeUInt8(forged.readUInt8(5) ^ 1, 5);
	return forged;
}

interface Chain {
	rootKey: KeyPair;
	leafSigner?: KeyPair;
	leafKey?: Uint8Array;
	leafIssuer: number;
	intermediateIssuer: number;
	notBefore: number;
	notAfter: number;
	spoil?: 'leaf' | 'intermediate';
}

/** A server's side of the Noise handshake up to its hello, with a chain of one's choice. */
function serverHello(clientEphemeral: Uint8Array, noiseHeader: Buffer, chosen: Partial<Chain>) {
	const { Curve, proto } = baileys;
	const now = Math.floor(Date.now() / 1000);
	const ephemeral = Curve.generateKeyPair();
	const serverStatic = Curve.generateKeyPair();
	const intermediate = Curve.generateKeyPair();
	const given: Chain = {
		rootKey: root,
		leafIssuer: 7,
		intermediateIssuer: 0,
		notBefore: now - DAY,
		notAfter: now + DAY,
		...chosen,
	};

	const { notBefore, notAfter } = given;
	const certificate = (signer: KeyPair, details: object, spoil: boolean) => {
		const bytes = proto.CertChain.NoiseCertificate.Details.encode({
			...details,
			notBefore,
			notAfter,
		}).finish();
		const signature = Curve.sign(signer.private, bytes) as Buffer;
		return { details: bytes, signature: spoil ? forge(signature) : signature };
	};
	const payload = proto.CertChain.encode({
		intermediate: certificate(
			given.rootKey,
			{ serial: 7, issuerSerial: given.intermediateIssuer, key: intermediate.public },
			given.spoil === 'intermediate',
		),
		leaf: certificate(
			given.leafSigner ?? intermediate,
			{ serial: 8, issuerSerial: given.leafIssuer, key: given.leafKey ?? serverStatic.public },
			given.spoil === 'leaf',
		),
	}).finish();

	let hash = Buffer.from(baileys.NOISE_MODE);
	let salt: Buffer = hash;
	let key = hash;
	let counter = 0;
	const authenticate = (data: Uint8Array) => {
		hash = createHash('sha256').update(hash).update(data).digest();
	};
	const mix = (secret: Uint8Array) => {
		const mixed = Buffer.from(hkdfSync('sha256', secret, salt, '', 64));
		salt = mixed.subarray(0, 32);
		key = mixed.subarray(32);
		counter = 0;
	};
	const encrypt = (data: Uint8Array) => {
		const iv = Buffer.alloc(12);
		iv.writeUInt32BE(counter++, 8);
		const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(hash);
		const sealed = Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
		authenticate(sealed);
		return sealed;
	};
	authenticate(noiseHeader);
	authenticate(clientEphemeral);
	authenticate(ephemeral.public);
	mix(Curve.sharedKey(ephemeral.private, clientEphemeral));
	const sealedStatic = encrypt(serverStatic.public);
	mix(Curve.sharedKey(serverStatic.private, clientEphemeral));
	return { ephemeral: ephemeral.public, static: sealedStatic, payload: encrypt(payload) };
}

/** Baileys' own handshake with such a server: what it answers, or throws. */
function handshake(chosen: Partial<Chain> = {}): Uint8Array {
	const { Curve, makeNoiseHandler, NOISE_WA_HEADER, proto } = baileys;
	const keyPair = Curve.generateKeyPair();
	const noise = makeNoiseHandler({
		keyPair,
		NOISE_HEADER: NOISE_WA_HEADER,
		logger: quietLogger,
	});
	const hello = serverHello(keyPair.public, Buffer.from(NOISE_WA_HEADER), chosen);
	return noise.processHandshake(
		proto.HandshakeMessage.fromObject({ serverHello: hello }),
		Curve.generateKeyPair(),
	);
}

describe("the server's certificate", () => {
	it('is accepted when the chain leads to the root key', () => {
		expect(handshake()).toHaveLength(32 + 16);
	});

	const now = Math.floor(Date.now() / 1000);
	it.each<[string, () => Partial<Chain>]>([
		['signed by another root key', () => ({ rootKey: baileys.Curve.generateKeyPair() })],
		['with a forged intermediate signature', () => ({ spoil: 'intermediate' })],
		['with a forged leaf signature', () => ({ spoil: 'leaf' })],
		['whose leaf somebody else signed', () => ({ leafSigner: baileys.Curve.generateKeyPair() })],
		['of another server, replayed', () => ({ leafKey: baileys.Curve.generateKeyPair().public })],
		['whose leaf has a short key', () => ({ leafKey: randomBytes(31) })],
		['whose leaf names another issuer', () => ({ leafIssuer: 6 })],
		['whose intermediate names another issuer', () => ({ intermediateIssuer: 1 })],
		['that is not valid yet', () => ({ notBefore: now + DAY })],
		['that has expired', () => ({ notAfter: now - DAY })],
	])('%s is refused, and the session knows why', (_, chosen) => {
		let refusal: unknown;
		try {
			handshake(chosen());
		} catch (error) {
			refusal = error;
		}
		expect(judge(refusal)).toMatchObject({ action: 'stop', error: { code: 'untrusted-server' } });
	});

	it('is checked once, however often Baileys is secured', () => {
		const { decode } = baileys.proto.CertChain;
		secureBaileys(baileys);
		expect(baileys.proto.CertChain.decode).toBe(decode);
	});
});

describe('pairing', () => {
	function pair(spoil: boolean) {
		const { Curve, proto, configureSuccessfulPairing, initAuthCreds, hmacSign } = baileys;
		const creds = initAuthCreds();
		const account = Curve.generateKeyPair();
		const details = proto.ADVDeviceIdentity.encode({
			rawId: 1,
			timestamp: 1,
			keyIndex: 1,
		}).finish();
		const signed = Buffer.concat([Buffer.of(6, 0), details, creds.signedIdentityKey.public]);
		const signature = Curve.sign(account.private, signed) as Buffer;
		const identity = proto.ADVSignedDeviceIdentity.encode({
			details,
			accountSignatureKey: account.public,
			accountSignature: spoil ? forge(signature) : signature,
		}).finish();
		const content = proto.ADVSignedDeviceIdentityHMAC.encode({
			details: identity,
			hmac: hmacSign(identity, Buffer.from(creds.advSecretKey, 'base64')),
		}).finish();
		const stanza: BinaryNode = {
			tag: 'iq',
			attrs: { id: '1' },
			content: [
				{
					tag: 'pair-success',
					attrs: {},
					content: [
						{ tag: 'device-identity', attrs: {}, content },
						{ tag: 'platform', attrs: { name: 'android' } },
						{ tag: 'device', attrs: { jid: '15550101:1@s.whatsapp.net', lid: '1:1@lid' } },
					],
				},
			],
		};
		return configureSuccessfulPairing(stanza, creds);
	}

	it('takes an account whose signature is right', () => {
		expect(pair(false).creds.me?.id).toBe('15550101:1@s.whatsapp.net');
	});

	it('refuses an account whose signature is forged', () => {
		expect(() => pair(true)).toThrow('Failed to verify account signature');
	});
});

describe('signed pre-keys', () => {
	const jid = '15550102@s.whatsapp.net';

	function bundle(spoil: boolean) {
		const { creds } = person(baileys);
		const { signedPreKey, signedIdentityKey, registrationId } = creds;
		const preKey = baileys.Curve.generateKeyPair();
		return {
			registrationId,
			identityKey: baileys.generateSignalPubKey(signedIdentityKey.public),
			signedPreKey: {
				keyId: signedPreKey.keyId,
				publicKey: baileys.generateSignalPubKey(signedPreKey.keyPair.public),
				signature: spoil ? forge(signedPreKey.signature) : signedPreKey.signature,
			},
			preKey: { keyId: 1, publicKey: baileys.generateSignalPubKey(preKey.public) },
		};
	}

	it('make a session when their signature is right', async () => {
		const { repository } = person(baileys);
		await repository.injectE2ESession({ jid, session: bundle(false) });
		expect(await repository.validateSession(jid)).toEqual({ exists: true });
	});

	it('make no session when their signature is forged', async () => {
		const { repository } = person(baileys);
		await expect(repository.injectE2ESession({ jid, session: bundle(true) })).rejects.toMatchObject(
			{
				name: 'BadSignatureError',
			},
		);
		expect(await repository.validateSession(jid)).toMatchObject({ exists: false });
	});

	it('that are forged leave out their device only, when so wrapped', async () => {
		const { repository } = person(baileys);
		const forged: string[] = [];
		const wrapped = skipForgedBundles(repository, (who) => forged.push(who));
		await wrapped.injectE2ESession({ jid, session: bundle(true) });
		expect(forged).toEqual([jid]);
		expect(await wrapped.validateSession(jid)).toMatchObject({ exists: false });
		await wrapped.injectE2ESession({ jid, session: bundle(false) });
		expect(await wrapped.validateSession(jid)).toEqual({ exists: true });
		const broken = { ...bundle(false), identityKey: Buffer.alloc(3) };
		await expect(wrapped.injectE2ESession({ jid, session: broken })).rejects.toThrow();
		expect(forged).toHaveLength(1);
	});
});

describe('group messages', () => {
	it('are read when signed by the sender key and refused with a forged signature', async () => {
		const { send, read } = await groupOfTwo(baileys);
		const message = await send('hello');
		const forged = Buffer.from(message);
		forged.writeUInt8(forged.readUInt8(forged.length - 20) ^ 1, forged.length - 20);
		await expect(read(forged)).rejects.toThrow('Invalid signature!');
		expect(await read(message)).toBe('hello');
		expect(await read(await send('again'))).toBe('again');
	});
});
