/** What of the history is kept: the user's choice in the credential. */

export interface Keeping {
	chats: 'all' | 'direct' | 'chosen' | 'none';
	/** Addresses of the chosen chats. */
	chosen: readonly string[];
	/** Messages older than this go; 0 keeps them for ever. */
	days: number;
	/** Only so many messages of each chat, the newest; 0 keeps all. */
	perChat: number;
	/** `details`: name, size and what a later download needs; `none`: only that there was a file. */
	media: 'details' | 'none';
}

export const KEEP_ALL: Keeping = {
	chats: 'all',
	chosen: [],
	days: 0,
	perChat: 0,
	media: 'details',
};

const DAY_MS = 24 * 60 * 60_000;

/** Milliseconds since the epoch before which nothing is kept. */
export const keptSince = ({ days }: Keeping, now: number): number =>
	days > 0 ? now - days * DAY_MS : 0;

/**
 * Whether messages of a chat are kept.
 * @param canonical the form in which an address is known
 */
export function keepsChat(
	{ chats, chosen }: Keeping,
	chat: string,
	canonical: (address: string) => string,
): boolean {
	switch (chats) {
		case 'all':
			return true;
		case 'direct':
			return /@(lid|s\.whatsapp\.net|bot)$/.test(chat);
		case 'chosen': {
			const id = canonical(chat);
			return chosen.some((address) => canonical(address) === id);
		}
		case 'none':
			return false;
	}
}
