import { fromNotice, participantsOf, STUB } from './groupNotice';
import { BEN, inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupParticipantsAdded: EventDefinition = {
	name: 'group.participantsAdded',
	label: 'Group: Participants Added',
	description: 'People came into a group: added by an admin, or by themselves with an invite link',
	fromMessage: fromNotice(
		'group.participantsAdded',
		[STUB.add, STUB.invite, STUB.addByRequest, STUB.linkedGroupJoin],
		async (input, event, context) => {
			const { participants, includesMe } = await participantsOf(input, context);
			const byThemselves = participants.length === 1 && participants[0]?.id === event.from?.id;
			return { participants, includesMe, byThemselves };
		},
	),
	sample: inGroup('group.participantsAdded', {
		offline: false,
		participants: [BEN],
		includesMe: false,
		byThemselves: false,
	}),
};
