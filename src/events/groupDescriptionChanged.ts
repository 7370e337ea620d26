import { fromNotice, parametersOf, STUB } from './groupNotice';
import { inGroup } from './samples';
import type { EventDefinition } from './types';

export const groupDescriptionChanged: EventDefinition = {
	name: 'group.descriptionChanged',
	label: 'Group: Description Changed',
	description: 'A group got another description, or none',
	fromMessage: fromNotice('group.descriptionChanged', [STUB.description], async (input) => {
		const [text = null] = parametersOf(input);
		return await Promise.resolve({ text });
	}),
	sample: inGroup('group.descriptionChanged', { text: 'We meet on Mondays', offline: false }),
};
