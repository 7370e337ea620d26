import { fromNotice, participantsOf, STUB } from './groupNotice';
import { BEN, inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupParticipantsRemoved: EventDefinition = {
	name: 'group.participantsRemoved',
	label: 'Group: Participants Removed or Left',
	description: 'People are no longer in a group: removed by an admin, or they left',
	fromMessage: fromNotice(
		'group.participantsRemoved',
		[STUB.remove, STUB.leave],
		async (input, event, context) => {
			const { participants, includesMe } = await participantsOf(input, context);
			const byThemselves = participants.length === 1 && participants[0]?.id === event.from?.id;
			return { participants, includesMe, byThemselves };
		},
	),
	sample: inGroup('group.participantsRemoved', {
		offline: false,
		participants: [BEN],
		includesMe: false,
		byThemselves: true,
	}),
};
