import { fromNotice, participantsOf, STUB } from './groupNotice';
import { BEN, inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupParticipantsDemoted: EventDefinition = {
	name: 'group.participantsDemoted',
	label: 'Group: Participants Demoted',
	description: 'People are no longer admins of a group',
	fromMessage: fromNotice(
		'group.participantsDemoted',
		[STUB.demote],
		async (input, _event, context) => {
			const { participants, includesMe } = await participantsOf(input, context);
			return { participants, includesMe };
		},
	),
	sample: inGroup('group.participantsDemoted', {
		offline: false,
		participants: [BEN],
		includesMe: false,
	}),
};
