/** What the three events about receipts share. */
import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { num } from '../wa/read';
import { noticeEvent } from './notice';
import type { Address, EventDefinition, Normalised, NormaliseContext } from './types';

/** WebMessageInfo.Status */
const STATUS = { delivered: 3, read: 4, played: 5 } as const;

export type Receipt = keyof typeof STATUS;

async function receiptEvent(
	name: string,
	context: NormaliseContext,
	receipt: { id: string; chat: Address[]; from: Address[]; seconds: unknown },
): Promise<Normalised> {
	const { id, chat, from, seconds } = receipt;
	const who = (await context.chat(...from)) ?? '';
	const where = (await context.chat(...chat)) ?? '';
	const at = (num(seconds) ?? 0) * 1_000;
	const event = await noticeEvent(name, context, {
		// A receipt of each of a person's devices counts once.
		id: `${where}:${id}:${who}`,
		at: at > 0 ? at : undefined,
		chat,
		from,
		messageId: id,
	});
	return { event };
}

type Updates = BaileysEventMap['messages.update'];
type GroupReceipts = BaileysEventMap['message-receipt.update'];

/** The part of a definition that makes it hear one kind of receipt for own messages. */
export function receiptsOf(name: string, kind: Receipt): Pick<EventDefinition, 'on'> {
	return {
		on: {
			async 'messages.update'(updates: Updates, context) {
				const found: Normalised[] = [];
				for (const { key, update } of updates) {
					if (!key.fromMe || !key.id || update.status !== STATUS[kind]) continue;
					const chat = [key.remoteJid, key.remoteJidAlt];
					const seconds = update.messageTimestamp;
					found.push(await receiptEvent(name, context, { id: key.id, chat, from: chat, seconds }));
				}
				return found;
			},
			async 'message-receipt.update'(updates: GroupReceipts, context) {
				const found: Normalised[] = [];
				for (const { key, receipt } of updates) {
					const { receiptTimestamp, readTimestamp, playedTimestamp } = receipt;
					// Baileys rc14 calls everything but "delivered" read, "played" too.
					const seconds =
						kind === 'delivered'
							? receiptTimestamp
							: kind === 'read'
								? readTimestamp
								: playedTimestamp;
					if (!key.fromMe || !key.id || !seconds || context.isMe(receipt.userJid)) continue;
					const about = { id: key.id, chat: [key.remoteJid], from: [receipt.userJid], seconds };
					found.push(await receiptEvent(name, context, about));
				}
				return found;
			},
		},
	};
}
