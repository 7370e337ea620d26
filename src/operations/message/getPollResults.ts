import { LinkedError } from '../../errors';
import type { KnownVote } from '../../history/types';
import { contentOf } from '../../wa/content';
import { defineQuery } from '../reading';
import type { Json } from '../types';
import { isoTime } from './shown';
import { readStored, storedFields, storedMessage, type StoredParams } from './stored';

/** What people answer to an event. */
const ANSWERS = ['going', 'maybe', 'notGoing'];

export const getPollResults = defineQuery<StoredParams>({
	resource: 'message',
	operation: 'getPollResults',
	name: 'Get Poll Results',
	description: 'Get how a poll stands, or who comes to an event',
	action: 'Get the results of a poll',
	fields: storedFields,
	read: readStored,
	async answer(reader, which) {
		const { id, chat, message, votes } = await storedMessage(reader, which);
		const { poll, calendarEvent } = contentOf(message.message);
		if (!poll && !calendarEvent) {
			throw new LinkedError('bad-parameter', {
				detail: 'Message ID: this message is neither a poll nor an event.',
				data: { messageId: id },
			});
		}
		const options = poll?.options ?? ANSWERS;
		return {
			messageId: id,
			chat,
			question: poll?.question ?? calendarEvent?.name ?? null,
			results: options.map((option) => {
				const voters = votes.filter((vote) => vote.options.includes(option));
				return { option, votes: voters.length, voters: voters.map(voter) };
			}),
			voters: votes.length,
			lastVoteAt: isoTime(Math.max(0, ...votes.map(({ at }) => at))),
		};
	},
	sample: {
		messageId: '3EB0A1B2C3D4E5F60718',
		chat: '120363000000000001@g.us',
		question: 'When shall we meet?',
		results: [
			{
				option: 'Monday',
				votes: 1,
				voters: [
					{
						id: '200000000000101@lid',
						lid: '200000000000101@lid',
						phone: '+15550100101',
						name: 'Anna',
						username: null,
					},
				],
			},
			{ option: 'Friday', votes: 0, voters: [] },
		],
		voters: 1,
		lastVoteAt: '2026-11-23T09:41:00.000Z',
	},
});

const voter = ({ from }: KnownVote) => from as unknown as Json;
