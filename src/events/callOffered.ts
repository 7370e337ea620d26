import { onCall } from './call';
import { inChat } from './samples';
import type { EventDefinition } from './types';

export const callOffered: EventDefinition = {
	name: 'call.offered',
	label: 'Call: Offered',
	description: 'Somebody is calling this number',
	...onCall('call.offered', 'offered'),
	sample: inChat('call.offered', {
		id: 'call.offered:5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		messageId: null,
		callId: '5E0A1B2C3D4E5F60718293A4B5C6D7E8',
		video: false,
		groupCall: false,
		offline: false,
	}),
};
