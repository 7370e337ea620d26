/** Get Invite Link and Revoke Invite Link. */
import { LinkedError } from '../../errors';
import { childOf } from '../../wa/nodes';
import { defineOperation, type Owner } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { LINK_PREFIX } from './invitation';
import { groupQuery, node } from './query';
import { GROUP_ID } from './sample';

/** The code of the group's link. @param fresh a new one; the one before works no more */
export async function inviteCode(owner: Owner, group: string, fresh = false): Promise<string> {
	const answer = await groupQuery(owner, group, fresh ? 'set' : 'get', [node('invite')]);
	const code = childOf(answer, 'invite')?.attrs.code;
	if (!code) throw new LinkedError(fresh ? 'no-answer' : 'not-found');
	return code;
}

const SAMPLE = {
	group: GROUP_ID,
	link: 'https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv',
	code: 'AbCdEfGhIjKlMnOpQrStUv',
};

async function linkOf(owner: Owner, given: string, fresh: boolean) {
	const group = await resolveGroup(owner, given);
	const code = await inviteCode(owner, group, fresh);
	return { group, link: LINK_PREFIX + code, code };
}

export const getInviteLink = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'getInviteLink',
	name: 'Get Invite Link',
	description: 'Get the link with which anybody can join a group',
	action: 'Get the invite link of a group',
	needs: 'socket',
	writes: false,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	perform: async (owner, { group }) => await linkOf(owner, group, false),
	sample: SAMPLE,
});

export const revokeInviteLink = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'revokeInviteLink',
	name: 'Revoke Invite Link',
	description:
		'Replace the invite link of a group with a new one. The old link never works again, wherever it was published.',
	action: 'Revoke the invite link of a group',
	needs: 'socket',
	writes: true,
	destructive: true,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	perform: async (owner, { group }) => await linkOf(owner, group, true),
	sample: SAMPLE,
});
