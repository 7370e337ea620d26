/** The link page of the trigger, as the owner of a number sees it on a laptop and on a phone. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { Browser, type Page } from './harness/browser';
import { readQr } from './harness/camera';
import { CREDENTIAL_TYPE } from './harness/link';
import { N8n } from './harness/n8n';
import { story } from './harness/story';
import { waitFor } from './harness/wait';
import { node, withCredential } from './harness/workflows';

const WEBHOOK_ID = '5f1d9f0a-6c58-4a51-9c1f-0a2b3c4d5e6f';

let server: WhatsAppServer;
let n8n: N8n;
let browser: Browser;
let olivia: Phone;
let pete: Phone;

const step = story('link-page', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

const address = () => `${n8n.url}/webhook/${WEBHOOK_ID}/link-whatsapp`;

/** A published workflow with the trigger and a credential of its own that is not linked. */
async function publish(
	name: string,
	linkPage: boolean,
): Promise<{ credential: string; workflow: string }> {
	const made = await n8n.rest.createCredential({ name, type: CREDENTIAL_TYPE, data: {} });
	const trigger = node('Trigger', 'whatsAppLinkedTrigger', {
		events: ['message.received'],
		options: linkPage ? { linkPage } : {},
	});
	const { id } = await n8n.rest.createWorkflow(
		withCredential(
			{
				name,
				nodes: [{ ...trigger, webhookId: WEBHOOK_ID }, node('Then', 'n8n-nodes-base.noOp')],
				connections: { Trigger: { main: [[{ node: 'Then', type: 'main', index: 0 }]] } },
			},
			{ id: made.id, name, type: CREDENTIAL_TYPE, data: {} },
		),
	);
	await n8n.rest.activate(id);
	return { credential: made.id, workflow: id };
}

async function picture(page: Page, name: string) {
	if (!process.env.UPDATE_PICTURES) return;
	const folder = path.resolve(__dirname, '../../docs/images');
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: path.join(folder, name) });
}

const qrOn = async (page: Page) => await readQr(await page.locator('#qr').screenshot(), 1.5);

beforeAll(async () => {
	server = await WhatsAppServer.start({ qrFirstMs: 8_000, qrNextMs: 400 });
	n8n = await N8n.start({ env: server.env() });
	browser = await Browser.start();
	olivia = await server.phone('+1 555 010 0121', { name: 'Olivia' });
	pete = await server.phone('+1 555 010 0122', { name: 'Pete' });
}, 180_000);

afterAll(async () => {
	await browser?.close();
	await n8n?.stop();
	await server?.stop();
}, 120_000);

step('there is no page unless the option is on', async () => {
	const { workflow } = await publish('Off', false);
	expect((await fetch(address())).status).toBe(404);
	await n8n.rest.deactivate(workflow);
});

step(
	'a crisp QR is shown that renews itself, and the page closes when it was scanned',
	async () => {
		const { workflow } = await publish('Scanned', true);
		const page = await browser.open({ width: 1024, height: 768, scale: 2 });
		const problems: string[] = [];
		page.on('console', (message) => {
			if (message.type() === 'error') problems.push(message.text());
		});
		await page.goto(address());
		await page.locator('#qr').waitFor();
		await picture(page, 'link-page.png');
		const first = await qrOn(page);
		expect(first).toMatch(/^https:\/\/wa\.me\//);
		const second = await waitFor('another code', async () => {
			const now = await qrOn(page);
			return now !== undefined && now !== first && now;
		});
		const companion = await olivia.scan(second);
		await companion.ready;
		await page.getByText('Connected as').waitFor();
		expect(await page.locator('main').innerText()).not.toContain(olivia.number);
		expect(await page.locator('#qr').isVisible()).toBe(false);
		expect(problems).toEqual([]);

		// Whoever opens it later sees no code any more.
		const later = await browser.open();
		await later.goto(address());
		await later.getByText('Connected as').waitFor();
		await n8n.rest.deactivate(workflow);
	},
);

step('on the phone itself a code is typed instead', async () => {
	await publish('Typed', true);
	const page = await browser.open({ width: 390, height: 844, colorScheme: 'dark', scale: 2 });
	await page.goto(address());
	await page.getByText('Use a code instead').click();
	await page.getByPlaceholder('+1 555').fill('12');
	await page.getByRole('button', { name: 'Get code' }).click();
	await page
		.getByRole('alert')
		.filter({ hasText: /digits/ })
		.waitFor();
	await page.getByPlaceholder('+1 555').fill('+1 555 010 0122');
	await page.getByRole('button', { name: 'Get code' }).click();
	const code = page.locator('#code');
	await code.waitFor();
	await picture(page, 'link-page-code.png');
	await pete.enterCode((await code.innerText()).replace('-', ''));
	await page.getByText('Connected as').waitFor();
});

step('nothing of it reaches the log', () => {
	expect(n8n.log()).not.toMatch(/wa\.me|linked_devices#/);
});
