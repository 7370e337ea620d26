/**
 * The half of the trust that can only be put in place once Baileys is loaded: proof that signatures
 * are really checked, and the part of the server's certificate that Baileys does not look at.
 */
import { timingSafeEqual } from 'node:crypto';
import { LinkedError } from '../errors';
import { checkedSignatures } from './checkedSignatures';

type Baileys = Pick<typeof import('@whiskeysockets/baileys'), 'Curve' | 'proto'>;
type CertChain = import('@whiskeysockets/baileys').proto.CertChain;

const BOUND = Symbol.for('n8n-nodes-whatsapp-linked/bound-certificate');

/**
 * Makes sure that this Baileys refuses forged signatures and foreign certificates. Call it once
 * after the import; calling it again changes nothing.
 *
 * @throws LinkedError `unexpected` when it cannot: no connection is better than an unchecked one.
 */
export function secureBaileys(baileys: Baileys): void {
	if (!refusesForgeries(baileys)) replaceCurve(baileys);
	if (!refusesForgeries(baileys)) {
		throw new LinkedError('unexpected', {
			detail: 'Signatures cannot be checked with this version of Baileys.',
		});
	}
	bindCertificate(baileys);
}

// A signature from Signal's own tests (libsignal, curve25519.rs).
const KNOWN_KEY = Buffer.from(
	'ab7e717d4a163b7d9a1d8071dfe9dcf8cdcd1cea3339b6356be84d887e322c64',
	'hex',
);
const KNOWN_MESSAGE = Buffer.from(
	'05edce9d9c415ca78cb7252e72c2c4a554d3eb29485a0e1d503118d1a82d99fb4a',
	'hex',
);
const KNOWN_SIGNATURE = Buffer.from(
	'5de88ca9a89b4a115da79109c67c9c7464a3e4180274f1cb8c63c2984e286dfb' +
		'ede82deb9dcd9fae0bfbb821569b3d9001bd8130cd11d486cef047bd60b86e88',
	'hex',
);

function refusesForgeries({ Curve }: Baileys): boolean {
	const forged = Buffer.from(KNOWN_SIGNATURE);
	forged.writeUInt8(forged.readUInt8(0) ^ 1, 0);
	return (
		Curve.verify(KNOWN_KEY, KNOWN_MESSAGE, KNOWN_SIGNATURE) &&
		!Curve.verify(KNOWN_KEY, KNOWN_MESSAGE, forged)
	);
}

/**
 * For a Baileys that somebody else imported before `installCheckedSignatures`: its `Curve` holds
 * libsignal's bare functions. Group messages then stay slow; libsignal's own check of them works.
 */
function replaceCurve({ Curve }: Baileys): void {
	Curve.verify = (publicKey, message, signature) => {
		try {
			return checkedSignatures.verifySignature(Buffer.from(publicKey), message, signature);
		} catch {
			return false;
		}
	};
	Curve.sign = (privateKey, message) =>
		checkedSignatures.calculateSignature(Buffer.from(privateKey), message);
}

/**
 * Baileys 7.0.0-rc14 checks who signed the server's certificate, but not that the certificate is for
 * the key the server uses: anybody could show WhatsApp's own chain, which every client is sent.
 * whatsmeow, the reference client, checks key, serial and validity (handshake.go), so the real
 * service passes. Baileys' `processHandshake` agrees on a key with the server's static key, then
 * decodes the chain, all synchronously; nothing else decodes a CertChain.
 */
function bindCertificate({ Curve, proto }: Baileys): void {
	if (Object.hasOwn(proto.CertChain, BOUND)) return;
	Object.defineProperty(proto.CertChain, BOUND, { value: true });

	let lastAgreedWith: Uint8Array = new Uint8Array();
	const { sharedKey } = Curve;
	Curve.sharedKey = (privateKey, publicKey) => {
		lastAgreedWith = publicKey;
		return sharedKey(privateKey, publicKey);
	};
	const { CertChain } = proto;
	const decode = CertChain.decode.bind(CertChain);
	CertChain.decode = (reader, length) => {
		const chain = decode(reader, length);
		assertCertificateOf(lastAgreedWith, chain, proto.CertChain.NoiseCertificate.Details);
		return chain;
	};
}

function assertCertificateOf(
	staticKey: Uint8Array,
	{ leaf, intermediate }: CertChain,
	Details: Baileys['proto']['CertChain']['NoiseCertificate']['Details'],
): void {
	// Missing parts and wrong signatures are refused by Baileys right after.
	if (!leaf?.details || !intermediate?.details) return;
	const own = Details.decode(leaf.details);
	const issuer = Details.decode(intermediate.details);

	const key = own.key ?? new Uint8Array();
	if (key.length !== staticKey.length || !timingSafeEqual(key, staticKey)) {
		throw new Error("noise certificate is for another key than the server's");
	}
	if (own.issuerSerial !== issuer.serial) {
		throw new Error('noise certificate names another issuer');
	}
	const now = Math.floor(Date.now() / 1000);
	for (const { notBefore, notAfter } of [own, issuer]) {
		if (Number(notBefore ?? 0) > now) throw new Error('noise certificate is not valid yet');
		if ((Number(notAfter ?? 0) || now) < now) throw new Error('noise certificate has expired');
	}
}
