/**
 * Addresses. WhatsApp addresses people by LID; the phone number behind one may be unknown, and a LID
 * looks like a long number. So a phone number is only ever read from an address whose server says
 * that it is one.
 */

/** What an address stands for. */
export type JidKind =
	| 'user' // a person by phone number
	| 'lid' // a person by LID
	| 'group' // a group, a community or its announcement group
	| 'newsletter' // a channel
	| 'status' // the status (story) list
	| 'broadcast' // a broadcast list
	| 'bot' // Meta AI and the like
	| 'other';

export interface ParsedJid {
	readonly kind: JidKind;
	/** Without device, agent and alias server: `15550100123@s.whatsapp.net`. */
	readonly jid: string;
	/** What stands before the @, without device and agent. */
	readonly user: string;
	/** The device number when the address named one; 0 is the phone itself. */
	readonly device: number | null;
}

/** A person as events and operations show one. */
export interface Person {
	/** Where to write to: the LID when known, otherwise the phone JID. */
	id: string;
	/** `123@lid`, or null when not known. */
	lid: string | null;
	/** E.164 with +, or null when WhatsApp does not say. Never a LID. */
	phone: string | null;
	/** The best name known: saved contact, business name, or the name the person chose. */
	name: string | null;
	/** The WhatsApp user name, without @. */
	username: string | null;
}

export const STATUS_JID = 'status@broadcast';

/** Canonical server and kind for every server name seen in Baileys' WABinary/jid-utils. */
const SERVERS: Readonly<Record<string, { server: string; kind: JidKind }>> = {
	's.whatsapp.net': { server: 's.whatsapp.net', kind: 'user' },
	'c.us': { server: 's.whatsapp.net', kind: 'user' },
	hosted: { server: 's.whatsapp.net', kind: 'user' },
	lid: { server: 'lid', kind: 'lid' },
	'hosted.lid': { server: 'lid', kind: 'lid' },
	'g.us': { server: 'g.us', kind: 'group' },
	newsletter: { server: 'newsletter', kind: 'newsletter' },
	broadcast: { server: 'broadcast', kind: 'broadcast' },
	bot: { server: 'bot', kind: 'bot' },
};

/** The same few addresses are looked at dozens of times for each message. */
const parsed = new Map<string, ParsedJid | null>();
const PARSED = 2_000;
const LONGEST_PARSED = 64;

/**
 * Takes an address apart. Accepts `user@server`, `user:device@server` and `user_agent:device@server`
 * (Baileys writes the first two, WhatsApp's binary nodes the third). Null when it is no address.
 */
export function parseJid(jid: unknown): ParsedJid | null {
	if (typeof jid !== 'string') return null;
	const known = parsed.get(jid);
	if (known !== undefined) return known;
	const found = parse(jid);
	if (jid.length <= LONGEST_PARSED) {
		if (parsed.size >= PARSED) parsed.clear();
		parsed.set(jid, found);
	}
	return found;
}

function parse(jid: string): ParsedJid | null {
	const match = /^([^@:\s]+)(?::(\d{1,5}))?@([a-z.]+)$/.exec(jid);
	if (!match) return null;
	const [, before = '', device, name = ''] = match;
	const known = Object.hasOwn(SERVERS, name) ? SERVERS[name] : undefined;
	const server = known?.server ?? name;
	let kind: JidKind = known?.kind ?? 'other';
	let user = before;
	if (kind === 'user' || kind === 'lid') {
		user = before.replace(/[_.]\d+$/, '');
		// `server@c.us` and its like are machines, not people.
		if (!/^\d+$/.test(user)) kind = 'other';
	}
	if (`${user}@${server}` === STATUS_JID) kind = 'status';
	return {
		kind,
		jid: `${user}@${server}`,
		user,
		device: device === undefined ? null : Number(device),
	};
}

/** What an address stands for; `other` for anything unknown. */
export function jidKind(jid: unknown): JidKind {
	return parseJid(jid)?.kind ?? 'other';
}

/** The address without device, agent and alias server, or null when it is none. */
export function userJid(jid: unknown): string | null {
	return parseJid(jid)?.jid ?? null;
}

export const isGroup = (jid: unknown): boolean => jidKind(jid) === 'group';
export const isLid = (jid: unknown): boolean => jidKind(jid) === 'lid';
export const isPhoneJid = (jid: unknown): boolean => jidKind(jid) === 'user';
export const isNewsletter = (jid: unknown): boolean => jidKind(jid) === 'newsletter';
export const isStatus = (jid: unknown): boolean => jidKind(jid) === 'status';
/** A person, by phone number or by LID. */
export const isPerson = (jid: unknown): boolean => isLid(jid) || isPhoneJid(jid);

/** Whether two addresses are the same, whatever the device and the spelling of the server. */
export function sameJid(a: unknown, b: unknown): boolean {
	const first = userJid(a);
	return first !== null && first === userJid(b);
}

/** The phone number of a phone JID in E.164 with +; null for a LID and for everything else. */
export function displayPhone(jid: unknown): string | null {
	const address = parseJid(jid);
	if (address?.kind !== 'user') return null;
	return /^[1-9]\d{4,14}$/.test(address.user) ? `+${address.user}` : null;
}

/** The JID of a phone number in E.164. */
export function phoneJid(phone: string): string {
	return `${phone.replace(/\D/g, '')}@s.whatsapp.net`;
}

/**
 * A person from any addresses of the same person (LID and phone form in any order, devices and nulls
 * allowed). Null when none of them is a person's.
 */
export function personOf(
	jids: ReadonlyArray<string | null | undefined>,
	known: { name?: string | null; username?: string | null } = {},
): Person | null {
	const all = jids.map(parseJid);
	const lid = all.find((jid) => jid?.kind === 'lid')?.jid ?? null;
	const phone = all.find((jid) => jid?.kind === 'user')?.jid ?? null;
	const id = lid ?? phone;
	if (id === null) return null;
	return {
		id,
		lid,
		phone: displayPhone(phone),
		name: known.name?.trim() || null,
		username: known.username?.trim().replace(/^@/, '') || null,
	};
}
