/** A large file goes through the node's process as a stream. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { BigFileJob } from '../helpers/sendingBigFile';
import { Product } from '../helpers/product';
import { temporaryFolder } from '../helpers/storage';

jest.setTimeout(180_000);

let product: Product;

beforeAll(async () => {
	product = await Product.start();
});
afterAll(async () => await product.stop());

test('sending a video of 200 MB takes less than 80 MB above idle', async () => {
	const me = await product.server.phone('+1 555 010 0190', { name: 'Me' });
	const anna = await product.server.phone('+1 555 010 0191', { name: 'Anna' });
	const account = product.account();
	const runtime = product.runtime();
	await product.link(runtime, account, me);
	await runtime.close();
	const folder = temporaryFolder('big');
	try {
		const path = join(folder.path, 'video.mp4');
		const job: BigFileJob = { account, chat: '+1 555 010 0191', path, megabytes: 200 };
		const { idle, most, result } = await inOwnProcess(job);
		const got = await anna.waitForMessage(({ id }) => id === result.messageId);
		expect(Number(got.message.videoMessage?.fileLength)).toBe(200 * 1024 * 1024);
		const hash = createHash('sha256');
		for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
		const arrived = createHash('sha256').update(await anna.downloadMedia(got));
		expect(arrived.digest('hex')).toBe(hash.digest('hex'));
		expect(most - idle).toBeLessThan(80);
	} finally {
		folder.remove();
	}
});

interface Outcome {
	/** Megabytes. */
	idle: number;
	most: number;
	result: { messageId: string };
}

async function inOwnProcess(job: BigFileJob): Promise<Outcome> {
	const child = spawn(
		process.execPath,
		['--expose-gc', '--import', 'tsx', join(__dirname, '../helpers/sendingBigFile.ts')],
		{
			env: { ...process.env, ...product.server.env(), BIG: JSON.stringify(job) },
			stdio: ['ignore', 'pipe', 'inherit'],
		},
	);
	let said = '';
	for await (const chunk of child.stdout as AsyncIterable<Buffer>) said += chunk.toString('utf8');
	const outcome = JSON.parse(said) as Outcome & { error?: string };
	if (outcome.error) throw new Error(outcome.error);
	return outcome;
}
