/**
 * What only the own devices see (archived chats, stars, labels, the own name): changes of WhatsApp's
 * app state, numbered patches that every device of the account fetches and decrypts.
 */
import type { BinaryNode, proto, WAPatchCreate, WASocket } from '@whiskeysockets/baileys';
import { loadBaileys, type Baileys } from '../baileys';
import { LinkedError } from '../errors';
import { errorName } from '../log';
import type { Owner } from './types';

/** What is set under which index. Names, versions and collections as in Baileys' and whatsmeow's. */
export interface Change {
	syncAction: proto.ISyncActionValue;
	index: string[];
	type: WAPatchCreate['type'];
	apiVersion: number;
	/** SyncdMutation.SyncdOperation: SET (default) or REMOVE, which only contacts need. */
	operation?: number;
}

type Encoded = Awaited<ReturnType<Baileys['encodeSyncdPatch']>>;

/** Another device may have been faster (409), or the keys may be on their way from the phone. */
const ATTEMPTS = 5;
const WAIT_MS = 500;
/** SyncdMutation.SyncdOperation */
const SET = 0;
const REMOVE = 1;

/**
 * Sets something. Saying the same twice changes nothing, so it is tried again until it is taken.
 * @throws LinkedError `not-allowed` when the phone has not handed over its keys yet
 */
export async function changeAppState(owner: Owner, change: Change): Promise<void> {
	const stamped: Change = {
		...change,
		syncAction: { timestamp: owner.clock.now(), ...change.syncAction },
	};
	for (let attempt = 1; ; attempt++) {
		const socket = await owner.socket();
		try {
			await patch(socket, stamped);
			// Whoever looks next finds it.
			await owner.applied();
			return;
		} catch (error) {
			if (attempt === ATTEMPTS) throw explained(socket, error);
			owner.log.debug('the app state was not taken', { attempt, error: errorName(error) });
			await owner.clock.sleep(WAIT_MS * attempt, owner.signal);
		}
	}
}

/**
 * What Baileys' appPatch() does, but it looks at the answer: a patch that is refused because another
 * device was faster comes back as an error inside the collection, and so does silence (as undefined).
 * Baileys takes both for success, loses the change and goes on with a wrong version.
 */
async function patch(
	socket: WASocket,
	{ type, operation = SET, ...change }: Change,
): Promise<void> {
	const baileys = await loadBaileys();
	const { creds, keys } = socket.authState;
	const { myAppStateKeyId, me } = creds;
	if (!myAppStateKeyId) throw new LinkedError('not-allowed');
	const keyOf = async (id: string) => (await keys.get('app-state-sync-key', [id]))[id];
	let refusal: LinkedError | undefined;
	const done = await socket.appStatePatchMutex.mutex(async () =>
		keys.transaction(async () => {
			await socket.resyncAppState([type], false);
			const { [type]: stored } = await keys.get('app-state-sync-version', [type]);
			const before = stored ? baileys.ensureLTHashStateVersion(stored) : baileys.newLTHashState();
			const encoded = await baileys.encodeSyncdPatch(
				{ ...change, type, operation },
				myAppStateKeyId,
				before,
				keyOf,
			);
			const answer = await socket.query(request(baileys, type, encoded.state.version - 1, encoded));
			// Returned and not thrown: what the sync before has brought is to stay.
			refusal = refusalIn(answer, type);
			if (refusal) return undefined;
			// Baileys keeps what was removed, and later reckons with it.
			if (operation === REMOVE) forget(encoded);
			await keys.set({ 'app-state-sync-version': { [type]: encoded.state } });
			return { ...encoded, before };
		}, me?.id ?? 'app-patch'),
	);
	if (!done) throw refusal ?? new LinkedError('no-answer');
	// As from another device: so that triggers, the directory and the credentials hear of it.
	const { version } = done.state;
	const { mutationMap } = await baileys.decodePatches(
		type,
		[{ ...done.patch, version: { version } }],
		done.before,
		keyOf,
		{},
	);
	for (const mutation of Object.values(mutationMap)) {
		baileys.processSyncAction(mutation, socket.ev, me ?? { id: '' });
	}
}

function forget({ patch: { mutations }, state }: Encoded): void {
	for (const { record } of mutations ?? []) {
		delete state.indexValueMap[Buffer.from(record?.index?.blob ?? []).toString('base64')];
	}
}

function request(
	baileys: Baileys,
	name: string,
	version: number,
	encoded: Pick<Encoded, 'patch'>,
): BinaryNode {
	const content = baileys.proto.SyncdPatch.encode(encoded.patch).finish();
	const attrs = { name, version: String(version), return_snapshot: 'false' };
	return {
		tag: 'iq',
		attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
		content: [
			{
				tag: 'sync',
				attrs: {},
				content: [{ tag: 'collection', attrs, content: [{ tag: 'patch', attrs: {}, content }] }],
			},
		],
	};
}

/** Why the patch was not taken; undefined when it was. */
function refusalIn(answer: BinaryNode | undefined, name: string): LinkedError | undefined {
	const all = children(children(answer)[0]);
	const collection = all.find(({ tag, attrs }) => tag === 'collection' && attrs.name === name);
	if (!collection) return new LinkedError('no-answer');
	if (collection.attrs.type !== 'error') return undefined;
	const status = Number(children(collection).find(({ tag }) => tag === 'error')?.attrs.code ?? 0);
	return new LinkedError('rejected', { detail: `It answered ${status}.`, data: { status } });
}

const children = (node: BinaryNode | undefined): BinaryNode[] =>
	Array.isArray(node?.content) ? node.content : [];

function explained(socket: WASocket, error: unknown): unknown {
	if (socket.authState.creds.myAppStateKeyId) return error;
	return new LinkedError('not-allowed', {
		detail: 'The phone has not handed over its keys yet: open WhatsApp on it and try again.',
		cause: error,
	});
}
