/** WhatsApp addresses. Written here so that a mistake in the product's own parsing is not repeated. */
import type { AccountIds } from '../contract';

export const PN = 's.whatsapp.net';
export const LID = 'lid';
export const GROUP = 'g.us';
export const STATUS = 'status@broadcast';

export interface Address {
	user: string;
	server: string;
	/** 0 is the phone. */
	device: number;
}

export function parseJid(jid: string): Address {
	const match = /^([^:@]+)(?::(\d+))?@(.+)$/.exec(jid);
	if (!match) throw new Error(`Not an address: ${jid}`);
	return { user: match[1]!, server: match[3]!, device: Number(match[2] ?? 0) };
}

export const formatJid = (user: string, server: string, device = 0): string =>
	`${user}${device ? `:${device}` : ''}@${server}`;

/** The address of the person behind a device. */
export const userOf = (jid: string): string => {
	const { user, server } = parseJid(jid);
	return formatJid(user, server);
};

export const isGroup = (jid: string): boolean => jid.endsWith(`@${GROUP}`);
export const isLid = (jid: string): boolean => jid.endsWith(`@${LID}`);
export const isPn = (jid: string): boolean => jid.endsWith(`@${PN}`);
export const isUser = (jid: string): boolean => isLid(jid) || isPn(jid);
export const isStatus = (jid: string): boolean => jid === STATUS;

/** What people type, an address as it is, or somebody's phone. */
export type Recipient = string | { readonly ids: AccountIds };

/**
 * Makes an address of what a test names: `+1 555 0102`, an address, or another phone (its LID, since
 * WhatsApp addresses people by LID).
 */
export function toJid(recipient: Recipient): string {
	if (typeof recipient !== 'string') return formatJid(recipient.ids.lid, LID);
	if (recipient.includes('@')) return recipient;
	const digits = recipient.replace(/[^\d]/g, '');
	if (!digits || /[a-z]/i.test(recipient)) throw new Error(`Not a recipient: ${recipient}`);
	return formatJid(digits, PN);
}

/** A LID for a number, for accounts whose test does not choose one: +1 555 0101 is 200000000000101. */
export const lidFor = (phone: string): string =>
	`2${(phone.startsWith('1555') ? phone.slice(4) : phone).padStart(14, '0')}`;
