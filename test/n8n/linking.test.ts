/**
 * The main job as a person does it, in a real n8n with a real browser: create the credential, scan
 * the QR code that the credential test shows, have a workflow answer, and have it answer again
 * after n8n was killed, without another scan.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RedisServer } from '../helpers/redis';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { Browser } from './harness/browser';
import { readQr } from './harness/camera';
import { Editor, type CredentialDialog } from './harness/editor';
import { CREDENTIAL_TYPE } from './harness/link';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { withCredential } from './harness/workflows';

const ROOT = path.resolve(__dirname, '../..');
const example = JSON.parse(
	readFileSync(path.join(ROOT, 'examples/auto-reply.json'), 'utf8'),
) as WorkflowJson;

const OWN = '+1 555 0101';
const CUSTOMER = '+1 555 0102';

/** How blurred a hand-held phone sees a screen, in CSS pixels; it tries until one is good. */
const BLUR = [2.25, 2.5, 2.75, 3, 3.25];
const WINDOWS = [
	{ width: 1280, height: 900 },
	{ width: 1920, height: 1080 },
	{ width: 2560, height: 1440 },
];

/** With UPDATE_PICTURES=1 the picture of the README is taken anew. */
async function picture(dialog: CredentialDialog, name: string) {
	if (!process.env.UPDATE_PICTURES) return;
	const folder = path.join(ROOT, 'docs', 'images');
	mkdirSync(folder, { recursive: true });
	await dialog.screenshot(path.join(folder, name));
}

describe.each(['embedded', 'redis'] as const)('with %s storage', (storage) => {
	let redis: RedisServer | undefined;
	let server: WhatsAppServer;
	let n8n: N8n;
	let browser: Browser;
	let editor: Editor;
	let dialog: CredentialDialog;
	let own: Phone;
	let customer: Phone;
	let credentialId: string;
	let workflowId: string;
	let qr: string;
	const texts: string[] = [];

	const step = story(`linking-${storage}`, async () => ({
		'n8n.log': n8n.log(),
		'server.log': server.dump(),
		'screen.png': await editor.page.screenshot(),
	}));

	beforeAll(async () => {
		if (storage === 'redis') redis = await RedisServer.start({ aof: true });
		server = await WhatsAppServer.start();
		n8n = await N8n.start({ env: { ...server.env(), N8N_LOG_LEVEL: 'debug' } });
		own = await server.phone(OWN, { name: 'Olivia' });
		customer = await server.phone(CUSTOMER, { name: 'Carla' });
		browser = await Browser.start();
		editor = await Editor.logIn(browser, n8n.url, WINDOWS[0]);
	}, 180_000);

	afterAll(async () => {
		await browser?.close();
		await n8n?.stop();
		await server?.stop();
		await redis?.close();
	}, 120_000);

	/** The customer writes; texts are kept for the search of the log. */
	const write = async (text: string) => {
		texts.push(text);
		await customer.sendText(OWN, text);
	};
	const answersTo = (text: string) =>
		customer.messages.filter((message) => message.text?.endsWith(`You wrote: ${text}`));
	const answerTo = async (text: string) =>
		await customer.waitUntil(`the answer to "${text}"`, () => answersTo(text)[0], 30_000);

	step(
		'Save shows a QR code under "More details" that a camera reads on common screens',
		async () => {
			dialog = await editor.newCredential();
			if (redis) {
				await dialog.choose('storage', 'Redis');
				await dialog.fill('redisHost', '127.0.0.1');
				await dialog.fill('redisPort', String(redis.port));
			}
			expect(await dialog.save()).toBe('red');
			expect(await dialog.moreDetails()).toContain('Linked devices > Link a device');

			const read: Array<string | undefined> = [];
			for (const window of WINDOWS) {
				await editor.page.setViewportSize(window);
				await dialog.scrollToMessage();
				read.push(await readByCamera(await dialog.photo()));
			}
			expect(read[0]).toMatch(/^https:\/\/wa\.me\//);
			expect(read).toEqual(WINDOWS.map(() => read[0]));
			qr = read[0]!;

			await editor.page.setViewportSize(WINDOWS[0]!);
			await dialog.scrollToMessage();
			if (storage === 'embedded') await picture(dialog, 'link-qr.png');
		},
	);

	step('a workflow becomes active before the number is linked', async () => {
		const [credential] = await n8n.rest.get<Array<{ id: string; name: string }>>('/credentials');
		credentialId = credential!.id;
		const workflow = await n8n.rest.createWorkflow(
			withCredential(example, { ...credential!, type: CREDENTIAL_TYPE, data: {} }),
		);
		workflowId = workflow.id;
		await n8n.rest.activate(workflowId);
	});

	step('Retry turns green once the phone has scanned the code', async () => {
		const companion = await own.scan(qr);
		await companion.ready;
		expect(await dialog.retry()).toBe('green');
	});

	step('the workflow answers messages', async () => {
		await write('Hello');
		expect((await answerTo('Hello')).fromPhone).toBe(own.number);
		await n8n.rest.waitForExecutions(workflowId, 1);
		await write('Are you open on Tuesday?');
		await answerTo('Are you open on Tuesday?');
	});

	step('after kill -9 and a new start it answers the next message, without a scan', async () => {
		await n8n.kill();
		await n8n.restart();
		await write('Are you open on Wednesday?');
		await answerTo('Are you open on Wednesday?');
		expect(own.companions).toHaveLength(1);
	});

	step('it answers what was written while n8n was dead', async () => {
		await n8n.kill();
		await write('Is anybody there?');
		await n8n.restart();
		await answerTo('Is anybody there?');
	});

	if (storage === 'redis') {
		step('it goes on when Redis was away', async () => {
			await redis!.stop();
			await write('Where is Redis?');
			await redis!.restart();
			await answerTo('Where is Redis?');
		});
	}

	step('what was answered before a crash is not answered again', () => {
		// Only an execution that the kill may have met on its way runs again (After a Crash, Run Again).
		expect(answersTo('Hello')).toHaveLength(1);
		expect(answersTo('Is anybody there?')).toHaveLength(1);
	});

	step('the dialog of the linked credential is green as soon as it is opened', async () => {
		const reopened = await editor.openCredential(credentialId);
		expect(await reopened.outcome()).toBe('green');
	});

	step('n8n has logged no key, no QR content and no message text', () => {
		const log = n8n.log();
		expect(log).toContain('whatsapp-linked');
		const parts = qr.split(/[#,]/).filter((part) => part.length >= 16);
		expect(parts.length).toBeGreaterThanOrEqual(4); // address, reference and three keys
		const secrets = [...texts, ...parts.slice(1)];
		expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
		expect(
			/Closing session|SessionEntry|privKey|rootKey|chainKey|ephemeralKeyPair|<Buffer|█/.exec(log),
		).toBeNull();
	});

	step('the stand-in was asked nothing that it does not know', () => {
		expect(server.unknownQueries).toEqual([]);
		expect(server.failures).toEqual([]);
	});
});

/** Holds the camera at the screen until it has read something. */
async function readByCamera(screen: Buffer): Promise<string | undefined> {
	for (const sigma of BLUR) {
		const text = await readQr(screen, sigma);
		if (text) return text;
	}
	return undefined;
}
