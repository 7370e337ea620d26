/** n8n in queue mode: PostgreSQL, Redis, a main process, a worker and a webhook processor. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { CREDENTIAL_TYPE, linkByTest, type LinkedCredential } from './harness/link';
import { N8nQueue } from './harness/queue';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { withCredential } from './harness/workflows';

const example = JSON.parse(
	readFileSync(path.resolve(__dirname, '../../examples/auto-reply.json'), 'utf8'),
) as WorkflowJson;

const OWN = '+1 555 0105';

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
		n8n = await N8nQueue.start({ env: server.env(), workers: 1, webhooks: 1 });
		own = await server.phone(OWN, { name: 'Olivia' });
		customer = await server.phone('+1 555 0106', { name: 'Carla' });
	}, 300_000);

	afterAll(async () => {
		await n8n?.stop();
		await server?.stop();
	}, 180_000);

	const answerTo = async (text: string) => {
		await customer.sendText(OWN, text);
		await customer.waitUntil(
			`the answer to "${text}"`,
			() => customer.messages.find((message) => message.text?.endsWith(text)),
			60_000,
		);
	};

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

	step('a message is heard in main and answered by the worker', async () => {
		const workflow = await n8n.main.rest.createWorkflow(withCredential(example, credential));
		workflowId = workflow.id;
		await n8n.main.rest.activate(workflowId);
		await answerTo('Who answers?');
		await n8n.main.rest.waitForExecutions(workflowId, 1);
		expect(n8n.workers[0]!.log()).toMatch(/Worker finished execution/);
	});

	step('it goes on after the worker was killed', async () => {
		const worker = n8n.workers[0]!;
		await worker.end('SIGKILL');
		await worker.launch();
		await answerTo('And after the worker?');
	});

	step('it goes on after main was killed, without a scan', async () => {
		await n8n.main.kill();
		await n8n.main.restart();
		await answerTo('And after main?');
		expect(own.companions).toHaveLength(1);
	});
});
