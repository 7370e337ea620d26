import { verify } from '../whatsapp/server/keys';
import { makeIdentity, type Forgery } from '../whatsapp/server/noise';
import { loadWa, type Wa } from '../whatsapp/server/wa';

describe('the certificate chain of the stand-in server', () => {
	let wa: Wa;
	beforeAll(async () => {
		wa = await loadWa();
	});

	/** What a careful client checks, in order; the first thing that is wrong. */
	async function check(forgery?: Forgery): Promise<string> {
		const { root, staticKey, chain } = await makeIdentity(wa, forgery);
		const { CertChain } = wa.proto;
		const { intermediate, leaf } = CertChain.decode(chain);
		if (!intermediate?.details || !intermediate.signature) return 'no intermediate';
		if (!leaf?.details || !leaf.signature) return 'no leaf';
		const { Details } = CertChain.NoiseCertificate;
		const issuer = Details.decode(intermediate.details);
		if (!verify(root, intermediate.details, intermediate.signature)) return 'intermediate';
		if (issuer.issuerSerial !== 0) return 'serial';
		if (!verify(issuer.key ?? new Uint8Array(), leaf.details, leaf.signature)) return 'leaf';
		const { key } = Details.decode(leaf.details);
		return staticKey.publicKey.equals(key ?? new Uint8Array()) ? 'good' : 'key';
	}

	it('is signed from the root to the key of the handshake', async () => {
		expect(await check()).toBe('good');
	});

	it.each<[Forgery, string]>([
		['root', 'intermediate'],
		['leaf', 'leaf'],
		['key', 'key'],
		['serial', 'serial'],
		['missing', 'no leaf'],
	])('forged at the %s, fails at the %s', async (forgery, where) => {
		expect(await check(forgery)).toBe(where);
	});
});
