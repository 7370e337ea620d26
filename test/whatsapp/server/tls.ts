import { randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';

export interface Tls {
	/** Certificate of the authority, PEM: what NODE_EXTRA_CA_CERTS points at. */
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

const NAMES = [
	{ type: 2 as const, value: 'localhost' },
	{ type: 7 as const, ip: '127.0.0.1' },
	{ type: 7 as const, ip: '::1' },
];

/** An authority of this run and a certificate for loopback signed by it. */
export async function makeTls(): Promise<Tls> {
	const common = { keyType: 'ec' as const, algorithm: 'sha256' };
	// A name of its own: a process that trusts several must find the right one by name.
	const name = `stand-in authority ${randomBytes(8).toString('hex')}`;
	const authority = await generate([{ name: 'commonName', value: name }], {
		...common,
		extensions: [
			{ name: 'basicConstraints', cA: true, critical: true },
			{ name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
		],
	});
	const server = await generate([{ name: 'commonName', value: 'localhost' }], {
		...common,
		ca: { key: authority.private, cert: authority.cert },
		extensions: [
			{ name: 'basicConstraints', cA: false },
			{ name: 'keyUsage', digitalSignature: true, critical: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{ name: 'subjectAltName', altNames: NAMES },
		],
	});
	return { ca: authority.cert, cert: server.cert, key: server.private };
}
