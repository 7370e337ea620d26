import { createHash } from 'node:crypto';
import { loadBaileys } from '../baileys';
import { contentOf } from '../wa/content';
import { num } from '../wa/read';
import { unwrap } from '../wa/unwrap';
import { aboutMessage } from './messageBase';
import { ANNA, BEN, inChat } from './samples';
import { openWith } from './secrets';
import type { EventDefinition, MessageInput, NormaliseContext } from './types';

const hash = (option: string) => createHash('sha256').update(option).digest('base64');

/** The chosen options, or undefined when the poll or its secret is not known. */
export async function choiceOf(input: MessageInput, context: NormaliseContext) {
	const { target } = input.content;
	const stored = target && (await context.stored(target.id));
	const poll = stored && contentOf(stored.message).poll;
	const sealed = unwrap(input.message.message).message.pollUpdateMessage?.vote;
	if (!poll || !sealed) return undefined;
	const { decryptPollVote } = await loadBaileys();
	const vote = await openWith(input, stored.message, context, 'ours', (secret) =>
		decryptPollVote(sealed, {
			pollCreatorJid: secret.author,
			pollMsgId: secret.messageId,
			pollEncKey: secret.secret,
			voterJid: secret.answerer,
		}),
	);
	if (!vote) return undefined;
	const chosen = new Set(
		(vote.selectedOptions ?? []).map((bytes) => Buffer.from(bytes).toString('base64')),
	);
	return { poll, options: poll.options.filter((option) => chosen.has(hash(option))) };
}

export const pollVoted: EventDefinition = {
	name: 'poll.voted',
	label: 'Poll: Voted',
	description: 'Somebody voted in a poll or took the vote back; with the result so far',
	fromMessage(input, context) {
		if (input.content.kind !== 'pollVote') return;
		return (async () => {
			const event = await aboutMessage('poll.voted', input, context);
			const found = await choiceOf(input, context);
			if (!found || !event.from || !event.messageId) {
				// The poll is older than this link, or more than 90 days old.
				const unknown = { question: null, choice: null, results: null, voters: null };
				return [{ event: { ...event, ...unknown, removed: false }, message: input.message }];
			}
			const { poll, options } = found;
			const update = unwrap(input.message.message).message.pollUpdateMessage;
			const { results, voters } = await context.tally(event.messageId, poll.options, {
				voter: event.from,
				options,
				at: num(update?.senderTimestampMs) || Date.parse(event.timestamp),
			});
			return [
				{
					event: {
						...event,
						text: options.join(', ') || null,
						question: poll.question,
						choice: options,
						removed: options.length === 0,
						results,
						voters,
					},
					message: input.message,
				},
			];
		})();
	},
	sample: inChat('poll.voted', {
		text: 'Monday',
		offline: false,
		question: 'When shall we meet?',
		choice: ['Monday'],
		removed: false,
		results: [
			{ option: 'Monday', votes: 2, voters: [ANNA, BEN] },
			{ option: 'Friday', votes: 0, voters: [] },
		],
		voters: 2,
	}),
};
