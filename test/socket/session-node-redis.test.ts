/** Session in the node: on Redis, and when that is away; see test/suites. */
import { RedisServer } from '../helpers/redis';
import { Sender } from '../helpers/sender';
import { sessionNodeSuite } from '../suites/session-node';

let redis: RedisServer;

sessionNodeSuite(
	async () => {
		redis = await RedisServer.start({ aof: true });
		return await Sender.start({
			storage: 'redis',
			redisConnection: 'fields',
			redisHost: '127.0.0.1',
			redisPort: redis.port,
		});
	},
	{
		kill: async () => await redis.kill(),
		restart: async () => await redis.restart(),
	},
);
// After the suite's own end: the number still writes until then.
afterAll(async () => await redis.close());
