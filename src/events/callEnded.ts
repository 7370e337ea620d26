import { onCall } from './call';
import { inChat } from './samples';
import type { EventDefinition } from './types';

export const callEnded: EventDefinition = {
	name: 'call.ended',
	label: 'Call: Ended',
	description: 'A call that was taken is over, or somebody here turned it down',
	...onCall('call.ended', 'ended'),
	sample: inChat('call.ended', {
		id: 'call.ended:5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		messageId: null,
		callId: '5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		video: false,
		groupCall: false,
		offline: false,
		outcome: 'ended',
	}),
};
