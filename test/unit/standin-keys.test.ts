import { agree, generateKeyPair, sign, verify, type KeyPair } from '../whatsapp/server/keys';

const message = Buffer.from('what is signed');

/** libsignal's own functions; its verifySignature returns whether (the one Baileys ignores). */
interface Curve {
	calculateSignature(privateKey: Buffer, message: Buffer): Uint8Array;
	calculateAgreement(publicKey: Buffer, privateKey: Buffer): Buffer;
	verifySignature(publicKey: Buffer, message: Buffer, signature: Buffer): boolean;
}

describe('keys of the stand-in server', () => {
	let curve: Curve;
	let pairs: KeyPair[];
	const typed = (key: Buffer) => Buffer.concat([Buffer.from([5]), key]);

	beforeAll(async () => {
		const module = (await import('libsignal')) as unknown as { curve: Curve };
		curve = module.curve;
		// Several, since half of all keys have the other sign of x.
		pairs = Array.from({ length: 8 }, generateKeyPair);
	});

	it('agree with both sides and with libsignal on the same secret', () => {
		for (const [i, ours] of pairs.entries()) {
			const theirs = pairs[(i + 1) % pairs.length] as KeyPair;
			const secret = agree(ours.privateKey, theirs.publicKey);
			expect(agree(theirs.privateKey, ours.publicKey)).toEqual(secret);
			expect(curve.calculateAgreement(typed(theirs.publicKey), ours.privateKey)).toEqual(secret);
		}
	});

	it('agree with no key of small order', () => {
		expect(() => agree(generateKeyPair().privateKey, Buffer.alloc(32))).toThrow();
	});

	it('sign so that libsignal accepts it', async () => {
		for (const { publicKey, privateKey } of pairs) {
			const signature = await sign(privateKey, message);
			expect(curve.verifySignature(typed(publicKey), message, signature)).toBe(true);
			expect(verify(publicKey, message, signature)).toBe(true);
		}
	});

	it('accept signatures of libsignal, with and without the type byte of the key', () => {
		for (const { publicKey, privateKey } of pairs) {
			const signature = curve.calculateSignature(privateKey, message);
			expect(verify(publicKey, message, signature)).toBe(true);
			expect(verify(typed(publicKey), message, signature)).toBe(true);
		}
	});

	it('refuse every other key, message and signature, whatever its form', async () => {
		const [ours, theirs] = pairs as [KeyPair, KeyPair];
		const signature = await sign(ours.privateKey, message);
		expect(verify(theirs.publicKey, message, signature)).toBe(false);
		expect(verify(ours.publicKey, Buffer.from('something else'), signature)).toBe(false);
		for (const at of [0, 31, 32, 62]) {
			const broken = Buffer.from(signature);
			broken[at] = (broken[at] ?? 0) ^ 1;
			expect(verify(ours.publicKey, message, broken)).toBe(false);
		}
		expect(verify(ours.publicKey, message, Buffer.alloc(64))).toBe(false);
		expect(verify(ours.publicKey, message, signature.subarray(1))).toBe(false);
		expect(verify(Buffer.alloc(3), message, signature)).toBe(false);
		expect(verify(Buffer.alloc(32, 0xff), message, signature)).toBe(false);
	});
});
