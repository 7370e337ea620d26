import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';

/** WhatsApp clears "typing..." by itself after 10 to 25 s (belief), so it is shown anew. */
const TYPING_EVERY_MS = 8_000;

/** Shows "typing..." (or "recording...") in a chat for a while, then that it is over. */
export async function showTyping(
	{ clock, signal }: { clock: Clock; signal: AbortSignal },
	socket: WASocket,
	to: string,
	forMs: number,
	recording = false,
): Promise<void> {
	const until = clock.now() + forMs;
	for (;;) {
		const left = until - clock.now();
		if (left <= 0) break;
		await socket.sendPresenceUpdate(recording ? 'recording' : 'composing', to);
		await clock.sleep(Math.min(left, TYPING_EVERY_MS), signal);
	}
	await socket.sendPresenceUpdate('paused', to);
}
