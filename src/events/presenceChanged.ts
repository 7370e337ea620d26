import { count } from '../wa/read';
import { noticeEvent } from './notice';
import { inChat } from './samples';
import type { EventDefinition, Normalised } from './types';

const STATES: Readonly<Record<string, string>> = {
	available: 'online',
	unavailable: 'offline',
	composing: 'typing',
	recording: 'recording',
	paused: 'online',
};

export const presenceChanged: EventDefinition = {
	name: 'presence.changed',
	label: 'Presence: Changed',
	description:
		'Somebody came online, went offline, or types or records a message; needs Chats in Filters to say about whom, and that this number is online (Account > Set Online Status): WhatsApp tells it only then',
	onDemand: true,
	on: {
		async 'presence.update'({ id, presences }, context) {
			const found: Normalised[] = [];
			for (const [who, { lastKnownPresence, lastSeen }] of Object.entries(presences)) {
				if (context.isMe(who)) continue;
				const presence = STATES[lastKnownPresence] ?? lastKnownPresence;
				const seen = count(lastSeen);
				const about = { id: `${who}:${presence}:${context.now()}`, chat: [id], from: [who] };
				const event = await noticeEvent('presence.changed', context, about);
				const lastSeenAt = seen ? new Date(seen * 1_000).toISOString() : null;
				found.push({ event: { ...event, presence, lastSeen: lastSeenAt } });
			}
			return found;
		},
	},
	sample: inChat('presence.changed', {
		id: 'presence.changed:200000000000101@lid:typing:1795426200000',
		messageId: null,
		presence: 'typing',
		lastSeen: null,
	}),
};
