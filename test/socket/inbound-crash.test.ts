/** A process that hears a number is killed with -9; `npm run test:crash` is the same, longer. */
import { crashRun } from '../crash/run';
import { RedisServer } from '../helpers/redis';

const RUN = { messages: 200, kills: 3, groupShare: 0.3 };

const KEPT = {
	sent: RUN.messages,
	delivered: RUN.messages,
	lost: [],
	doubled: [],
	kills: RUN.kills,
};

test('with embedded storage every message is consumed, and once by its id', async () => {
	const result = await crashRun({
		...RUN,
		storage: (folder) => ({ kind: 'sqlite', folder }),
	});
	expect(result).toMatchObject(KEPT);
}, 240_000);

test('with Redis, which writes every change to its disk, too', async () => {
	const redis = await RedisServer.start({ aof: true });
	try {
		const result = await crashRun({ ...RUN, storage: () => ({ kind: 'redis', url: redis.url }) });
		expect(result).toMatchObject(KEPT);
	} finally {
		await redis.close();
	}
}, 240_000);
