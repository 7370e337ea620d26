import { switched } from './switched';

const setPinned = (pinned: boolean, names: Parameters<typeof switched>[1]) =>
	switched({ pinned }, names, (_owner, chat) => ({
		syncAction: { pinAction: { pinned } },
		index: ['pin_v1', chat],
		type: 'regular_low',
		apiVersion: 5,
	}));

export const pin = setPinned(true, {
	operation: 'pin',
	name: 'Pin',
	action: 'Pin a chat',
	description: 'Keep a chat at the top of the list; the phone shows three pinned chats at most',
});

export const unpin = setPinned(false, {
	operation: 'unpin',
	name: 'Unpin',
	action: 'Unpin a chat',
	description: 'Let a pinned chat take its place in the list again',
});
