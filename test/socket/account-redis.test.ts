/** The account: on Redis; see test/suites. */
import { RedisServer } from '../helpers/redis';
import { Sender } from '../helpers/sender';
import { accountSuite } from '../suites/account';

let redis: RedisServer;
beforeAll(async () => {
	redis = await RedisServer.start();
});

accountSuite(async () => await Sender.start(onRedis(redis)));
// After the suite's own end: the number still writes until then.
afterAll(async () => await redis.close());

function onRedis({ port }: RedisServer) {
	return { storage: 'redis', redisConnection: 'fields', redisHost: '127.0.0.1', redisPort: port };
}
