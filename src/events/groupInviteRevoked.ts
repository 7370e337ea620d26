import { fromNotice, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupInviteRevoked: EventDefinition = {
	name: 'group.inviteRevoked',
	label: 'Group: Invite Link Revoked',
	description: 'The invite link of a group was replaced by a new one; the old one no longer works',
	// The new code is a key to the group: who needs it asks for it with the action node.
	fromMessage: fromNotice('group.inviteRevoked', [STUB.inviteLink], async () => {
		return await Promise.resolve({});
	}),
	sample: inGroup('group.inviteRevoked', { offline: false }),
};
