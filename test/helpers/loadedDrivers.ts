/** Opens the storage described in the argument and prints which drivers that has loaded. */
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import { openStorage, type StorageSettings } from '../../src/storage/open';

const settings = JSON.parse(process.argv[2] ?? '') as StorageSettings;
const storage = openStorage(settings, { log: silentLog, clock: systemClock });

void storage
	.account('a')
	.facts.get('f')
	.catch(() => {})
	.then(async () => {
		const files = Object.keys(require.cache).join('\n');
		// Node's own list of its modules in use; not in the types.
		const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
		const loaded = {
			redis: /@redis|@keyv\/redis/.test(files),
			sqlite: moduleLoadList.includes('NativeModule sqlite'),
			baileys: files.includes('baileys/lib'),
		};
		console.log(JSON.stringify(loaded));
		await storage.close();
	});
