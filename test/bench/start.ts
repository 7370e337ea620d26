/**
 * How long n8n takes to start with this package and without: the same n8n, the same user folder, taking
 * turns. `npm run bench -- start`
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import setUp, { installIntoUserFolder } from '../n8n/harness/install';
import { freePorts } from '../n8n/harness/ports';
import { N8nProcess } from '../n8n/harness/process';
import { median, spread } from './spread';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);

export async function run(): Promise<void> {
	setUp();
	const [port, brokerPort] = (await freePorts(2)) as [number, number];
	const n8n = new N8nProcess({
		env: { N8N_PORT: String(port), N8N_RUNNERS_BROKER_PORT: String(brokerPort) },
	});
	const start = async (): Promise<number> => {
		const begin = performance.now();
		await n8n.launch();
		const ms = performance.now() - begin;
		await n8n.end('SIGTERM');
		return ms;
	};
	try {
		await start(); // makes the database
		const times = { with: [] as number[], without: [] as number[] };
		for (let round = 0; round < ROUNDS; round++) {
			installIntoUserFolder(n8n.home);
			times.with.push(await start());
			rmSync(path.join(n8n.home, '.n8n', 'nodes'), { recursive: true, force: true });
			times.without.push(await start());
		}
		const ratios = times.with.map((ms, round) => ms / (times.without[round] ?? Number.NaN));
		console.log(`n8n with the package     ${spread(times.with, 0, ' ms')}`);
		console.log(`n8n without              ${spread(times.without, 0, ' ms')}`);
		console.log(`with / without           ${spread(ratios, 3)}`);
		console.log(
			`median / median          ${(median(times.with) / median(times.without)).toFixed(3)}`,
		);
	} finally {
		await n8n.end('SIGKILL');
		await n8n.remove();
	}
}
