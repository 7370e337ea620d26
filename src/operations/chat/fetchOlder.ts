import { LinkedError } from '../../errors';
import { chatField, checkChat, readChat } from '../chat';
import { asNumber, badField } from '../fields';
import { isoTime } from '../message/shown';
import { knownChat } from '../place';
import { defineOperation, type Owner } from '../types';

type Params = { chat: string; limit: number };

/** So many the phone is asked for at a time, as WhatsApp Web does it (belief). */
const AT_ONCE = 50;
const LARGEST = 5_000;
/** The phone may have to wake up. */
const ANSWER_MS = 45_000;

export const fetchOlder = defineOperation<Params>({
	resource: 'chat',
	operation: 'fetchOlder',
	name: 'Fetch Older Messages',
	description:
		'Ask the phone for messages older than the oldest that n8n has of a chat, and keep them. The phone must be online.',
	action: 'Fetch older messages of a chat',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		chatField(),
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: LARGEST },
			default: 50,
			description: 'Max number of results to return',
		},
	],
	read(context, item) {
		const limit = asNumber(context.getNodeParameter('limit', item, 50), 'Limit');
		if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST) {
			throw badField('Limit', `it must be a whole number from 1 to ${LARGEST}.`);
		}
		return { chat: checkChat(readChat(context, item)), limit };
	},
	timeoutMs: ({ limit }) => (Math.ceil(limit / AT_ONCE) + 1) * ANSWER_MS,
	async perform(owner, { limit, ...params }) {
		const chat = await knownChat(owner, params.chat);
		let received = 0;
		let isAll = false;
		while (received < limit && !isAll) {
			const answer = await ask(owner, chat.id, Math.min(AT_ONCE, limit - received));
			received += answer.messages;
			isAll = answer.isAll || answer.messages === 0;
		}
		const oldest = await oldestOf(owner, chat.id);
		return {
			chat: chat.id,
			received,
			isComplete: isAll,
			oldestMessageAt: isoTime(oldest?.at ?? null),
			storedMessages: await owner.history.count(chat.id),
		};
	},
	sample: {
		chat: '200000000000101@lid',
		received: 50,
		isComplete: false,
		oldestMessageAt: '2025-12-30T11:41:03.000Z',
		storedMessages: 1290,
	},
});

async function ask(owner: Owner, chat: string, count: number) {
	const oldest = await oldestOf(owner, chat);
	if (!oldest) {
		throw new LinkedError('not-found', {
			detail: 'No message of this chat is known yet, so there is none that others are older than.',
			data: { chat },
		});
	}
	const socket = await owner.socket();
	const { remoteJid, fromMe, id } = oldest.message.key;
	const request = await socket.fetchMessageHistory(count, { remoteJid, fromMe, id }, oldest.at);
	const answer = await owner.pastAnswer(request, ANSWER_MS);
	if (!answer) throw new LinkedError('phone-silent');
	return answer;
}

async function oldestOf({ history }: Owner, chat: string) {
	for await (const message of history.messages({ chat, order: 'oldest' })) {
		// The phone knows nothing of the ids of imported messages.
		if (!message.imported) return message;
	}
	return undefined;
}
