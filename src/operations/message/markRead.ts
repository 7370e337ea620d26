import { checkChat, chatField, readChat } from '../chat';
import { asList, asText, badField, readCollection, optionsCollection } from '../fields';
import { defineOperation } from '../types';
import { LinkedError } from '../../errors';
import { findTarget } from './target';

type Params = { chat: string; messageIds: string[]; sender?: string };

export const markRead = defineOperation<Params>({
	resource: 'message',
	operation: 'markRead',
	name: 'Mark as Read',
	description:
		'Mark received messages as read; their writers see blue ticks unless read receipts are off in the privacy settings',
	action: 'Mark messages as read',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		chatField(),
		{
			displayName: 'Message IDs',
			name: 'messageIds',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. {{ $json.messageId }}',
			description: 'One or several, separated by commas',
		},
		optionsCollection([
			{
				displayName: 'Sent By',
				name: 'sender',
				type: 'string',
				default: '',
				placeholder: 'e.g. +1 555 010 0101',
				description:
					'Who wrote the messages. Only needed for messages that the history does not have.',
			},
		]),
	],
	read(context, item) {
		const messageIds = asList(context.getNodeParameter('messageIds', item, ''));
		if (messageIds.length === 0) throw badField('Message IDs', 'it is empty.');
		const sender = asText(readCollection(context, item, 'options').sender).trim();
		return {
			chat: checkChat(readChat(context, item)),
			messageIds,
			sender: sender ? checkChat(sender) : undefined,
		};
	},
	async perform(owner, { messageIds, ...params }) {
		const keys = [];
		let chat = '';
		for (const messageId of messageIds) {
			const { to, key } = await findTarget(owner, { ...params, messageId });
			if (key.fromMe) {
				throw new LinkedError('not-allowed', {
					detail: 'Only messages of others can be marked as read.',
				});
			}
			chat = to;
			keys.push(key);
		}
		const socket = await owner.socket();
		await socket.readMessages(keys);
		owner.directory.read(chat);
		return { chat, read: messageIds };
	},
	sample: { chat: '200000000000101@lid', read: ['3EB0B2C3D4E5F6071829'] },
});
