import { chatField, checkChat, readChat, resolveChat } from '../chat';
import { defineOperation } from '../types';

type Params = { chat: string };

export const checkRecipient = defineOperation<Params>({
	resource: 'safety',
	operation: 'checkRecipient',
	name: 'Check Recipient',
	description:
		'Tell whether a message to a chat may go out now, and if not, why and when it becomes possible. Nothing is sent.',
	action: 'Check whether a recipient may be written to',
	needs: 'socket',
	writes: false,
	fields: [chatField()],
	read: (context, item) => ({ chat: checkChat(readChat(context, item)) }),
	async perform(owner, { chat }) {
		const to = await resolveChat(owner, chat);
		const person = await owner.person(to);
		return { chat: to, person: person ? { ...person } : null, ...(await owner.safety.check(to)) };
	},
	sample: {
		chat: '200000000000101@lid',
		person: {
			id: '200000000000101@lid',
			lid: '200000000000101@lid',
			phone: '+15550100101',
			name: 'Anna',
			username: null,
		},
		allowed: false,
		possibleAt: '2026-11-24T08:12:00.000Z',
		rule: 'new-per-day',
		because: '10 new conversations were begun in the last 24 hours; the limit is 10 now.',
		relation: 'stranger',
		isReply: false,
		lastFromThem: null,
		lastToThem: null,
		unanswered: 0,
	},
});
