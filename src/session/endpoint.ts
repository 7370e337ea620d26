/**
 * Where WhatsApp is. The real service by default; three environment variables point the package at
 * another one, which is how the test suite's stand-in is used:
 * WHATSAPP_LINKED_URL, WHATSAPP_LINKED_ROOT_KEY (hex) and Node's own NODE_EXTRA_CA_CERTS.
 */
import { LinkedError } from '../errors';

export interface Endpoint {
	/** WebSocket address; undefined means WhatsApp's own. */
	url?: string;
	/** The 32-byte key that must have signed the server's certificate chain. */
	rootKey?: Buffer;
}

/** @throws LinkedError `bad-credential` when a variable is set to something unusable. */
export function readEndpoint(env: Record<string, string | undefined> = process.env): Endpoint {
	const url = env.WHATSAPP_LINKED_URL || undefined;
	if (url && !/^wss:\/\//.test(url)) {
		throw new LinkedError('bad-credential', {
			detail: 'WHATSAPP_LINKED_URL must be a wss:// address.',
		});
	}
	const key = env.WHATSAPP_LINKED_ROOT_KEY || undefined;
	if (key && !/^[0-9a-f]{64}$/i.test(key)) {
		throw new LinkedError('bad-credential', {
			detail: 'WHATSAPP_LINKED_ROOT_KEY must be 64 hexadecimal digits.',
		});
	}
	return { url, rootKey: key ? Buffer.from(key, 'hex') : undefined };
}
