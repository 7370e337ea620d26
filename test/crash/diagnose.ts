/** After a crash run that lost something: where in the storage it got stuck. */
import { createSealer } from '../../src/auth';
import { systemClock } from '../../src/clock';
import { unpack } from '../../src/inbound/envelope';
import { silentLog } from '../../src/log';
import { openStorage, type StorageSettings } from '../../src/storage/open';

/** One line a message, and how much the journal holds. */
export async function diagnose(
	settings: StorageSettings,
	account: string,
	secret: string,
	lost: readonly string[],
): Promise<string[]> {
	const storage = openStorage(settings, { clock: systemClock, log: silentLog });
	try {
		await storage.ready();
		const { inbox, cursors, journal } = storage.account(account);
		const sealer = createSealer(secret, account);
		const places = new Map<string, string>();
		for (let after = ''; ;) {
			const entries = await inbox.read(after, 500);
			for (const { seq, value } of entries) {
				after = seq;
				const { event } = unpack(sealer.open('inbox', value));
				if (event.text) places.set(event.text, `${event.event} at ${seq}`);
				if (event.event === 'message.undecryptable') {
					places.set(`undecryptable ${event.messageId ?? ''}`, String(event.reason));
				}
			}
			if (entries.length === 0) break;
		}
		const lines = lost.map((text) => `${text}: ${places.get(text) ?? 'not in the inbox'}`);
		for (const [text, place] of places) {
			if (text.startsWith('undecryptable')) lines.push(`${text}: ${place}`);
		}
		for (const trigger of await cursors.list()) {
			const open = await cursors.open(trigger);
			const states = open.map(({ seq, state, attempt }) => `${seq} ${state} ${attempt}`);
			lines.push(`${trigger} is at ${(await cursors.get(trigger)) ?? '-'}; ${states.join(', ')}`);
		}
		lines.push(`the journal holds ${await journal.size()}`);
		return lines;
	} finally {
		await storage.close();
	}
}
