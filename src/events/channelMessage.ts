import { isMessage, whereOf } from './kinds';
import { detailsOf, messageEvent } from './messageBase';
import { CHANNEL, inChat, MESSAGE } from './samples';
import type { EventDefinition } from './types';

export const channelMessage: EventDefinition = {
	name: 'channel.message',
	label: 'Channel: Message',
	description: 'A channel that this number follows posted something',
	hasContent: true,
	fromMessage(input, context) {
		if (whereOf(input) !== 'channel' || !isMessage(input)) return;
		return (async () => {
			const event = await messageEvent('channel.message', input, context);
			const { server_id: serverId } = input.message.key as { server_id?: string };
			return [
				{
					event: { ...event, ...detailsOf(input.content), serverId: serverId ?? null },
					message: input.message,
				},
			];
		})();
	},
	sample: inChat('channel.message', {
		id: `channel.message:${CHANNEL}:3EB0A1B2C3D4E5F60718:${CHANNEL}`,
		chat: CHANNEL,
		chatName: 'City News',
		from: null,
		fromContact: false,
		to: null,
		text: 'The bridge is open again',
		...MESSAGE,
		serverId: '117',
	}),
};
