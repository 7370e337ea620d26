/** libsignal's symmetric functions, ours against its own. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { fastSymmetric, type LibsignalCrypto } from '../../src/crypto/fastSymmetric';
import { installCheckedSignatures } from '../../src/crypto/install';
import { libsignalFolder } from '../../src/crypto/quietLibsignal';

/** Its own file, before anything is put in place of its functions. */
const bare = {
	...(createRequire(__filename)(join(libsignalFolder(), 'src/crypto.js')) as LibsignalCrypto),
};

const bytes = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).map((value) => Buffer.from(value));
const data = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));

/** What both give, or the error that both throw. */
function same<T>(task: (functions: LibsignalCrypto) => T): void {
	const outcome = (functions: LibsignalCrypto): unknown => {
		try {
			return task(functions);
		} catch (error) {
			return (error as Error).message;
		}
	};
	expect(outcome(fastSymmetric)).toEqual(outcome(bare));
}

test('are those of libsignal', () => {
	fc.assert(
		fc.property(bytes(32), data, bytes(16), bytes(32), (key, text, iv, salt) => {
			same(({ encrypt }) => encrypt(key, text, iv));
			same(({ decrypt }) => decrypt(key, bare.encrypt(key, text, iv), iv));
			same(({ decrypt }) => decrypt(salt, bare.encrypt(key, text, iv), iv));
			same(({ calculateMAC }) => calculateMAC(key, text));
			same(({ calculateMAC }) => calculateMAC(text, key));
			for (const chunks of [undefined, 1, 2, 3]) {
				same(({ deriveSecrets }) => deriveSecrets(text, salt, iv, chunks));
			}
			const mac = bare.calculateMAC(key, text).subarray(0, 8);
			same(({ verifyMAC }) => verifyMAC(text, key, mac, 8));
			same(({ verifyMAC }) => verifyMAC(text, key, salt.subarray(0, 8), 8));
		}),
	);
});

test.each([0, 1, 63, 64, 65, 300])('take HMAC keys of %i bytes', (length) => {
	const key = Buffer.alloc(length, 7);
	for (const text of ['', 'text', 't'.repeat(1_000)]) {
		same(({ calculateMAC }) => calculateMAC(key, Buffer.from(text)));
	}
});

test('refuse what libsignal refuses, with its words', () => {
	const key = Buffer.alloc(32, 1);
	const text = Buffer.from('text');
	same(({ calculateMAC }) => calculateMAC(new Uint8Array(32) as Buffer, text));
	same(({ encrypt }) => encrypt(key, 'text' as unknown as Buffer, Buffer.alloc(16)));
	same(({ deriveSecrets }) => deriveSecrets(text, Buffer.alloc(31), text));
	same(({ verifyMAC }) => verifyMAC(text, key, Buffer.alloc(7), 8));
	expect(() => fastSymmetric.deriveSecrets(text, key, text, 4)).toThrow();
	expect(() => bare.deriveSecrets(text, key, text, 4)).toThrow();
});

test('take the place of those that Baileys uses', () => {
	installCheckedSignatures();
	const inUse = createRequire(__filename)(join(libsignalFolder(), 'src/crypto.js')) as object;
	expect(inUse).toMatchObject(fastSymmetric);
});
