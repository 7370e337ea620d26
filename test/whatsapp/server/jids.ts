/** Addresses: `user[:device]@server`. */
export interface Jid {
	readonly user: string;
	/** 0 = the phone. */
	readonly device: number;
	readonly server: string;
}

export const PN = 's.whatsapp.net';
export const LID = 'lid';
export const GROUP = 'g.us';
/** How the server calls itself: a pair without user, which is not the same as the bare name. */
export const SERVER = '@s.whatsapp.net';

export function parseJid(text: string | undefined): Jid | undefined {
	const at = text?.indexOf('@') ?? -1;
	if (!text || at < 0) return undefined;
	const [userAndAgent = '', device] = text.slice(0, at).split(':');
	const [user = ''] = userAndAgent.split('_');
	return { user, device: device ? Number(device) : 0, server: text.slice(at + 1) };
}

export const formatJid = (user: string, server: string, device = 0): string =>
	device ? `${user}:${device}@${server}` : `${user}@${server}`;

/** Without the device. */
export function userJid(text: string): string {
	const jid = parseJid(text);
	return jid ? formatJid(jid.user, jid.server === 'c.us' ? PN : jid.server) : text;
}

export const isLid = (jid: string | undefined): boolean => parseJid(jid)?.server === LID;
export const isPn = (jid: string | undefined): boolean => parseJid(jid)?.server === PN;
export const isGroup = (jid: string | undefined): boolean => parseJid(jid)?.server === GROUP;
