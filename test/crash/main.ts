/** `npm run test:crash [-- --messages 10000 --kills 20 --storage sqlite|redis]` */
import { parseArgs } from 'node:util';
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
	const result = await crashRun({
		messages: Number(values.messages),
		kills: Number(values.kills),
		groupShare: Number(values.groups),
		storage: (folder) => ({ kind: 'sqlite', folder }),
		say: (line) => console.log(line),
	});
	console.log(
		`sent ${result.sent}, delivered ${result.delivered}, duplicates before dedupe ${result.duplicatesBeforeDedupe}, ` +
			`lost ${result.lost.length}, doubled ${result.doubled.length}, out of order ${result.outOfOrder}, ` +
			`kills ${result.kills}, ${result.seconds} s`,
	);
	process.exit(result.lost.length + result.doubled.length === 0 ? 0 : 1);
}

void main();
