import { fromNotice, parametersOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupPictureChanged: EventDefinition = {
	name: 'group.pictureChanged',
	label: 'Group: Picture Changed',
	description: 'A group got another picture, or none',
	fromMessage: fromNotice('group.pictureChanged', [STUB.icon], async (input) => {
		return await Promise.resolve({ removed: parametersOf(input).length === 0 });
	}),
	sample: inGroup('group.pictureChanged', { offline: false, removed: false }),
};
