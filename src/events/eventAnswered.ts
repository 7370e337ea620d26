import { loadBaileys } from '../baileys';
import { contentOf } from '../wa/content';
import { count, enumName } from '../wa/read';
import { unwrap } from '../wa/unwrap';
import { aboutMessage } from './messageBase';
import { inChat } from './samples';
import { openWith } from './secrets';
import type { EventDefinition, MessageInput, NormaliseContext } from './types';

/** EventResponseMessage.EventResponseType */
export const ANSWERS = { 1: 'going', 2: 'notGoing', 3: 'maybe' } as const;

/** The answer, or undefined when the event or its secret is not known. */
export async function answerOf(input: MessageInput, context: NormaliseContext) {
	const { target } = input.content;
	const stored = target && (await context.stored(target.id));
	const sealed = unwrap(input.message.message).message.encEventResponseMessage;
	if (!stored || !sealed?.encPayload || !sealed.encIv) return undefined;
	const { encPayload, encIv } = sealed;
	const { decryptEventResponse } = await loadBaileys();
	const response = await openWith(input, stored.message, context, 'sender', (secret) =>
		decryptEventResponse(
			{ encPayload, encIv },
			{
				eventCreatorJid: secret.author,
				eventMsgId: secret.messageId,
				eventEncKey: secret.secret,
				responderJid: secret.answerer,
			},
		),
	);
	return response && { response, name: contentOf(stored.message).calendarEvent?.name ?? null };
}

export const eventAnswered: EventDefinition = {
	name: 'event.answered',
	label: 'Event: Answered',
	description: 'Somebody said whether they come to an event',
	fromMessage(input, context) {
		if (input.content.kind !== 'eventResponse') return;
		return (async () => {
			const event = await aboutMessage('event.answered', input, context);
			const found = await answerOf(input, context);
			const answer = found ? enumName(ANSWERS, found.response.response) : null;
			const guests = found ? (count(found.response.extraGuestCount) ?? 0) : null;
			return [
				{
					event: { ...event, text: answer, eventName: found?.name ?? null, answer, guests },
					message: input.message,
				},
			];
		})();
	},
	sample: inChat('event.answered', {
		text: 'going',
		offline: false,
		eventName: 'Summer party',
		answer: 'going',
		guests: 1,
	}),
};
