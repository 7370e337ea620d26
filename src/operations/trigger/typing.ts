import { defineOperation } from '../types';

type Params = { chat: string; typing: boolean };

/** Shows in a chat that an answer is being written, or no longer. Not shown in the node. */
export const triggerTyping = defineOperation<Params>({
	resource: 'trigger',
	operation: 'typing',
	name: 'Typing',
	description: 'Show that an answer is being written',
	action: 'Show typing',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({ chat: '', typing: false }),
	async perform(owner, { chat, typing }) {
		const socket = await owner.socket();
		await socket.sendPresenceUpdate(typing ? 'composing' : 'paused', chat);
		return { chat, typing };
	},
	sample: { chat: '200000000000101@lid', typing: true },
});
