import type { WASocket } from '@whiskeysockets/baileys';

/**
 * The own name comes from the app state, which is in order. rc14's upsertMessage() takes it from
 * every own message as well, so that one written before a new name and handled after it brings the
 * old name back, here and (with the next presence) for others.
 */
export function keepOwnName({ ev, authState }: WASocket): void {
	const emit = ev.emit.bind(ev);
	ev.emit = (event, data) => {
		if (event === 'messages.upsert' && authState.creds.me?.name && 'messages' in data) {
			for (const message of data.messages) {
				// upsertMessage() reads it after the event.
				if ('pushName' in message && message.key.fromMe) delete message.pushName;
			}
		}
		return emit(event, data);
	};
}
