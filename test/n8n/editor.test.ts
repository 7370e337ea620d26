/** What a person sees in n8n's editor while building and trying a workflow. */
import path from 'node:path';
import { RESOURCES } from '../../src/operations';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { Browser } from './harness/browser';
import { Editor } from './harness/editor';
import { PACKAGE_NAME } from './harness/install';
import { linkByTest, type LinkedCredential } from './harness/link';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { waitFor } from './harness/wait';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 010 0150';
const ANNA = '+1 555 010 0151';
const IMAGES = path.resolve(__dirname, '../../docs/images');
const ITEMS = 40;

let server: WhatsAppServer;
let n8n: N8n;
let browser: Browser;
let editor: Editor;
let anna: Phone;
let credential: LinkedCredential;
const console: string[] = [];

const step = story('editor', async () => ({
	'n8n.log': n8n.log(),
	'server.log': server.dump(),
	'screen.png': await editor.page.screenshot(),
}));

const chat = (value: string) => ({ __rl: true, mode: 'id', value });
const heard = () =>
	node('When a message arrives', 'whatsAppLinkedTrigger', {
		events: ['message.received'],
		filters: {},
		options: {},
	});
const answer = (to: string, text: string) =>
	node('Answer', 'whatsAppLinked', {
		resource: 'message',
		operation: 'sendText',
		chat: chat(to),
		text,
	});

/** One node after the other. */
async function create({ name, nodes, pinData }: Pick<WorkflowJson, 'name' | 'nodes' | 'pinData'>) {
	const pairs = nodes.slice(1).map((to, index) => [nodes[index]!.name, to.name] as const);
	const workflow = withCredential(
		{
			name,
			nodes: nodes.map((each, index) => ({ ...each, position: [index * 260, 0] })),
			connections: Object.fromEntries(
				pairs.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }]),
			),
		},
		credential,
	);
	const { id } = await n8n.rest.createWorkflow({ ...workflow, pinData: pinData ?? {} });
	await editor.openWorkflow(id, nodes.length);
}

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({ env: server.env() });
	anna = await server.phone(ANNA, { name: 'Anna' });
	const own = await server.phone(OWN, { name: 'Olivia' });
	// No pauses: what is looked at takes its time from the server's delay.
	credential = await linkByTest(n8n.rest, own, { safetyProfile: 'off' });
	await own.saveContact(anna, 'Anna Smith');
	browser = await Browser.start();
	editor = await Editor.logIn(browser, n8n.url, { width: 1400, height: 800 });
	editor.page.on('console', (message) => console.push(message.text()));
}, 180_000);

afterAll(async () => {
	await browser?.close();
	await n8n?.stop();
	await server?.stop();
}, 120_000);

step('n8n serves the output fields of every operation, before its first run', async () => {
	const missing: string[] = [];
	for (const { value, operations } of RESOURCES) {
		for (const { operation } of operations) {
			const place = `${PACKAGE_NAME}.whatsAppLinked/1.0.0/${value}/${operation}.json`;
			const response = await fetch(`${n8n.url}/schemas/${place}`);
			const schema = response.ok ? ((await response.json()) as { type?: string }) : undefined;
			if (schema?.type !== 'object') missing.push(`${value}.${operation}`);
		}
	}
	expect(missing).toEqual([]);
});

step('the editor shows the fields of a node that never ran to the one after it', async () => {
	await create({
		name: 'Fields',
		nodes: [
			heard(),
			answer('={{ $json.chat }}', '=Thanks for your message, {{ $json.from.name }}!'),
			node('After', 'n8n-nodes-base.noOp'),
		],
	});
	await editor.openNode('After');
	const input = editor.page.locator('[data-test-id=ndv-input-panel]');
	await input.getByText('messageId', { exact: true }).waitFor();
	expect(await input.innerText()).toMatch(/Usually outputs the following fields/);
	await editor.closeNode();
});

step('the trigger gives the latest message, and names no address without a link page', async () => {
	await anna.sendText(OWN, 'Do you have a table for two tonight?');
	await editor.openNode('When a message arrives');
	const panel = editor.page.locator('[data-test-id=ndv]');
	await panel.getByRole('button', { name: 'Execute step' }).first().click();
	await panel.getByText('Do you have a table for two tonight?').first().waitFor();
	expect(await panel.getByText('Webhook URLs').count()).toBe(0);
	await panel.getByText('Schema', { exact: true }).last().click();
	await editor.picture(path.join(IMAGES, 'trigger.png'));
	await editor.closeNode();
});

step('the answer is filled in from the fields of the message, and sent', async () => {
	await editor.openNode('Answer');
	const panel = editor.page.locator('[data-test-id=ndv]');
	await panel.getByRole('button', { name: 'Execute step' }).first().click();
	await panel.getByText('accepted').first().waitFor();
	await anna.waitForMessage(({ text }) => /^Thanks for your message, Anna/.test(text ?? ''));
	await panel.getByText('Schema', { exact: true }).last().click();
	await editor.picture(path.join(IMAGES, 'send-text.png'));
	await editor.closeNode();
});

step(
	'many items say how far they are, and afterwards how many did not go out',
	async () => {
		await create({
			name: 'Many',
			nodes: [
				node('Start', 'n8n-nodes-base.manualTrigger'),
				{ ...answer('={{ $json.to }}', 'We open at nine'), onError: 'continueRegularOutput' },
			],
			pinData: {
				Start: Array.from({ length: ITEMS }, (_, item) => ({
					json: { to: item === 7 ? '+1 555 010 0199' : ANNA },
				})),
			},
		});
		server.delay(150);
		server.rejectNext({ from: OWN, code: 479 });
		await editor.page.locator('[data-test-id=execute-workflow-button]').click();
		await waitFor('word of how far it is', () =>
			console.some((line) => /\d+ of 40 items done/.test(line)),
		);
		server.delay(0);
		await editor.openNode('Answer');
		await editor.page.getByText(/Of 40 items: .*failed/).waitFor({ timeout: 60_000 });
		expect(n8n.log()).toMatch(/\d+ of 40 items done/);
	},
	180_000,
);
