/** reading the history: on Redis; see test/suites. */
import { RedisServer } from '../helpers/redis';
import { Sender } from '../helpers/sender';
import { historySuite, prepareHistory } from '../suites/history';

let redis: RedisServer;
beforeAll(async () => {
	redis = await RedisServer.start();
});

historySuite(async () => {
	const data = { storage: 'redis', redisConnection: 'fields' };
	const place = { redisHost: '127.0.0.1', redisPort: redis.port };
	return await Sender.start({ ...data, ...place }, 'default', 'android', undefined, prepareHistory);
});
// After the suite's own end: the number still writes until then.
afterAll(async () => await redis.close());
