/** `npm run test:crash [-- --messages 10000 --kills 20 --storage sqlite|redis]` */
import { parseArgs } from 'node:util';
import { RedisServer } from '../helpers/redis';
import { crashRun } from './run';

const { values } = parseArgs({
	options: {
		messages: { type: 'string', default: '10000' },
		kills: { type: 'string', default: '20' },
		storage: { type: 'string', default: 'sqlite' },
		groups: { type: 'string', default: '0.3' },
	},
});

async function main(): Promise<void> {
	if (values.storage !== 'sqlite' && values.storage !== 'redis') {
		throw new Error(`--storage is sqlite or redis, not ${values.storage}`);
	}
	const redis = values.storage === 'redis' ? await RedisServer.start({ aof: true }) : undefined;
	try {
		const result = await crashRun({
			messages: Number(values.messages),
			kills: Number(values.kills),
			groupShare: Number(values.groups),
			storage: (folder) => (redis ? { kind: 'redis', url: redis.url } : { kind: 'sqlite', folder }),
			say: (line) => console.log(line),
		});
		console.log(
			`${values.storage}: sent ${result.sent}, delivered ${result.delivered}, duplicates before dedupe ${result.duplicatesBeforeDedupe}, ` +
				`lost ${result.lost.length}, doubled ${result.doubled.length}, out of order ${result.outOfOrder}, ` +
				`kills ${result.kills}, ${result.seconds} s`,
		);
		process.exitCode = result.lost.length + result.doubled.length === 0 ? 0 : 1;
	} finally {
		await redis?.close();
	}
	// The stand-in may have timers left.
	process.exit();
}

void main();
