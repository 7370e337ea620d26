/**
 * Whom files are fetched from. The address in a message is the sender's word: it must not make n8n
 * ask whatever machine it names, which may be one that only n8n can reach.
 */
import { LinkedError } from '../errors';
import { readEndpoint } from '../session/endpoint';

/** What clients fall back to when the message names no host. */
const DEFAULT_HOST = 'mmg.whatsapp.net';
/** Media and picture hosts of the service all end so. */
const OWN_HOSTS = /(?:^|\.)whatsapp\.net$/;

export interface Place {
	url?: string | null;
	directPath?: string | null;
}

/** @throws LinkedError `media-download-failed` when it leads to no host of WhatsApp's */
export function addressOf({ url, directPath }: Place): URL {
	const given = url && URL.canParse(url) ? new URL(url) : undefined;
	const host = given && isOwn(given) ? given.host : defaultHost();
	if (directPath) {
		const base = `https://${host}`;
		const address = URL.canParse(directPath, base) ? new URL(directPath, base) : undefined;
		if (address?.host === host && address.protocol === 'https:') return address;
	}
	if (given && isOwn(given)) return given;
	throw new LinkedError('media-download-failed', {
		detail: 'The message names an address that is not one of WhatsApp’s.',
	});
}

function isOwn({ protocol, host, hostname, username }: URL): boolean {
	if (protocol !== 'https:' || username !== '') return false;
	return OWN_HOSTS.test(hostname) || host === namedHost();
}

const defaultHost = () => namedHost() ?? DEFAULT_HOST;

/** The host that the environment names in place of the service; see src/session/endpoint.ts. */
function namedHost(): string | undefined {
	const { url } = readEndpoint();
	return url ? new URL(url).host : undefined;
}
