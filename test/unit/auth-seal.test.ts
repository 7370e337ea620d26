import { createSealer } from '../../src/auth';

const bytes = Buffer.from('a secret of this number');
const code = (wanted: string) => expect.objectContaining({ code: wanted }) as Error;

describe('sealed values', () => {
	const sealer = createSealer('key of n8n', 'account 1');

	it('open under the same key, account and name', () => {
		const sealed = sealer.seal('creds', bytes);
		expect(Buffer.from(sealed).includes(bytes)).toBe(false);
		expect(Buffer.from(sealer.open('creds', sealed)).equals(bytes)).toBe(true);
		const later = createSealer('key of n8n', 'account 1');
		expect(Buffer.from(later.open('creds', sealed)).equals(bytes)).toBe(true);
	});

	it('may be empty or large', () => {
		for (const value of [Buffer.alloc(0), Buffer.alloc(1_000_000, 3)]) {
			expect(Buffer.from(sealer.open('x', sealer.seal('x', value))).equals(value)).toBe(true);
		}
	});

	it('are different each time', () => {
		expect(sealer.seal('creds', bytes)).not.toEqual(sealer.seal('creds', bytes));
	});

	it('tell a wrong key from damage', () => {
		const sealed = Buffer.from(sealer.seal('creds', bytes));
		expect(() => createSealer('another key', 'account 1').open('creds', sealed)).toThrow(
			code('wrong-key'),
		);
		for (let place = 5; place < sealed.length; place++) {
			const tampered = Buffer.from(sealed);
			tampered[place] = (tampered[place] ?? 0) ^ 1;
			const fresh = createSealer('key of n8n', 'account 1');
			expect(() => fresh.open('creds', tampered)).toThrow(code('damaged-data'));
		}
	});

	it('take a changed key check for damage once the key is proven', () => {
		const sealed = Buffer.from(sealer.seal('creds', bytes));
		sealer.open('creds', sealed);
		sealed[2] = (sealed[2] ?? 0) ^ 1;
		expect(() => sealer.open('creds', sealed)).toThrow(code('damaged-data'));
	});

	it('cannot be moved to another name or account', () => {
		const sealed = sealer.seal('session:1', bytes);
		expect(() => sealer.open('session:2', sealed)).toThrow(code('damaged-data'));
		expect(() => createSealer('key of n8n', 'account 2').open('session:1', sealed)).toThrow();
	});

	it('are refused when cut short', () => {
		const sealed = sealer.seal('creds', bytes);
		for (const size of [0, 1, 16, 32, sealed.length - 1]) {
			expect(() => sealer.open('creds', sealed.subarray(0, size))).toThrow(code('damaged-data'));
		}
	});

	it('are not made without a key', () => {
		expect(() => createSealer('', 'account')).toThrow(code('wrong-key'));
	});
});
