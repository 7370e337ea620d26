/**
 * Lets a contact be told once a week, and not with every message, that it may write to us. After a
 * message Baileys rc14 gives the contact a privacy token and notes when it did (messages-send.js),
 * but in the AsyncLocalStorage context of the message's transaction, which is committed by then: the
 * note is lost, and with the next text the token is issued again (measured: one such query for every
 * text, and a notification to the contact). WhatsApp's own clients don't do that. Kept outside of
 * transactions, which tokens have no need of, the note is stored.
 */
import type { SignalDataSet, SignalDataTypeMap, WASocket } from '@whiskeysockets/baileys';
import { AsyncResource } from 'node:async_hooks';

const TOKENS = 'tctoken';

/** Call it where no transaction is open: when the socket is made. */
export function keepPrivacyTokens(socket: WASocket): void {
	const outside = new AsyncResource('whatsapp-linked-privacy-tokens');
	const { keys } = socket.authState;
	socket.authState.keys = {
		...keys,
		get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
			if (type !== TOKENS) return keys.get(type, ids);
			return outside.runInAsyncScope(() => keys.get(type, ids));
		},
		set(data: SignalDataSet) {
			const only = Object.keys(data).every((type) => type === TOKENS);
			return only ? outside.runInAsyncScope(() => keys.set(data)) : keys.set(data);
		},
	};
}
