/** Opens the embedded storage in the folder given and holds it until it is killed. */
import { systemClock } from '../../src/clock';
import { LinkedError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';

const [, , folder = ''] = process.argv;
const storage = openStorage({ kind: 'sqlite', folder }, { log: silentLog, clock: systemClock });

storage.ready().then(
	async () => {
		const { keys } = storage.account('a');
		await keys.write({ set: new Map([['from the other process', Buffer.from('1')]]) });
		console.log('holding');
		setInterval(() => {}, 60_000);
	},
	(error: unknown) => {
		console.log(error instanceof LinkedError ? error.code : String(error));
		process.exitCode = 1;
	},
);
