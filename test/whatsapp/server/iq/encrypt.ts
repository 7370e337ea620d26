/** xmlns `encrypt`: the keys that Signal sessions start with. */
import { createHash } from 'node:crypto';
import type { BinaryNode } from '../../contract';
import type { Device, KeyBundle, PreKey } from '../accounts';
import { IqError, type IqAnswer, type IqHandler, type IqRequest } from '../iq';
import { child, childBytes, children, el } from '../nodes';
import type { Service } from '../service';

/** Signal's Curve25519. */
const KEY_TYPE = Buffer.from([5]);
/** Below this many one-time keys a device is told to upload more; clients act below 5 too. */
const LOW_KEYS = 5;

export const encrypt: IqHandler = (request) => {
	const { ask, device, type } = request;
	if (ask.tag === 'count') return [el('count', { value: device.bundle?.oneTime.length ?? 0 })];
	if (ask.tag === 'digest') return digest(device);
	if (ask.tag === 'key') return fetchKeys(request);
	if (ask.tag === 'rotate') return rotate(device, ask);
	if (type === 'set') return upload(request);
	throw new IqError(400, 'bad-request');
};

function upload({ node, device, service, sessions }: IqRequest): IqAnswer {
	const registration = childBytes(node, 'registration');
	const identity = childBytes(node, 'identity');
	const signed = child(node, 'skey');
	if (!registration || !identity || !signed) throw new IqError(400, 'bad-request');
	const before = device.bundle;
	const kept = before?.identity.equals(identity) ? before.oneTime : [];
	if (before && !before.identity.equals(identity)) {
		// A new installation: those who know the person drop their sessions.
		const { account } = device;
		const from = device.addressLike(account.noticeJid);
		for (const other of sessions.watchersOf(account)) {
			service.deliverToAll(
				other,
				service.notification('encrypt', [el('identity')], { from, lid: device.lid }),
			);
		}
	}
	const added = children(child(node, 'list'), 'key').map(readPreKey);
	const ids = new Set(added.map(({ id }) => id.toString('hex')));
	device.bundle = {
		registration,
		identity,
		signedPreKey: readSignedPreKey(signed),
		oneTime: [...kept.filter(({ id }) => !ids.has(id.toString('hex'))), ...added],
	};
	device.lowKeysNoticed = false;
	return [];
}

function rotate(device: Device, ask: BinaryNode): IqAnswer {
	const signed = child(ask, 'skey');
	if (!signed || !device.bundle) throw new IqError(400, 'bad-request');
	device.bundle = { ...device.bundle, signedPreKey: readSignedPreKey(signed) };
	return [];
}

/** What the server holds, so that a client can compare. */
function digest(device: Device): IqAnswer {
	const { bundle } = device;
	if (!bundle) throw new IqError(404, 'item-not-found');
	const hash = createHash('sha1')
		.update(bundle.identity)
		.update(bundle.signedPreKey.value)
		.update(bundle.signedPreKey.signature);
	for (const key of bundle.oneTime) hash.update(key.value);
	return [
		el('digest', {}, [
			...identityNodes(bundle),
			el(
				'list',
				{},
				bundle.oneTime.map(({ id }) => el('id', {}, id)),
			),
			el('hash', {}, hash.digest()),
		]),
	];
}

/** One user per device asked for; one that has no keys answers with an error child. */
function fetchKeys({ ask, service }: IqRequest): IqAnswer {
	const users = children(ask, 'user').map(({ attrs: { jid } }) => {
		const device = service.accounts.findDevice(jid);
		if (!device?.bundle) {
			return el('user', { jid }, [el('error', { code: 404, text: 'item-not-found' })]);
		}
		const content = identityNodes(device.bundle);
		const oneTime = device.bundle.oneTime.shift();
		if (oneTime) content.push(preKeyNode('key', oneTime));
		if (device.signedIdentity) content.push(el('device-identity', {}, device.signedIdentity));
		noticeLowKeys(service, device);
		return el('user', { jid, t: service.seconds() }, content);
	});
	return [el('list', {}, users)];
}

function noticeLowKeys(service: Service, device: Device): void {
	const left = device.bundle?.oneTime.length ?? 0;
	if (left >= LOW_KEYS || device.lowKeysNoticed) return;
	device.lowKeysNoticed = true;
	service.deliver(device, service.notification('encrypt', [el('count', { value: left })]));
}

const identityNodes = (bundle: KeyBundle): BinaryNode[] => [
	el('registration', {}, bundle.registration),
	el('type', {}, KEY_TYPE),
	el('identity', {}, bundle.identity),
	preKeyNode('skey', bundle.signedPreKey, bundle.signedPreKey.signature),
];

const preKeyNode = (tag: string, key: PreKey, signature?: Buffer): BinaryNode =>
	el(tag, {}, [
		el('id', {}, key.id),
		el('value', {}, key.value),
		...(signature ? [el('signature', {}, signature)] : []),
	]);

function readPreKey(node: BinaryNode): PreKey {
	const id = childBytes(node, 'id');
	const value = childBytes(node, 'value');
	if (id?.length !== 3 || value?.length !== 32) throw new IqError(400, 'bad-request');
	return { id, value };
}

function readSignedPreKey(node: BinaryNode): KeyBundle['signedPreKey'] {
	const signature = childBytes(node, 'signature');
	if (signature?.length !== 64) throw new IqError(400, 'bad-request');
	return { ...readPreKey(node), signature };
}
