/** A message is sent once, whoever dies in the middle and however often it is tried again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../src/operations';
import type { SendingJob } from '../helpers/sendingProcess';
import { Product } from '../helpers/product';
import type { Phone } from '../whatsapp';

jest.setTimeout(120_000);

let product: Product;
let anna: Phone;

beforeAll(async () => {
	product = await Product.start();
	anna = await product.server.phone('+1 555 010 0181', { name: 'Anna' });
});
afterAll(async () => await product.stop());

class SendingProcess {
	private readonly child: ChildProcess;
	readonly result: Promise<JsonObject>;

	constructor(job: SendingJob) {
		this.child = spawn(
			process.execPath,
			['--import', 'tsx', join(__dirname, '../helpers/sendingProcess.ts')],
			{
				env: {
					...process.env,
					...product.server.env(),
					SEND: JSON.stringify(job),
				},
				stdio: ['ignore', 'pipe', 'inherit'],
			},
		);
		this.result = new Promise((resolve, reject) => {
			const lines = createInterface({ input: this.child.stdout! });
			lines.on('line', (line) => {
				const { result, error } = JSON.parse(line) as { result?: JsonObject; error?: string };
				if (result) resolve(result);
				if (error) reject(new Error(error));
			});
			lines.on('close', () => reject(new Error('It ended without a result')));
		});
		this.result.catch(() => {});
	}

	async kill(): Promise<void> {
		const ended = once(this.child, 'exit');
		this.child.kill('SIGKILL');
		await ended;
	}

	async ended(): Promise<void> {
		if (this.child.exitCode === null) await once(this.child, 'exit');
	}
}

test('a process killed between sending and the answer does not send it again', async () => {
	const me = await product.server.phone('+1 555 010 0180', { name: 'Me' });
	const account = product.account();
	const first = product.runtime();
	await product.link(first, account, me);
	await first.close();

	const job: SendingJob = {
		account,
		operation: 'message.sendPoll',
		params: {
			chat: '+1 555 010 0181',
			question: 'pay 100?',
			choices: ['yes', 'no'],
			selectable: 1,
			options: {},
		},
		idempotencyKey: 'execution-7:node-1:0:0',
	};
	const isIt = ({ message }: { message: Phone['messages'][number]['message'] }) =>
		message.pollCreationMessageV3?.name === 'pay 100?';

	product.server.withholdAcks();
	const killed = new SendingProcess(job);
	const got = await anna.waitForMessage(isIt, 60_000);
	await killed.kill();
	product.server.withholdAcks(false);

	const again = new SendingProcess(job);
	expect(await again.result).toMatchObject({ messageId: got.id, status: 'accepted' });
	await again.ended();
	expect(anna.messages.filter(isIt)).toHaveLength(1);
	// It did go out again, as the protocol asks for, under the same id and with the same secret.
	const second = await anna.waitUntil('the copy', () => anna.inbox.duplicates.find(isIt));
	expect(second.id).toBe(got.id);
	expect(second.message.messageContextInfo?.messageSecret).toEqual(
		got.message.messageContextInfo?.messageSecret,
	);

	// Once more, after its end is known: nothing goes out at all.
	const third = new SendingProcess(job);
	expect(await third.result).toMatchObject({ messageId: got.id, status: 'accepted' });
	await third.ended();
	expect(anna.messages.filter(isIt)).toHaveLength(1);
	expect(anna.inbox.duplicates.filter(isIt)).toHaveLength(1);
});

test('order is kept within a chat, and chats do not wait for each other', async () => {
	const me = await product.server.phone('+1 555 010 0182', { name: 'Me' });
	const ben = await product.server.phone('+1 555 010 0183', { name: 'Ben' });
	const runtime = product.runtime();
	const account = product.account();
	await product.link(runtime, account, me);
	const say = async (chat: string, text: string, options = {}) =>
		await product.run(runtime, account, 'message.sendText', { chat, text, options });
	await say('+1 555 010 0181', 'warm');
	await say('+1 555 010 0183', 'warm');

	// One to Anna that takes its time; what follows to her waits, Ben gets his at once.
	const slow = say('+1 555 010 0181', 'slow', { typing: 2 });
	await anna.waitUntil('typing', () =>
		anna.presence.seen.some(({ state }) => state === 'composing') ? true : undefined,
	);
	const behind = Array.from({ length: 20 }, (_none, index) =>
		say('+1 555 010 0181', `number ${index}`),
	);
	await say('+1 555 010 0183', 'at once');
	expect(anna.messages.some(({ text }) => text === 'slow')).toBe(false);
	await Promise.all([slow, ...behind]);
	await anna.waitForMessage('number 19');
	const order = anna.messages
		.map(({ text }) => text)
		.filter((text) => /^(slow|number)/.test(text ?? ''));
	expect(order).toEqual([
		'slow',
		...Array.from({ length: 20 }, (_none, index) => `number ${index}`),
	]);
	await ben.waitForMessage('at once');
});
