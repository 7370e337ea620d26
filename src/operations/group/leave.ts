import { LinkedError } from '../../errors';
import { childOf } from '../../wa/nodes';
import { query } from '../query';
import { defineOperation, type Owner } from '../types';
import { groupField, readGroup, resolveGroup } from './field';
import { ALL_GROUPS, node } from './query';
import { GROUP_ID } from './sample';

export const leave = defineOperation<{ group: string }>({
	resource: 'group',
	operation: 'leave',
	name: 'Leave',
	description:
		'Leave a group. Its members see it, and this number gets nothing more from it; it can only come back by an invitation or by being added.',
	action: 'Leave a group',
	needs: 'socket',
	writes: true,
	destructive: true,
	fields: [groupField()],
	read: (context, item) => ({ group: readGroup(context, item) }),
	async perform(owner, { group: given }) {
		const group = await resolveGroup(owner, given);
		await leaveAs(owner, 'group', group);
		return { group, left: true };
	},
	sample: { group: GROUP_ID, left: true },
});

/** @throws LinkedError `not-member` */
export async function leaveAs(
	owner: Owner,
	kind: 'group' | 'community',
	id: string,
): Promise<void> {
	const answer = await query(owner, {
		to: ALL_GROUPS,
		xmlns: 'w:g2',
		type: 'set',
		content: [node('leave', {}, [node(kind, { id })])],
	});
	const error = childOf(answer, 'leave', kind)?.attrs.error;
	if (error && error !== '200') {
		throw new LinkedError('not-member', { data: { status: Number(error) } });
	}
}
