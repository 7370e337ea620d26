/** On Redis. */
import { RedisServer } from '../helpers/redis';
import { safetySuite } from '../suites/safety';

let redis: RedisServer;
beforeAll(async () => {
	redis = await RedisServer.start();
});

safetySuite(() => Promise.resolve({ kind: 'redis', host: '127.0.0.1', port: redis.port } as const));
// After the suite's own end: the number still writes until then.
afterAll(async () => await redis.close());
