import { fromNotice, participantsOf, STUB } from './groupNotice';
import { BEN, inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupParticipantsPromoted: EventDefinition = {
	name: 'group.participantsPromoted',
	label: 'Group: Participants Promoted',
	description: 'People became admins of a group',
	fromMessage: fromNotice(
		'group.participantsPromoted',
		[STUB.promote],
		async (input, _event, context) => {
			const { participants, includesMe } = await participantsOf(input, context);
			return { participants, includesMe };
		},
	),
	sample: inGroup('group.participantsPromoted', {
		offline: false,
		participants: [BEN],
		includesMe: false,
	}),
};
