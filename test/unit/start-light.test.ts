import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

test('nothing heavy is loaded when n8n starts, only with the first use', async () => {
	const file = join(__dirname, '../helpers/loadedAtStart.ts');
	const { stdout } = await run(process.execPath, ['--import', 'tsx', file]);
	const { classes, packages, sqlite } = JSON.parse(stdout) as {
		classes: number;
		packages: string[];
		sqlite: boolean;
	};
	expect(classes).toBe(3);
	for (const heavy of [
		...['@whiskeysockets/baileys', 'libsignal', 'protobufjs', 'pino', 'sharp', 'qrcode'],
		...['@redis/client', '@keyv/redis', 'keyv', 'ioredis', 'bullmq'],
		...['opusscript', 'mpg123-decoder', 'music-metadata', '@noble/curves'],
	]) {
		expect(packages).not.toContain(heavy);
	}
	expect(sqlite).toBe(false);
});
