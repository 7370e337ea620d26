import { loadBaileys } from '../../baileys';
import { LinkedError } from '../../errors';
import { chatField, checkChat, resolveChat } from '../chat';
import { asList, badField } from '../fields';
import { defineOperation, type JsonObject } from '../types';
import { addSecret } from './deliver';
import { SENT } from './sample';
import {
	assertNotDeleted,
	findTarget,
	messageIdField,
	readMessageId,
	type TargetParams,
} from './target';
import { readChat } from '../chat';

type Params = TargetParams & { recipients: string[] };

export const forward = defineOperation<Params>({
	resource: 'message',
	operation: 'forward',
	name: 'Forward',
	description: 'Forward a message to one or several chats',
	action: 'Forward a message',
	needs: 'socket',
	writes: true,
	sends: true,
	timeoutMs: ({ recipients }) => 60_000 + recipients.length * 5_000,
	fields: [
		chatField({ description: 'The chat that the message is in' }),
		messageIdField,
		{
			displayName: 'Forward To',
			name: 'recipients',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			required: true,
			placeholder: 'e.g. +1 555 010 0101, 120363000000000000@g.us',
			description: 'Phone numbers or IDs of chats, separated by commas',
		},
	],
	read(context, item) {
		const recipients = asList(context.getNodeParameter('recipients', item, '')).map(checkChat);
		if (recipients.length === 0) throw badField('Forward To', 'name at least one chat.');
		return {
			chat: checkChat(readChat(context, item)),
			messageId: readMessageId(context, item),
			recipients,
		};
	},
	async perform(owner, params) {
		const target = await findTarget(owner, params);
		assertNotDeleted(target);
		const { known } = target;
		if (!known?.message) throw new LinkedError('not-found');
		const { generateForwardMessageContent } = await loadBaileys();
		const results: JsonObject[] = [];
		for (const [part, recipient] of params.recipients.entries()) {
			try {
				const to = await resolveChat(owner, recipient);
				const message = generateForwardMessageContent(known, true);
				delete message.messageContextInfo;
				await addSecret(owner, message, part);
				const expiresAfter = await owner.timerOf(to);
				results.push({ ...(await owner.send({ to, part, message, expiresAfter })) });
			} catch (error) {
				const failed = LinkedError.from(error);
				// Some have it already, so the others are told one by one.
				if (params.recipients.length === 1) throw failed;
				const { code, message, next, data } = failed;
				results.push({ chat: recipient, status: 'failed', error: message, code, next, ...data });
			}
		}
		return results;
	},
	sample: [SENT],
});
