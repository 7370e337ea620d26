/** Whether an event answers a question. Pure. */
import { addressesOf } from '../events/filter';
import type { LinkedEvent, Person } from '../events/types';
import type { Answer, Question } from './question';
import { sameText, yesOrNo } from './words';

/** The answer that this event is, or undefined when it is none. */
export function answerIn(event: LinkedEvent, question: Question): Answer | undefined {
	if (event.chat !== question.chat || !mayAnswer(event, question)) return undefined;
	switch (event.event) {
		case 'poll.voted':
			return vote(event, question);
		case 'reaction.added':
			return reaction(event, question);
		case 'message.received':
		case 'message.sent':
			return message(event, question);
		default:
			return undefined;
	}
}

/** In the chat with oneself the owner of the number answers; elsewhere only when named. */
function mayAnswer({ from, fromMe, to }: LinkedEvent, question: Question): boolean {
	if (question.from.length > 0) return isOneOf(from, question.from);
	return !fromMe || (to !== null && to.id === from?.id);
}

const isOneOf = (person: Person | null, addresses: readonly string[]): boolean =>
	addressesOf(person).some((address) => addresses.includes(address));

const isAbout = (id: unknown, { messageIds }: Question): boolean =>
	typeof id === 'string' && messageIds.includes(id);

function vote(event: LinkedEvent, question: Question): Answer | undefined {
	if (!isAbout(event.messageId, question)) return undefined;
	const [chosen] = Array.isArray(event.choice) ? (event.choice as unknown[]) : [];
	if (typeof chosen !== 'string') return undefined; // taken back, or not readable
	return choice(event, question, 'vote', chosen);
}

function reaction(event: LinkedEvent, question: Question): Answer | undefined {
	if (question.kind !== 'approval' || !isAbout(event.messageId, question)) return undefined;
	const approved = yesOrNo(event.reaction);
	if (approved === undefined) return undefined;
	return { ...base(event, 'reaction'), approved };
}

function message(event: LinkedEvent, question: Question): Answer | undefined {
	const { quoted } = event as { quoted?: { id?: unknown } | null };
	const replies = isAbout(quoted?.id, question);
	// Who replies to something else talks about that.
	if (!replies && (question.onlyReplies || quoted)) return undefined;
	if (question.messageIds.includes(event.messageId ?? '')) return undefined;
	if (question.kind === 'freeText') return { ...base(event, 'message'), text: event.text };
	return event.text === null ? undefined : choice(event, question, 'message', event.text);
}

/** The choice that a text names, by its words or its number. */
function choice(
	event: LinkedEvent,
	{ kind, choices }: Question,
	by: 'vote' | 'message',
	said: string,
): Answer | undefined {
	const number = /^\s*(\d{1,2})[.)]?\s*$/.exec(said)?.[1];
	let index = choices.findIndex((each) => sameText(each, said));
	if (index < 0 && number && by === 'message') index = Number(number) - 1;
	if (kind === 'approval') {
		const approved = index < 0 ? yesOrNo(said) : index < 2 ? index === 0 : undefined;
		return approved === undefined ? undefined : { ...base(event, by), text: said, approved };
	}
	const chosen = choices[index];
	return chosen === undefined ? undefined : { ...base(event, by), text: said, choice: chosen };
}

const base = ({ from, messageId, timestamp }: LinkedEvent, by: Answer['by']): Answer => ({
	answered: true,
	by,
	text: null,
	from,
	messageId,
	at: timestamp,
});
