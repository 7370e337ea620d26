import { identityOf, isoSeconds, placeOf } from './messageBase';
import { inChat } from './samples';
import type { EventDefinition } from './types';

export const messageUndecryptable: EventDefinition = {
	name: 'message.undecryptable',
	label: 'Message: Undecryptable',
	description:
		'A message could not be decrypted, and its sender has not sent it again in time; it can still be read on the phone, and is delivered as usual if it comes later',
	on: {
		async 'linked.givenUp'({ message, reason, retries }, context) {
			const { key } = message;
			const identity = await identityOf(key, context);
			const event = {
				event: 'message.undecryptable',
				id: `message.undecryptable:${identity}`,
				timestamp: isoSeconds(message.messageTimestamp, context.now()),
				...(await placeOf(key, context, message.pushName)),
				messageId: key.id ?? null,
				text: null,
				reason,
				retries,
			};
			return [{ event }];
		},
	},
	sample: inChat('message.undecryptable', { reason: 'Bad MAC', retries: 5 }),
};
