import { num } from '../wa/read';
import { onChatUpdate } from './chatUpdate';
import { onPhone } from './samples';
import type { EventDefinition } from './types';

export const chatMuted: EventDefinition = {
	name: 'chat.muted',
	label: 'Chat: Muted or Unmuted',
	description: 'A chat was muted on the phone or another linked device, or is loud again',
	byOwner: true,
	...onChatUpdate('chat.muted', (update) => {
		if (!('muteEndTime' in update)) return undefined;
		const until = num(update.muteEndTime);
		const muted = until !== null && until !== 0;
		// -1 is for good.
		const mutedUntil = muted && until > 0 ? new Date(until).toISOString() : null;
		return { muted, mutedUntil };
	}),
	sample: onPhone('chat.muted', { muted: true, mutedUntil: '2026-11-23T17:30:00.000Z' }),
};
