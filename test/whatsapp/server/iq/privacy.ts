/** xmlns `privacy`: settings, and the tokens that show that two people know each other. */
import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../../contract';
import { IqError, type IqHandler, type IqRequest } from '../iq';
import { children, el } from '../nodes';

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
		if (!name || !value || !settings.has(name)) throw new IqError(400, 'bad-request');
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
