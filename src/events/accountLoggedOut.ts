import { endedSample, onEnded } from './account';
import type { EventDefinition } from './types';

export const accountLoggedOut: EventDefinition = {
	name: 'account.loggedOut',
	label: 'Account: Logged Out',
	description: 'The number is no longer linked; somebody has to link it again',
	...onEnded('account.loggedOut', 'loggedOut'),
	sample: endedSample('account.loggedOut', 'logged-out', 'The phone unlinked this device.'),
};
