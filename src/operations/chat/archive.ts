import { rangeOf } from './place';
import { switched } from './switched';

const setArchived = (archived: boolean, names: Parameters<typeof switched>[1]) =>
	switched({ archived }, names, async (owner, chat) => ({
		syncAction: { archiveChatAction: { archived, messageRange: await rangeOf(owner, chat) } },
		index: ['archive', chat],
		type: 'regular_low',
		apiVersion: 3,
	}));

export const archive = setArchived(true, {
	operation: 'archive',
	name: 'Archive',
	action: 'Archive a chat',
	description: 'Move a chat out of the list of chats; only the own devices see it',
});

export const unarchive = setArchived(false, {
	operation: 'unarchive',
	name: 'Unarchive',
	action: 'Unarchive a chat',
	description: 'Move an archived chat back into the list of chats',
});
