import { LinkedError } from '../../errors';
import { changeAppState } from '../appState';
import { refusalOf } from '../asked';
import { rangeOf } from '../chat/place';
import { defineOperation, type Owner } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { GROUP_ID } from './sample';
import { ownRole } from './shape';

export const deleteForMe = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'deleteForMe',
	name: 'Delete for Me',
	description:
		'Delete a group that this number has left, with all its messages, from the own phone and devices; others keep it',
	action: 'Delete a group for me',
	needs: 'socket',
	writes: true,
	repeatable: true,
	destructive: true,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	async perform(owner, { group: given }) {
		const group = await resolveGroup(owner, given);
		if (await isMember(owner, group)) {
			throw new LinkedError('not-allowed', {
				detail:
					'This number is still in the group, and new messages would bring it back: leave it first.',
			});
		}
		await changeAppState(owner, {
			syncAction: { deleteChatAction: { messageRange: await rangeOf(owner, group) } },
			index: ['deleteChat', group, '0'],
			type: 'regular_high',
			apiVersion: 6,
		});
		return { group, deletedForMe: true };
	},
	sample: { group: GROUP_ID, deletedForMe: true },
});

async function isMember(owner: Owner, group: string): Promise<boolean> {
	try {
		return ownRole(owner, await owner.groups.get(group, true)) !== null;
	} catch (error) {
		const status = refusalOf(error);
		if (status === 401 || status === 403 || status === 404) return false;
		throw error;
	}
}
