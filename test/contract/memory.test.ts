import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import { manualClock } from '../helpers/storage';
import { storageContract } from './storage.contract';

storageContract('memory', async () => {
	const clock = manualClock();
	return {
		open: async () => openStorage({ kind: 'memory' }, { log: silentLog, clock }),
		elapse: (ms) => clock.advance(ms),
		close: async () => {},
	};
});
