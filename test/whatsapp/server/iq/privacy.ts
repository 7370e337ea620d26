/** xmlns `privacy`: settings, and the tokens that show that two people know each other. */
import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../../contract';
import type { Account } from '../accounts';
import { IqError, type IqHandler, type IqRequest } from '../iq';
import { children, el } from '../nodes';

/** What each category may be set to, as Baileys types them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
	last: ['all', 'contacts', 'contact_blacklist', 'none'],
	online: ['all', 'match_last_seen'],
	profile: ['all', 'contacts', 'contact_blacklist', 'none'],
	status: ['all', 'contacts', 'contact_blacklist', 'none'],
	readreceipts: ['all', 'none'],
	groupadd: ['all', 'contacts', 'contact_blacklist'],
	calladd: ['all', 'known'],
	messages: ['all', 'contacts'],
};

/**
 * Whether somebody may see what a category is about; `contacts` means those to whom the owner has
 * given a privacy token.
 */
export function maySee(owner: Account, viewer: Account, category: string): boolean {
	const wish = owner.privacy.get(category);
	return wish === 'all' || (wish === 'contacts' && viewer.tokensHeld.has(owner.lid));
}

export const privacy: IqHandler = (request) => {
	const { ask, type, device } = request;
	if (ask.tag === 'tokens') return issueTokens(request);
	if (ask.tag !== 'privacy') throw new IqError(400, 'bad-request');
	const settings = device.account.privacy;
	if (type === 'get') {
		return [
			el(
				'privacy',
				{},
				[...settings].map(([name, value]) => el('category', { name, value })),
			),
		];
	}
	const changed = children(ask, 'category').map(({ attrs: { name, value } }) => {
		if (!name || !value || !VALUES[name]?.includes(value)) throw new IqError(400, 'bad-request');
		settings.set(name, value);
		return el('category', { name, value });
	});
	return [el('privacy', {}, changed)];
};

/**
 * "This contact may write to me": the server makes the token and gives it to the contact, who shows
 * it with messages (`tctoken`). The issuer gets an empty result: Baileys would store a token from
 * there as the contact's own.
 */
function issueTokens({ ask, device, service }: IqRequest): BinaryNode[] {
	const { account } = device;
	for (const { attrs } of children(ask, 'token')) {
		const contact = service.accounts.find(attrs['jid']);
		if (!contact || attrs['type'] !== 'trusted_contact') continue;
		const token = randomBytes(16);
		contact.tokensHeld.set(account.lid, token);
		for (const other of contact.devices.values()) {
			const content = [
				el('tokens', {}, [
					el('token', { jid: other.pn, t: attrs['t'], type: 'trusted_contact' }, token),
				]),
			];
			service.deliver(
				other,
				service.notification('privacy_token', content, {
					from: account.noticeJid,
					sender_lid: account.lidJid,
				}),
			);
		}
	}
	return [];
}
