/** Queries that are answered in a line or two. */
import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../../contract';
import type { DirtyType } from '../accounts';
import { IqError, UnknownQuery, type IqHandler } from '../iq';
import { formatJid, LID } from '../jids';
import { children, el, textOf } from '../nodes';

/** Keep-alive. */
export const ping: IqHandler = () => [];

/** `active`: the client has its keys up and wants what waited for it. */
export const passive: IqHandler = ({ ask, device, sessions, afterAnswer }) => {
	if (ask.tag !== 'active' && ask.tag !== 'passive') throw new IqError(400, 'bad-request');
	if (ask.tag === 'active') afterAnswer(() => sessions.active(device));
	return [];
};

/** AB properties: switches of the service, by number. */
export const abProps: IqHandler = ({ service }) => [
	el(
		'props',
		{ protocol: 1, ab_key: 'stand-in', hash: 'stand-in', refresh: 86_400, refresh_id: 1 },
		[...service.abProps].map(([config_code, config_value]) =>
			el('prop', { config_code, config_value }),
		),
	),
];

export const blocklist: IqHandler = ({ ask, type, device, service }) => {
	const { account } = device;
	if (type === 'set') {
		const { action, jid } = ask.attrs;
		const other = service.accounts.find(jid);
		if (ask.tag !== 'item' || !other) throw new IqError(400, 'bad-request');
		account.markDirty('account_sync');
		if (action === 'block') account.blocked.add(other.lid);
		else account.blocked.delete(other.lid);
		const item = el('item', { action, jid: other.lidJid });
		service.deliverToAll(
			account,
			service.notification('account_sync', [el('blocklist', {}, [item])], {
				from: account.noticeJid,
			}),
			device,
		);
	}
	const items = [...account.blocked].map((lid) => el('item', { jid: formatJid(lid, LID) }));
	return [el('list', { dhash: randomBytes(8).toString('hex') }, items)];
};

/** Dirty bits that the client has seen. */
export const dirty: IqHandler = ({ node, device }) => {
	for (const { attrs } of children(node, 'clean')) device.dirty.delete(attrs['type'] as DirtyType);
	return [];
};

/** Push settings of the client: accepted and forgotten. */
export const push: IqHandler = () => [];

/** Telemetry. */
export const stats: IqHandler = () => [];

/** The about text; those who know the account are told. */
export const aboutText: IqHandler = ({ ask, type, device, service, sessions }) => {
	if (type !== 'set' || ask.tag !== 'status') throw new UnknownQuery();
	const { account } = device;
	const text = textOf(ask) ?? '';
	account.about = { text, at: service.seconds() };
	const change = el('set', { hash: randomBytes(3).toString('hex') }, Buffer.from(text));
	for (const other of [account, ...sessions.watchersOf(account)]) {
		const notification = service.notification('status', [change], { from: account.noticeJid });
		service.deliverToAll(other, notification, device);
	}
	return [];
};

export const disappearing: IqHandler = ({ ask, type, device, service }) => {
	const { account } = device;
	if (type === 'set') {
		account.disappearing = {
			seconds: Number(ask.attrs['duration']) || 0,
			at: service.seconds(),
		};
		account.markDirty('account_sync');
		const { seconds, at } = account.disappearing;
		service.deliverToAll(
			account,
			service.notification(
				'account_sync',
				[el('disappearing_mode', { duration: seconds, t: at })],
				{ from: account.noticeJid },
			),
			device,
		);
	}
	const { seconds, at } = account.disappearing;
	return [el('disappearing_mode', { duration: seconds, t: at })];
};

/** xmlns `md`: a companion logs itself out; a phone takes part in a code exchange. */
export const multiDevice: IqHandler = ({
	ask,
	device,
	sessions,
	pairing,
	service,
	afterAnswer,
}) => {
	if (ask.tag === 'remove-companion-device') {
		const target = service.accounts.findDevice(ask.attrs['jid']);
		const mayRemove = target?.account === device.account && target.id !== 0;
		if (!mayRemove || (device.id !== 0 && target !== device)) throw new IqError(403, 'forbidden');
		afterAnswer(() => sessions.remove(target));
		return [];
	}
	if (ask.tag === 'link_code_companion_reg' && device.id === 0) {
		if (!pairing.onPrimaryHello(ask)) throw new IqError(404, 'item-not-found');
		return [];
	}
	throw new UnknownQuery();
};

/** GraphQL by query id; the answers are settable, see `Mex`. */
export const mex: IqHandler = ({ ask, service, device }) => {
	const variables = JSON.parse(textOf(ask) ?? '{}') as { variables?: Record<string, unknown> };
	const answer = service.mex.answer(ask.attrs['query_id'] ?? '', variables.variables ?? {}, device);
	if (answer === undefined) throw new UnknownQuery();
	const result: BinaryNode = el('result', {}, Buffer.from(JSON.stringify(answer)));
	return [result];
};

/** Messages of a newsletter; the rest of newsletters is GraphQL. */
export const newsletter: IqHandler = ({ ask, node, service, device }) => {
	switch (ask.tag) {
		case 'messages':
			return service.posts.messages(ask, device.account);
		case 'message_updates':
			return service.posts.updates(node.attrs['to'] ?? '', ask, device.account);
		case 'live_updates':
			return [el('live_updates', { duration: 300 })];
		default:
			throw new UnknownQuery();
	}
};

/** Whether Facebook-style bots exist: none. */
export const bots: IqHandler = () => [el('bot', { v: 2 }, [])];

/** Business profiles; people who are no business have none. */
export const business: IqHandler = ({ ask, service }) => {
	if (ask.tag !== 'business_profile') throw new UnknownQuery();
	const profiles = children(ask, 'profile').flatMap(({ attrs: { jid } }) => {
		const profile = service.accounts.find(jid)?.business;
		if (!profile) return [];
		const { category, hours, ...texts } = profile;
		const content = Object.entries(texts).map(([name, text]) => el(name, {}, Buffer.from(text)));
		const categories = el('categories', {}, [el('category', { id: 1 }, Buffer.from(category))]);
		const opening = hours
			? [
					el(
						'business_hours',
						{ timezone: hours.timezone },
						hours.days.map((day) => el('business_hours_config', day)),
					),
				]
			: [];
		return [el('profile', { jid }, [...content, categories, ...opening])];
	});
	return [el('business_profile', { v: 244 }, profiles)];
};
