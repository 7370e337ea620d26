import { fromNotice, parametersOf, STUB } from './groupNotice';
import { BEN, inGroup } from './samples';
import type { EventDefinition } from './types';

interface Asker {
	lid?: string;
	pn?: string;
}

export const groupJoinRequested: EventDefinition = {
	name: 'group.joinRequested',
	label: 'Group: Join Request',
	description:
		'Somebody asks to be let into a group, takes the request back, or an admin turns it down',
	fromMessage: fromNotice('group.joinRequested', [STUB.joinRequest], async (input, _, context) => {
		const [person, action = 'created', method = null] = parametersOf(input);
		const { lid, pn } = JSON.parse(person ?? '{}') as Asker;
		return { participant: await context.person(lid, pn), action, method };
	}),
	sample: inGroup('group.joinRequested', {
		from: BEN,
		offline: false,
		participant: BEN,
		action: 'created',
		method: 'invite_link',
	}),
};
