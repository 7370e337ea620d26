/**
 * The main job without a phone: a real n8n, a stand-in for WhatsApp, two simulated phones and the
 * auto-reply workflow; everything that they write to each other is printed.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { N8n } from '../../test/n8n/harness/n8n';
import { linkByTest } from '../../test/n8n/harness/link';
import { withCredential } from '../../test/n8n/harness/workflows';
import { OWNER, type WorkflowJson } from '../../test/n8n/harness/rest';
import { WhatsAppServer, type Phone } from '../../test/whatsapp';

const EXAMPLE = path.resolve(__dirname, '../../examples/auto-reply.json');
const ONCE = process.argv.includes('--once');

/** The linked number, and a customer who writes to it. */
const SHOP = '+1 555 0101';
const CUSTOMER = '+1 555 0102';

async function demo(stopped: Promise<unknown>) {
	console.log('\nStarting the stand-in for WhatsApp and n8n ...');
	const server = await WhatsAppServer.start();
	const n8n = await N8n.start({ env: server.env() }).catch(async (error: unknown) => {
		await server.stop();
		throw error;
	});
	try {
		const shop = await server.phone(SHOP, { name: 'Shop' });
		const customer = await server.phone(CUSTOMER, { name: 'Carla' });

		const credential = await linkByTest(n8n.rest, shop);
		console.log(`The phone ${SHOP} has scanned the QR code of the credential test: linked.`);

		const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as WorkflowJson;
		const workflow = await n8n.rest.createWorkflow(withCredential(example, credential));
		await n8n.rest.activate(workflow.id);
		console.log(`The workflow "${example.name}" is active.\n`);

		const printing = printReplies(customer).catch(() => undefined); // ends with the server
		await say(customer, 'Hello, are you open tomorrow?');
		await customer.waitForMessage(() => true);
		if (ONCE) return;
		console.log(`
n8n: ${n8n.url} (${OWNER.email} / ${OWNER.password})
Type a text and press Enter to write as the customer; Ctrl-C ends the demo and removes its data.
`);
		const lines = createInterface({ input: process.stdin });
		lines.on('line', (line) => void say(customer, line).catch((error) => console.error(error)));
		await Promise.race([stopped, printing]);
		lines.close();
	} finally {
		await n8n.stop();
		await server.stop();
	}
}

async function say(customer: Phone, text: string) {
	if (!text.trim()) return;
	print('Carla', text);
	await customer.sendText(SHOP, text);
}

/** Prints what the customer's phone receives, as it comes. */
async function printReplies(customer: Phone) {
	for (let seen = 0; ; seen++) {
		const message = await customer.waitUntil(
			'the next message',
			() => customer.messages[seen],
			2 ** 31 - 1,
		);
		print('Shop', message.text ?? '(no text)');
	}
}

const print = (who: string, text: string) =>
	console.log(`${new Date().toLocaleTimeString()}  ${who.padEnd(6)} ${text}`);

const stopped = new Promise((resolve) => {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
});

demo(stopped).then(
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
