/**
 * Copies of what Baileys emits, as far as Baileys itself writes into it afterwards: its buffer
 * removes `conditional` from chat updates, folds receipts into updates and messages, and gives the
 * key of a deletion to the message it deletes (event-buffer.js). We look at it later than that.
 */
import type { BaileysEventMap } from '@whiskeysockets/baileys';

type Events = Partial<BaileysEventMap>;

export function snapshot(events: Events): Events {
	const copy: Events = { ...events };
	const upsert = events['messages.upsert'];
	if (upsert) {
		const messages = upsert.messages.map((each) => ({ ...each, key: { ...each.key } }));
		copy['messages.upsert'] = { ...upsert, messages };
	}
	const updates = events['messages.update'];
	if (updates) {
		copy['messages.update'] = updates.map(({ key, update }) => ({
			key: { ...key },
			update: { ...update },
		}));
	}
	const receipts = events['message-receipt.update'];
	if (receipts) {
		copy['message-receipt.update'] = receipts.map(({ key, receipt }) => ({
			key: { ...key },
			receipt: { ...receipt },
		}));
	}
	const chats = events['chats.update'];
	if (chats) copy['chats.update'] = chats.map((each) => ({ ...each }));
	return copy;
}
