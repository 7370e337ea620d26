import { limitFields, readLimit } from '../listing';
import { defineOperation, type JsonObject } from '../types';

type Params = { search: string; limit: number; where: boolean };

export const getMany = defineOperation<Params>({
	resource: 'label',
	operation: 'getMany',
	name: 'Get Many',
	description:
		'Get the labels of a WhatsApp Business account, and how much they are on. They are known once the phone has synced.',
	action: 'Get many labels',
	needs: 'session',
	writes: false,
	fields: [
		...limitFields(),
		{
			displayName: 'Include Chats and Messages',
			name: 'where',
			type: 'boolean',
			default: false,
			description: 'Whether to name the chats and messages that have the label',
		},
	],
	read: (context, item) => ({
		// Only the list of the Label field searches.
		search: '',
		limit: readLimit(context, item),
		where: context.getNodeParameter('where', item, false) === true,
	}),
	async perform(owner, { search, limit, where }) {
		const [all, on] = await Promise.all([owner.labels.all(), owner.labels.on()]);
		const wanted = search.trim().toLocaleLowerCase();
		return all
			.filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
			.slice(0, limit)
			.map(({ id, name, color }): JsonObject => {
				const own = on.filter(({ label }) => label === id);
				const chats = own
					.filter(({ message }) => message === null)
					.map(({ chat }) => ({ id: chat, name: owner.directory.nameOf(chat) ?? null }));
				const messages = own.flatMap(({ chat, message }) =>
					message === null ? [] : [{ chat, messageId: message }],
				);
				const counts = { chatCount: chats.length, messageCount: messages.length };
				return { id, name, color, ...counts, ...(where && { chats, messages }) };
			});
	},
	sample: [{ id: '6', name: 'New customer', color: 0, chatCount: 2, messageCount: 0 }],
});
