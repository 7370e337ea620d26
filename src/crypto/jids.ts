/** Baileys' `jidDecode` (WABinary/jid-utils.js of 7.0.0-rc14) without lists of parts; a message asks it dozens of times. */

interface Jid {
	server: string;
	user: string;
	domainType: number;
	device: number | undefined;
}

const DOMAINS: Readonly<Record<string, number>> = { lid: 1, hosted: 128, 'hosted.lid': 129 };

/** The text before this character, and what follows up to the next one. */
function parted(text: string, character: string): [string, string | undefined] {
	const at = text.indexOf(character);
	if (at < 0) return [text, undefined];
	const next = text.indexOf(character, at + 1);
	return [text.slice(0, at), text.slice(at + 1, next < 0 ? undefined : next)];
}

export function quickJidDecode(jid: unknown): Jid | undefined {
	if (typeof jid !== 'string') return undefined;
	const at = jid.indexOf('@');
	if (at < 0) return undefined;
	const server = jid.slice(at + 1);
	const [named, device] = parted(jid.slice(0, at), ':');
	const [user, agent] = parted(named, '_');
	const ofServer = Object.hasOwn(DOMAINS, server) ? DOMAINS[server] : undefined;
	return {
		server,
		user,
		domainType: ofServer ?? (agent ? parseInt(agent) : 0),
		device: device ? +device : undefined,
	};
}
