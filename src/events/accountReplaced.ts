import { endedSample, onEnded } from './account';
import type { EventDefinition } from './types';

export const accountReplaced: EventDefinition = {
	name: 'account.replaced',
	label: 'Account: Replaced Elsewhere',
	description: 'Another program took over this linked device',
	...onEnded('account.replaced', 'replaced'),
	sample: endedSample(
		'account.replaced',
		'replaced',
		'Another program took over this linked device.',
	),
};
