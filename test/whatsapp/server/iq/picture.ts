/** xmlns `w:profile:picture`: pictures of people and groups. */
import { createHash } from 'node:crypto';
import type { Account } from '../accounts';
import type { Group } from '../groups/group';
import { IqError, type IqAnswer, type IqHandler, type IqRequest } from '../iq';
import { bytesOf, el } from '../nodes';
import { maySee } from './privacy';

export interface Picture {
	readonly id: string;
	readonly path: string;
	readonly hash: string;
}

export const profilePicture: IqHandler = (request) =>
	request.type === 'get' ? show(request) : change(request);

function owner({ node, service, device }: IqRequest): Account | Group {
	const { target } = node.attrs;
	if (target === undefined) return device.account;
	const found = service.groups.find(target) ?? service.accounts.find(target);
	if (!found) throw new IqError(404, 'item-not-found');
	return found;
}

/** The address of the picture; whoever may not see it is told so, as if there was no right to ask. */
function show(request: IqRequest): IqAnswer {
	const { ask, service, sessions, device } = request;
	const of = owner(request);
	const isPerson = 'privacy' in of;
	if (isPerson) sessions.watch(of, device.account);
	if (isPerson && of !== device.account && !maySee(of, device.account, 'profile')) {
		throw new IqError(401, 'not-authorized');
	}
	if (!isPerson && !of.roles.has(device.account)) throw new IqError(401, 'not-authorized');
	const { picture } = of;
	if (!picture) throw new IqError(404, 'item-not-found');
	const { id, path, hash } = picture;
	const type = ask.attrs['type'] ?? 'image';
	const url = `https://${service.mediaHost}${path}`;
	return [el('picture', { id, type, url, direct_path: path, hash })];
}

function change(request: IqRequest): IqAnswer {
	const { ask, service, device, sessions } = request;
	const of = owner(request);
	const isPerson = 'privacy' in of;
	if (isPerson && of !== device.account) throw new IqError(403, 'forbidden');
	if (!isPerson && !of.roles.has(device.account)) throw new IqError(403, 'forbidden');
	if (!isPerson && of.locked && !of.isAdmin(device.account)) throw new IqError(403, 'forbidden');
	const bytes = ask.tag === 'picture' ? bytesOf(ask) : undefined;
	if (bytes && !isJpeg(bytes)) throw new IqError(406, 'not-acceptable');
	const id = String(service.now());
	of.picture = bytes && {
		id,
		path: service.media.publish(bytes),
		hash: createHash('sha256').update(bytes).digest('base64'),
	};
	const author = isPerson ? device.account.lidJid : of.addressOf(device.account);
	const from = isPerson ? of.noticeJid : of.jid;
	const notice = el(bytes ? 'set' : 'delete', { id, jid: from, author });
	const told = isPerson ? [of, ...sessions.watchersOf(of)] : of.members;
	for (const account of told) {
		service.deliverToAll(account, service.notification('picture', [notice], { from }), device);
	}
	return of.picture ? [el('picture', { id })] : [];
}

const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;
