/** Which place marks are kept in: a folder, or the Redis of n8n's queue where there are processes. */
import { join } from 'node:path';
import type { Clock } from '../clock';
import { encryptionKey, isQueueMode, queueRedis, userFolder } from '../host';
import type { Log } from '../log';
import { queueStorage } from '../settings';
import { openStorage } from '../storage/open';
import { fileMarks, Marks, sharedMarks } from './marks';

export function marksFolder(): string {
	return join(userFolder(), 'whatsapp-linked', 'questions');
}

export function openMarks(deps: { clock: Clock; log: Log }): Marks {
	const store = isQueueMode()
		? sharedMarks(async () => {
				const storage = openStorage(queueStorage(queueRedis()), deps);
				await storage.ready();
				return storage;
			}, deps.clock)
		: fileMarks(marksFolder());
	return new Marks(store, encryptionKey);
}
