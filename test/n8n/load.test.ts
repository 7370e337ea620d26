/**
 * A flood through an active workflow of a real n8n that is killed in the middle of it: every message
 * reaches the next node, in the order of its chat. More of them:
 * `LOAD_MESSAGES=2000 npm test -- n8n --testPathPatterns load`.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { linkByTest } from './harness/link';
import { N8n } from './harness/n8n';
import { waitFor } from './harness/wait';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 0100';
const CHATS = 20;
const EACH = Math.ceil(Number(process.env.LOAD_MESSAGES ?? 200) / CHATS);
const PER_SECOND = 100;
/** Executions that n8n may have been in the middle of when it was killed; these run again. */
const AT_ONCE = 10;

interface Line {
	id: string;
	chat: string;
	text: string;
}

let server: WhatsAppServer;
let n8n: N8n;
let receiver: Server;
let writers: Phone[];
/** What the workflow's second node has sent on, in the order of its arrival. */
const arrived: Line[] = [];

beforeAll(async () => {
	server = await WhatsAppServer.start();
	receiver = createServer((request, response) => {
		void readJson(request).then(
			(line) => {
				arrived.push(line as Line);
				response.end('{}');
			},
			// n8n was killed in the middle of it.
			() => response.destroy(),
		);
	});
	await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
	const own = await server.phone(OWN, { name: 'Olivia' });
	writers = await Promise.all(
		Array.from({ length: CHATS }, async (_, n) =>
			server.phone(`+1 555 01${10 + n}`, { name: `Writer ${n}` }),
		),
	);
	n8n = await N8n.start({ env: server.env() });
	const credential = await linkByTest(n8n.rest, own);
	const { port } = receiver.address() as AddressInfo;
	const workflow = await n8n.rest.createWorkflow(
		withCredential(
			{
				name: 'Flood',
				settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
				nodes: [
					node('Trigger', 'whatsAppLinkedTrigger', {
						events: ['message.received'],
						// The order in which executions end is then the order of the chat.
						options: { next: 'end', maxInFlight: AT_ONCE },
					}),
					{
						...node('Send on', 'n8n-nodes-base.httpRequest', {
							method: 'POST',
							url: `http://127.0.0.1:${port}/`,
							sendBody: true,
							specifyBody: 'json',
							jsonBody:
								'={{ JSON.stringify({ id: $json.id, chat: $json.chat, text: $json.text }) }}',
							options: {},
						}),
						typeVersion: 4.2,
					},
				],
				connections: { Trigger: { main: [[{ node: 'Send on', type: 'main', index: 0 }]] } },
			},
			credential,
		),
	);
	await n8n.rest.activate(workflow.id);
}, 240_000);

afterAll(async () => {
	await n8n?.stop();
	receiver?.close();
	await server?.stop();
}, 120_000);

/** All phones write, each in its own chat, so many messages a second together. */
async function flood(): Promise<void> {
	const begin = performance.now();
	for (let n = 0; n < CHATS * EACH; n++) {
		const due = begin + (1_000 * n) / PER_SECOND;
		const early = due - performance.now();
		if (early > 0) await pause(early);
		await writers[n % CHATS]!.sendText(OWN, String(Math.floor(n / CHATS)));
	}
}

const unique = () => new Map(arrived.map((line) => [line.id, line]));

/** However slow the machine is, as long as it goes on. */
async function arrival(count: number): Promise<void> {
	let before = -1;
	let since = Date.now();
	await waitFor(
		`${count} to arrive`,
		() => {
			const { size } = unique();
			if (size !== before) [before, since] = [size, Date.now()];
			if (Date.now() - since > 60_000) {
				throw new Error(`Only ${size} have arrived.\n${n8n.log().slice(-3_000)}`);
			}
			return size >= count;
		},
		{ timeoutMs: 540_000 },
	);
}

test('messages at 100 a second, n8n killed in the middle: all arrive, in order', async () => {
	const flooding = flood();
	await arrival((CHATS * EACH) / 10);
	await n8n.kill();
	await n8n.restart();
	await flooding;
	await arrival(CHATS * EACH);

	const byChat = new Map<string, number[]>();
	for (const { chat, text } of unique().values()) {
		byChat.set(chat, [...(byChat.get(chat) ?? []), Number(text)]);
	}
	const inOrder = Array.from({ length: EACH }, (_, n) => n);
	expect([...byChat.values()]).toEqual(Array.from({ length: CHATS }, () => inOrder));
	expect(arrived.length - unique().size).toBeLessThanOrEqual(AT_ONCE);
}, 600_000);
