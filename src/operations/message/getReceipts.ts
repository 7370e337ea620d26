import { LinkedError } from '../../errors';
import { defineQuery } from '../reading';
import type { Json } from '../types';
import { callOf, isoTime } from './shown';
import { readStored, storedFields, storedMessage, type StoredParams } from './stored';

export const getReceipts = defineQuery<StoredParams>({
	resource: 'message',
	operation: 'getReceipts',
	name: 'Get Receipts',
	description:
		'Get who received, read and played a message that this number sent, an item for each person',
	action: 'Get the receipts of a message',
	fields: storedFields,
	read: readStored,
	async answer(reader, which) {
		const { id, chat, fromMe, receipts } = await storedMessage(reader, which);
		if (!fromMe) {
			throw new LinkedError('not-yours', {
				detail: 'WhatsApp tells of receipts for own messages only.',
				data: { messageId: id },
			});
		}
		return receipts.map(({ from, delivered, read, played }) => ({
			messageId: id,
			chat,
			name: callOf(from),
			person: from as unknown as Json,
			deliveredAt: isoTime(delivered),
			readAt: isoTime(read),
			playedAt: isoTime(played),
		}));
	},
	sample: [
		{
			messageId: '3EB0A1B2C3D4E5F60718',
			chat: '200000000000101@lid',
			name: 'Anna',
			person: {
				id: '200000000000101@lid',
				lid: '200000000000101@lid',
				phone: '+15550100101',
				name: 'Anna',
				username: null,
			},
			deliveredAt: '2026-11-23T09:30:01.000Z',
			readAt: '2026-11-23T09:32:40.000Z',
			playedAt: null,
		},
	],
});
