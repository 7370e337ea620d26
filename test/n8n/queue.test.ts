/**
 * n8n in queue mode: PostgreSQL, Redis, a main process, two workers and a webhook processor. The
 * process that owns the number is found out and killed, whichever it is.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { CREDENTIAL_TYPE, linkByTest, type LinkedCredential } from './harness/link';
import { N8nQueue, type Member } from './harness/queue';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { waitFor } from './harness/wait';
import { node, withCredential } from './harness/workflows';

const example = JSON.parse(
	readFileSync(path.resolve(__dirname, '../../examples/auto-reply.json'), 'utf8'),
) as WorkflowJson;

const OWN = '+1 555 010 0105';
const CUSTOMER = '+1 555 010 0106';
const PATIENCE_MS = 60_000;

describe('in queue mode', () => {
	let server: WhatsAppServer;
	let n8n: N8nQueue;
	let own: Phone;
	let customer: Phone;
	let credential: LinkedCredential;
	let workflowId: string;

	const step = story('queue', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

	beforeAll(async () => {
		server = await WhatsAppServer.start();
		n8n = await N8nQueue.start({
			env: {
				...server.env(),
				// n8n notices a killed worker after a minute and a half unless told otherwise.
				QUEUE_WORKER_LOCK_DURATION: '6000',
				QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
				QUEUE_WORKER_STALLED_INTERVAL: '3000',
			},
			workers: 2,
			webhooks: 1,
		});
		own = await server.phone(OWN, { name: 'Olivia' });
		customer = await server.phone(CUSTOMER, { name: 'Carla' });
	}, 300_000);

	afterAll(async () => {
		await n8n?.stop();
		await server?.stop();
	}, 180_000);

	const asked: string[] = [];
	const ask = async (text: string) => {
		asked.push(text);
		await customer.sendText(OWN, text);
	};
	const answersTo = (text: string) =>
		customer.messages.filter((message) => message.text?.endsWith(`You wrote: ${text}`));
	const answered = async (text: string) =>
		await waitFor(`the answer to "${text}"`, () => answersTo(text).length > 0, {
			timeoutMs: PATIENCE_MS,
		});
	const owner = async (among: readonly Member[] = n8n.members()) =>
		await waitFor(
			`an owner among ${among.map(({ name }) => name).join(', ')}`,
			() => {
				const pid = n8n.ownerOf(credential.id);
				return among.find((member) => member.pid === pid);
			},
			{ timeoutMs: PATIENCE_MS, describe: () => `It is process ${n8n.ownerOf(credential.id)}` },
		);
	const workers = () => n8n.members().filter(({ name }) => name.startsWith('worker'));
	const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

	step('embedded storage is refused with an explanation', async () => {
		const embedded = { name: 'Embedded', type: CREDENTIAL_TYPE, data: { storage: 'embedded' } };
		const { id } = await n8n.main.rest.createCredential(embedded);
		const { status, message } = await n8n.main.rest.testCredential({ ...embedded, id });
		expect(status).toBe('Error');
		expect(message).toMatch(/cannot be used in queue mode.*Redis/s);
	});

	step('automatic storage is the Redis of the queue', async () => {
		credential = await linkByTest(n8n.main.rest, own);
		expect(n8n.redis.cli('--scan', '--pattern', 'whatsapp-linked*')).not.toBe('');
	});

	step('messages are heard in main and answered by both workers', async () => {
		const workflow = await n8n.main.rest.createWorkflow(withCredential(example, credential));
		workflowId = workflow.id;
		await n8n.main.rest.activate(workflowId);
		const idle = () => n8n.workers.filter((each) => !/Worker finished execution/.test(each.log()));
		for (let n = 1; n < 20 && idle().length > 0; n++) {
			await ask(`Question ${n}`);
			await answered(`Question ${n}`);
		}
		expect(idle()).toEqual([]);
		expect((await owner()).name).toBe('main');
	});

	step('the webhook processor takes a call, and a worker sends', async () => {
		const { id } = await n8n.main.rest.createWorkflow(
			withCredential(
				{
					name: 'Order',
					nodes: [
						{
							...node('Call', 'n8n-nodes-base.webhook', { path: 'order', httpMethod: 'POST' }),
							typeVersion: 2,
							webhookId: 'order',
						},
						node('Tell', 'whatsAppLinked', {
							resource: 'message',
							operation: 'sendText',
							chat: { __rl: true, mode: 'id', value: CUSTOMER },
							text: '=Your order: {{ $json.body.what }}',
						}),
					],
					connections: { Call: { main: [[{ node: 'Tell', type: 'main', index: 0 }]] } },
				},
				credential,
			),
		);
		await n8n.main.rest.activate(id);
		const call = await fetch(`${n8n.webhooks[0]!.url}/webhook/order`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ what: 'tea' }),
		});
		expect(call.status).toBe(200);
		await customer.waitForMessage('Your order: tea');
	});

	step('the owner, main, is killed: a worker owns the number, and nothing is lost', async () => {
		const before = await owner();
		expect(before.name).toBe('main');
		const since = Date.now();
		await before.kill();
		await ask('While main is dead?');
		const next = await owner(workers());
		console.log(`a worker owns the number ${seconds(since)} after kill -9 of main`);
		await before.restart();
		await answered('While main is dead?');
		await ask('And after main?');
		await answered('And after main?');
		expect((await owner()).name).toBe(next.name);
	});

	step('the owner, a worker, is killed in the middle of sending', async () => {
		const before = await owner(workers());
		server.withholdAcks(OWN);
		for (const n of [1, 2, 3]) await ask(`In the middle ${n}?`);
		// They are out, and nobody but the phone of the customer knows.
		for (const n of [1, 2, 3]) await answered(`In the middle ${n}?`);
		const since = Date.now();
		await before.kill();
		server.withholdAcks(false);
		await ask('Who is left?');
		await owner(n8n.members().filter(({ name }) => name !== before.name));
		console.log(
			`another process owns the number ${seconds(since)} after kill -9 of ${before.name}`,
		);
		await answered('Who is left?');
	});

	step('every message was answered once, and every execution came to an end', async () => {
		// Repeats of a message come before this one.
		await ask('Anything else?');
		await answered('Anything else?');
		expect(asked.map((text) => [text, answersTo(text).length])).toEqual(
			asked.map((text) => [text, 1]),
		);
		expect(own.companions).toHaveLength(1);
		// The execution that died with its worker has failed; another one has done its work.
		const statuses = async () =>
			(await n8n.main.rest.executions(workflowId)).map(({ status }) => status);
		await waitFor(
			'an execution for each message to succeed',
			async () =>
				(await statuses()).filter((status) => status === 'success').length === asked.length,
			{ timeoutMs: PATIENCE_MS },
		);
		console.log(`executions: ${(await statuses()).join(' ')}`);
	});

	step(
		'another main takes over, at first beside the former one: each message is answered once',
		async () => {
			const { former } = await n8n.addMain();
			for (const n of [1, 2, 3, 4, 5]) await ask(`Two mains ${n}?`);
			await answered('Two mains 5?');
			for (const n of [1, 2, 3]) await ask(`One of them dies ${n}?`);
			await former.kill();
			for (const n of [4, 5, 6]) await ask(`One of them dies ${n}?`);
			await answered('One of them dies 6?');
			// Repeats of a message come before this one.
			await ask('Are you the only one?');
			await answered('Are you the only one?');
			expect(asked.map((text) => [text, answersTo(text).length])).toEqual(
				asked.map((text) => [text, 1]),
			);
			expect(own.companions).toHaveLength(1);
		},
	);

	step('the owner is stopped in good order, and the number changes hands at once', async () => {
		const before = await owner();
		const others = n8n.members().filter(({ name, pid }) => pid && name !== before.name);
		const since = Date.now();
		const stopped = before.stop();
		const next = await owner(others);
		console.log(`${next.name} owns the number ${seconds(since)} after SIGTERM of ${before.name}`);
		await stopped;
		console.log(`${before.name} was gone ${seconds(since)} after SIGTERM`);
		expect(own.companions).toHaveLength(1);
	});
});
