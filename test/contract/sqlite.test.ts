import { join } from 'node:path';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import type { Storage } from '../../src/storage/roles';
import { manualClock, temporaryFolder } from '../helpers/storage';
import { storageContract } from './storage.contract';

storageContract('embedded', async () => {
	const clock = manualClock();
	const folder = temporaryFolder();
	const opened: Storage[] = [];
	let count = 0;
	const open = async () => {
		const storage = openStorage(
			{ kind: 'sqlite', folder: join(folder.path, String(count)) },
			{ log: silentLog, clock },
		);
		opened.push(storage);
		await storage.ready();
		return storage;
	};
	return {
		open: () => {
			count += 1;
			return open();
		},
		openAgain: open,
		elapse: (ms) => clock.advance(ms),
		async close() {
			for (const storage of opened) await storage.close();
			folder.remove();
		},
	};
});
