import { inChat, ofAccount } from './samples';
import type { EventDefinition } from './types';

/** Made by src/inbound/interrupted.ts, when a trigger takes up what a former process left. */
export const triggerInterrupted: EventDefinition = {
	name: 'trigger.interrupted',
	label: 'Trigger: Execution Interrupted',
	description:
		'An execution died with n8n and is not run again, because a trigger of this number says so in its options',
	sample: ofAccount('trigger.interrupted', {
		id: 'trigger.interrupted:9XkQ2b/7c1d:message.received:200000000000101@lid:3EB0A1B2C3D4E5F60718',
		workflow: '9XkQ2b',
		execution: '4711',
		lost: inChat('message.received', { text: 'Hello' }),
	}),
};
