/** xmlns `w:sync:app:state`: devices fetch and add patches. */
import type { BinaryNode } from '../../contract';
import { IqError, type IqHandler, type IqRequest } from '../iq';
import { bytesOf, child, children, el } from '../nodes';

const COLLECTIONS = new Set([
	'critical_block',
	'critical_unblock_low',
	'regular_high',
	'regular_low',
	'regular',
]);
/** Patches in one answer; more are announced with `has_more_patches`. */
const LIMIT = 50;

export const appState: IqHandler = (request) => {
	if (request.ask.tag !== 'sync') throw new IqError(400, 'bad-request');
	const collections = children(request.ask, 'collection').map((asked) =>
		answerCollection(request, asked),
	);
	return [el('sync', {}, collections)];
};

/**
 * The real service answers `return_snapshot` with a blob on its media host, which clients fetch from
 * the real host whatever they were told; all patches from the first on say the same.
 */
function answerCollection(request: IqRequest, asked: BinaryNode): BinaryNode {
	const { service, device } = request;
	const state = device.account.appState;
	const { name = '', version: known = '0' } = asked.attrs;
	if (!COLLECTIONS.has(name)) {
		return el('collection', { name, type: 'error' }, [
			el('error', { code: 400, text: 'bad-request' }),
		]);
	}
	const patch = bytesOf(child(asked, 'patch') ?? child(child(asked, 'patches'), 'patch'));
	const conflict = patch && device.id !== 0 && service.faults.conflicts > 0;
	if (conflict) service.faults.conflicts--;
	if (conflict || (patch && !state.append(service.wa, name, Number(known), patch))) {
		return withPatches(request, name, Number(known), [
			el('error', { code: 409, text: 'conflict' }),
		]);
	}
	if (patch) {
		announce(request, name);
		return el('collection', { name, version: state.version(name) });
	}
	return withPatches(request, name, Number(known), []);
}

function withPatches(
	{ device }: IqRequest,
	name: string,
	known: number,
	content: BinaryNode[],
): BinaryNode {
	const { patches, more } = device.account.appState.since(name, known, LIMIT);
	const type = content.length > 0 ? 'error' : undefined;
	const has_more_patches = more ? 'true' : undefined;
	return el('collection', { name, version: known, type, has_more_patches }, [
		...content,
		el(
			'patches',
			{},
			patches.map((patch) => el('patch', {}, patch)),
		),
	]);
}

/** The account's other devices fetch it themselves. */
function announce({ service, device }: IqRequest, name: string): void {
	const { account } = device;
	const collection = el('collection', { name, version: account.appState.version(name) });
	service.deliverToAll(account, service.notification('server_sync', [collection]), device);
}
