import { onCall } from './call';
import { inChat } from './samples';
import type { EventDefinition } from './types';

export const callMissed: EventDefinition = {
	name: 'call.missed',
	label: 'Call: Missed',
	description: 'A call ended and nobody had taken it',
	...onCall('call.missed', 'missed'),
	sample: inChat('call.missed', {
		id: 'call.missed:5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		messageId: null,
		callId: '5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		video: false,
		groupCall: false,
		offline: false,
	}),
};
