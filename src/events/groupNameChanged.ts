import { fromNotice, parametersOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupNameChanged: EventDefinition = {
	name: 'group.nameChanged',
	label: 'Group: Name Changed',
	description: 'A group got another name',
	fromMessage: fromNotice('group.nameChanged', [STUB.subject], async (input) => {
		const [name = null] = parametersOf(input);
		return await Promise.resolve({ chatName: name, text: name });
	}),
	sample: inGroup('group.nameChanged', {
		chatName: 'Big Choir',
		text: 'Big Choir',
		offline: false,
	}),
};
