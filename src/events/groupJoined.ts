import { isNew } from './groupCreated';
import { fromNotice, groupFacts, participantsOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupJoined: EventDefinition = {
	name: 'group.joined',
	label: 'Group: Joined',
	description: 'This number came into a group that existed already: added by somebody or by itself',
	fromMessage: fromNotice(
		'group.joined',
		[STUB.create, STUB.add, STUB.invite, STUB.addByRequest, STUB.linkedGroupJoin],
		async (input, event, context) => {
			if (input.message.messageStubType === STUB.create) {
				if (await isNew(event, context)) return undefined;
			} else if (!(await participantsOf(input, context)).includesMe) return undefined;
			return await groupFacts(event.chat, context);
		},
	),
	sample: inGroup('group.joined', {
		offline: false,
		description: 'We meet on Mondays',
		size: 12,
		created: '2025-01-05T18:00:00.000Z',
	}),
};
