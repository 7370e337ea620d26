/** What the events about a chat's place in the list share. */
import type { ChatUpdate } from '@whiskeysockets/baileys';
import { noticeEvent } from './notice';
import type { EventDefinition, Normalised } from './types';

/**
 * A definition's ear for one change of a chat that came by app state, from the phone or another
 * linked device. Only those updates have `conditional` (chat-utils.js, processSyncAction); it is a
 * function during the first sync, when nothing of it is news.
 *
 * @param read the fields of the event, or undefined when the update is about something else
 */
export function onChatUpdate(
	name: string,
	read: (update: ChatUpdate) => Record<string, unknown> | undefined,
): Pick<EventDefinition, 'on'> {
	return {
		on: {
			async 'chats.update'(updates, context) {
				const found: Normalised[] = [];
				for (const update of updates) {
					if (!update.id || !('conditional' in update) || update.conditional) continue;
					if (context.syncing) continue;
					const changed = read(update);
					if (!changed) continue;
					const about = { chat: [update.id], byMe: true, id: `${update.id}:${context.now()}` };
					const event = await noticeEvent(name, context, about);
					found.push({ event: { ...event, ...changed } });
				}
				return found;
			},
		},
	};
}
