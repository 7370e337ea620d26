import { LinkedError } from '../../errors';
import { isGroup, isNewsletter, sameJid } from '../../wa/ids';
import { defineOperation, type Owner } from '../types';
import { changeAppState } from '../appState';
import { SENT } from './sample';
import {
	assertNotDeleted,
	assertNotOlder,
	findTarget,
	readTarget,
	targetFields,
	type Target,
	type TargetParams,
} from './target';

/** WhatsApp's help: a little over two days. */
const REVOKE_MS = 60 * 60 * 60_000;
/** ProtocolMessage.Type.REVOKE */
const REVOKE = 0;

export const deleteForEveryone = defineOperation<TargetParams>({
	resource: 'message',
	operation: 'deleteForEveryone',
	name: 'Delete for Everyone',
	description:
		'Delete a message from the chat for all: own ones for about two days, as admin of a group those of others too, and posts of an own channel',
	action: 'Delete a message for everyone',
	needs: 'socket',
	writes: true,
	destructive: true,
	fields: targetFields(),
	read: readTarget,
	async perform(owner, params) {
		const target = await findTarget(owner, params);
		assertNotDeleted(target);
		if (!isNewsletter(target.to)) assertNotOlder(owner, target, REVOKE_MS, '60 hours');
		if (!target.key.fromMe) await assertAdmin(owner, target);
		const { to, key } = target;
		const sent = await owner.send({ to, message: { protocolMessage: { type: REVOKE, key } } });
		return { ...sent, deleted: params.messageId };
	},
	sample: { ...SENT, deleted: '3EB0B2C3D4E5F6071829' },
});

export const deleteForMe = defineOperation<TargetParams>({
	resource: 'message',
	operation: 'deleteForMe',
	name: 'Delete for Me',
	description: 'Delete a message from the own phone and devices only; others keep it',
	action: 'Delete a message for me',
	needs: 'socket',
	writes: true,
	destructive: true,
	repeatable: true,
	fields: targetFields(),
	read: readTarget,
	async perform(owner, params) {
		const { to, key, known } = await findTarget(owner, params);
		const now = Math.floor(owner.clock.now() / 1_000);
		await changeAppState(owner, {
			syncAction: {
				deleteMessageForMeAction: {
					deleteMedia: false,
					messageTimestamp: Number(known?.messageTimestamp ?? now),
				},
			},
			index: ['deleteMessageForMe', to, ...indexOf(key)],
			type: 'regular_high',
			apiVersion: 3,
		});
		return { messageId: params.messageId, chat: to, deletedForMe: true };
	},
	sample: { messageId: '3EB0B2C3D4E5F6071829', chat: '200000000000101@lid', deletedForMe: true },
});

/**
 * How app state names a message. Baileys' chatModify leaves the writer out, as if no message were
 * from a group.
 */
export function indexOf({ id, fromMe, participant }: Target['key']): string[] {
	return [id ?? '', fromMe ? '1' : '0', participant && !fromMe ? participant : '0'];
}

async function assertAdmin(owner: Owner, { to }: Target): Promise<void> {
	if (!isGroup(to)) throw new LinkedError('not-yours');
	const { me } = (await owner.socket()).authState.creds;
	const members = (await owner.group(to))?.participants;
	const own = members?.find(({ id }) => sameJid(id, me?.lid) || sameJid(id, me?.id));
	if (members && !own?.admin) {
		throw new LinkedError('not-allowed', {
			detail: 'Only admins of a group delete messages of others.',
		});
	}
}
