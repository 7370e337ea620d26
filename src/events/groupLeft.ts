import { fromNotice, participantsOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupLeft: EventDefinition = {
	name: 'group.left',
	label: 'Group: Left',
	description: 'This number is no longer in a group: it left or was removed',
	fromMessage: fromNotice(
		'group.left',
		[STUB.remove, STUB.leave],
		async (input, event, context) => {
			const { includesMe } = await participantsOf(input, context);
			return includesMe ? { removed: !event.fromMe } : undefined;
		},
	),
	sample: inGroup('group.left', { offline: false, removed: true }),
};
