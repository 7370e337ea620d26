/** xmlns `usync`: who is on WhatsApp, with which devices, under which LID. */
import type { BinaryNode } from '../../contract';
import type { Account } from '../accounts';
import { IqError, type IqHandler, type IqRequest } from '../iq';
import { formatJid, isLid, PN } from '../jids';
import { child, children, el, textOf } from '../nodes';

export const usync: IqHandler = (request) => {
	const { ask } = request;
	if (ask.tag !== 'usync') throw new IqError(400, 'bad-request');
	const protocols = children(child(ask, 'query')).map(({ tag }) => tag);
	const users = children(child(ask, 'list'), 'user').flatMap((user) => {
		const found = answerUser(request, protocols, user);
		return found ? [found] : [];
	});
	const { sid, index, last } = ask.attrs;
	return [
		el('usync', { sid, index, last, mode: ask.attrs['mode'], context: ask.attrs['context'] }, [
			el(
				'result',
				{},
				protocols.map((tag) => el(tag)),
			),
			el('list', {}, users),
		]),
	];
};

/** Asked by address, or by the phone number inside `contact`. */
function answerUser(
	request: IqRequest,
	protocols: string[],
	user: BinaryNode,
): BinaryNode | undefined {
	const { service, sessions, device } = request;
	const number = textOf(child(user, 'contact'))?.replace(/\D/g, '');
	const asked = user.attrs['jid'] ?? (number ? formatJid(number, PN) : undefined);
	// A number in another spelling is answered with the account's own address (as seen with Brazil).
	const account = service.accounts.find(asked) ?? service.accounts.otherSpellings.get(number ?? '');
	if (!asked) return undefined;
	if (!account) {
		// Unknown people answer only the question whether they exist (assumed).
		return protocols.includes('contact')
			? el('user', { jid: asked }, [
					el('contact', { type: 'out' }, user.attrs['jid'] ? undefined : number),
				])
			: undefined;
	}
	sessions.watch(account, device.account);
	const content = protocols.flatMap((protocol) => {
		const part = answerProtocol(request, protocol, account, asked, number);
		return part ? [part] : [];
	});
	return el('user', { jid: account.addressLike(asked) }, content);
}

function answerProtocol(
	{ service }: IqRequest,
	protocol: string,
	account: Account,
	asked: string,
	number: string | undefined,
): BinaryNode | undefined {
	switch (protocol) {
		case 'devices':
			return el('devices', {}, [
				el(
					'device-list',
					{},
					[...account.devices.values()].map(({ id, keyIndex }) =>
						// Without a key index clients leave a companion out.
						el('device', { id, 'key-index': id === 0 ? undefined : keyIndex }),
					),
				),
				el('key-index-list', { ts: service.seconds() }),
			]);
		case 'lid':
			// Told to those who ask with a phone number; with a LID there is nothing to tell.
			return isLid(asked) ? undefined : el('lid', { val: account.lidJid });
		case 'contact':
			return el('contact', { type: 'in' }, number);
		case 'status':
			// As Baileys' USyncStatusProtocol reads it: 401 where it is not for the one who asks.
			return account.privacy.get('status') === 'none'
				? el('status', { code: 401 })
				: el('status', { t: account.about.at }, Buffer.from(account.about.text));
		case 'disappearing_mode':
			return el('disappearing_mode', {
				duration: account.disappearing.seconds,
				t: account.disappearing.at,
			});
		case 'username':
			return el('username', {}, account.username);
		case 'business':
			return undefined;
		default:
			return undefined;
	}
}
