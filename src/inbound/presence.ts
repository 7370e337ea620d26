/** Asks WhatsApp for the presence of people that triggers want to hear of. */
import type { WASocket } from '@whiskeysockets/baileys';
import { errorName, type Log } from '../log';

/** A subscription lasts as long as the connection: call it for each. */
export function watchPresence(
	socket: WASocket | undefined,
	addresses: readonly string[],
	log: Log,
): void {
	if (!socket?.ws.isOpen) return;
	for (const address of addresses) {
		socket.presenceSubscribe(address).catch((error: unknown) => {
			log.warn('presence cannot be watched', { error: errorName(error) });
		});
	}
}
