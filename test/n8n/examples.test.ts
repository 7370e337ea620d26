/** The example workflows, run as they are in a real n8n; mail and models are servers of the test. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { Browser } from './harness/browser';
import { Editor } from './harness/editor';
import { example, EXAMPLES, fill, nodeOf, type Chosen } from './harness/examples';
import { PACKAGE_NAME } from './harness/install';
import { CREDENTIAL_TYPE, linkByTest } from './harness/link';
import { MailServer } from './harness/mail';
import { LanguageModel, type Asked, type Says } from './harness/model';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { waitFor } from './harness/wait';

const OWN = '+1 555 010 0130';
const OURS = new RegExp(`^${PACKAGE_NAME}\\.`);

let server: WhatsAppServer;
let n8n: N8n;
let mail: MailServer;
let own: Phone;
let anna: Phone;
let ben: Phone;
let whatsApp: Chosen;
let smtp: Chosen;
let openAi: Chosen;
let model: LanguageModel;
let says: (asked: Asked) => Says;

const step = story('examples', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

const ours = (chosen: Chosen) => ({ [CREDENTIAL_TYPE]: { nodes: OURS, chosen } });

async function publish(workflow: WorkflowJson): Promise<string> {
	const { id } = await n8n.rest.createWorkflow(workflow);
	await n8n.rest.activate(id);
	return id;
}

const textsOf = (phone: Phone) => phone.messages.map(({ text }) => text);
const got = async (phone: Phone, text: string, times = 1) =>
	await phone.waitUntil(
		`"${text}"`,
		() => textsOf(phone).filter((each) => each === text)[times - 1],
		30_000,
	);

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({ env: server.env() });
	mail = await MailServer.start();
	model = await LanguageModel.start((asked) => says(asked));
	own = await server.phone(OWN, { name: 'Olivia' });
	anna = await server.phone('+1 555 010 0131', { name: 'Anna' });
	ben = await server.phone('+1 555 010 0132', { name: 'Ben' });
	const { id, name } = await linkByTest(n8n.rest, own);
	whatsApp = { id, name };
	smtp = await n8n.rest.createCredential({ name: 'Mail', type: 'smtp', data: mail.credential });
	openAi = await n8n.rest.createCredential({
		name: 'Model',
		type: 'openAiApi',
		data: model.credential,
	});
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await mail?.stop();
	await model?.stop();
	await server?.stop();
}, 120_000);

step('busy: one answer per chat and period, none to exceptions or in free hours', async () => {
	const workflow = example('busy-auto-reply', ours(whatsApp));
	// No period ends in the middle of the test.
	const always = { busyFrom: '00:00', oncePerHours: 1_000_000, answer: 'I am off.' };
	fill(workflow, 'Settings', { ...always, never: `${ben.lid}` });
	const id = await publish(workflow);
	await anna.sendText(OWN, 'Hello?');
	await got(anna, 'I am off.');
	await anna.sendText(OWN, 'Are you there?');
	await ben.sendText(OWN, 'Hi');
	await n8n.rest.waitForExecutions(id, 3);
	expect(textsOf(anna).filter((text) => text === 'I am off.')).toHaveLength(1);
	expect(textsOf(ben)).not.toContain('I am off.');
	await n8n.rest.deactivate(id);

	const free = example('busy-auto-reply', ours(whatsApp));
	fill(free, 'Settings', { busyFrom: '24:00', busyUntil: '00:00', busyAllWeekend: false });
	const never = await publish(free);
	await anna.sendText(OWN, 'And now?');
	await n8n.rest.waitForExecutions(never, 1);
	expect(textsOf(anna).filter((text) => text === 'I am off.')).toHaveLength(1);
	await n8n.rest.deactivate(never);
});

step('approval: one tap in the chat with oneself decides', async () => {
	const id = await publish(example('approval-in-chat', ours(whatsApp)));
	await anna.sendText(OWN, '/buy 10 chairs');
	const first = await own.waitForMessage(({ message }) =>
		Boolean(message.pollCreationMessageV3?.name?.endsWith('10 chairs')),
	);
	await own.vote(first, ['Buy it']);
	await got(anna, 'Approved, it will be bought.');
	await ben.sendText(OWN, '/buy a boat');
	const second = await own.waitForMessage(({ message }) =>
		Boolean(message.pollCreationMessageV3?.name?.endsWith('a boat')),
	);
	await own.react(second, '👎');
	await got(ben, 'Not this time, sorry.');
	await n8n.rest.deactivate(id);
});

step('broadcast: who opted in gets each campaign once, however often it is run', async () => {
	const workflow = example('opt-in-broadcast', ours(whatsApp));
	const { id } = await n8n.rest.createWorkflow(workflow);
	expect((await n8n.rest.runToEnd(id, 'Set up the table')).status).toBe('success');
	await n8n.rest.activate(id);
	for (const phone of [anna, ben]) {
		await phone.sendText(OWN, '/news');
		await got(phone, 'You are subscribed. Write /stop to leave.');
	}
	await ben.sendText(OWN, '/stop');
	await got(ben, 'You will get no more news.');

	const { text } = Object.fromEntries(
		(
			nodeOf(workflow, 'Campaign').parameters as unknown as {
				assignments: { assignments: Array<{ name: string; value: string }> };
			}
		).assignments.assignments.map(({ name, value }) => [name, value]),
	);
	for (let run = 0; run < 2; run++) {
		expect((await n8n.rest.runToEnd(id, 'Start broadcast')).status).toBe('success');
		await got(anna, text!);
	}
	expect(textsOf(anna).filter((each) => each === text)).toHaveLength(1);
	expect(textsOf(ben)).not.toContain(text);
	await n8n.rest.deactivate(id);
});

step('health alert: an e-mail says that the number was unlinked', async () => {
	const pete = await server.phone('+1 555 010 0133', { name: 'Pete' });
	const other = await linkByTest(n8n.rest, pete);
	const smtp = await n8n.rest.createCredential({
		name: 'Mail',
		type: 'smtp',
		data: mail.credential,
	});
	const id = await publish(
		example('account-health-alert', {
			...ours({ id: other.id, name: other.name }),
			smtp: { nodes: /emailSend$/, chosen: smtp },
		}),
	);
	pete.unlink();
	const letter = await mail.waitFor(/account\.loggedOut/);
	expect(letter).toMatch(/Subject: WhatsApp needs you: account\.loggedOut/);
	await n8n.rest.deactivate(id);
});

const withModel = () => ({
	...ours(whatsApp),
	openAiApi: { nodes: /langchain\.(lmChatOpenAi|openAi)$/, chosen: openAi },
});

step('digest: what was said in the group is summarised, by WhatsApp and by e-mail', async () => {
	const group = await own.createGroup('Choir', [anna, ben]);
	await anna.sendText(group, 'Rehearsal is on Friday at seven');
	await ben.sendText(group, 'I bring the notes');
	says = ({ turns }) => {
		const asked = turns.map(({ text }) => text).join('\n');
		return { text: /Anna: Rehearsal.*Ben: I bring/s.test(asked) ? 'Friday at seven.' : 'Nothing.' };
	};
	const workflow = example('daily-group-digest', {
		...withModel(),
		smtp: { nodes: /emailSend$/, chosen: smtp },
	});
	fill(workflow, 'Settings', { group, sendTo: ben.lid });
	const first = await n8n.rest.createWorkflow(workflow);
	await waitFor('the digest', async () => {
		await n8n.rest.runToEnd(first.id, 'Every evening');
		return textsOf(ben).includes('*Digest*\nFriday at seven.');
	});
	fill(workflow, 'Settings', { sendBy: 'email' });
	const second = await n8n.rest.createWorkflow(workflow);
	expect((await n8n.rest.runToEnd(second.id, 'Every evening')).status).toBe('success');
	expect(await mail.waitFor(/Group digest/)).toContain('Friday at seven.');
});

step(
	'assistant: searches the chats, describes a picture and writes a voice note down',
	async () => {
		await anna.sendText(OWN, 'The restaurant was Chez Marie at the harbour');
		const workflow = example('personal-assistant', withModel());
		const { id } = await n8n.rest.createWorkflow(workflow);
		expect((await n8n.rest.runToEnd(id, 'Set up the table')).status).toBe('success');
		await n8n.rest.activate(id);

		says = ({ turns, tools }) => {
			const found = turns.findLast(({ role }) => role === 'tool');
			if (found)
				return { text: found.text.includes('Chez Marie') ? 'It was Chez Marie.' : 'No idea.' };
			return { call: tools[0]!.name, with: { words: 'restaurant' } };
		};
		await own.sendText(own.jid, 'What was that restaurant we talked about?');
		await got(own, 'It was Chez Marie.');

		says = ({ hasImage }) => ({ text: hasImage ? 'A red square.' : 'No picture.' });
		const red = { create: { width: 32, height: 32, channels: 3 as const, background: '#f00' } };
		await own.sendImage(own.jid, await sharp(red).jpeg().toBuffer());
		await got(own, 'A red square.');

		model.transcript = 'Buy milk';
		await own.sendMedia(own.jid, 'audio', Buffer.from('OggS, so to speak'), { voice: true });
		await got(own, '📝 Buy milk');
		await n8n.rest.deactivate(id);
		// Its own answers are no questions.
		expect(await n8n.rest.executions(id)).toHaveLength(4);
	},
);

/** What lies over the canvas. */
const BUTTONS =
	'.vue-flow__panel, .vue-flow__panel *, [class*=_executionButtons_], [class*=_executionButtons_] *, [data-test-id=canvas-controls] *, [class*=_nodeButtonsWrapper_] *, :has(> [role=radiogroup]), [role=radiogroup], [role=radiogroup] *';

/** Not a test of its own: with UPDATE_PICTURES=1 the pictures of the README are taken anew. */
async function takePictures() {
	const browser = await Browser.start();
	try {
		const editor = await Editor.logIn(browser, n8n.url, { width: 1400, height: 700 });
		for (const name of EXAMPLES) {
			const workflow = example(name, ours(whatsApp));
			const { id } = await n8n.rest.createWorkflow(workflow);
			const wanted = workflow.nodes.filter(({ type }) => !type.endsWith('.stickyNote'));
			const shown = await editor.openWorkflow(id, wanted.length);
			expect(shown).toEqual(expect.arrayContaining(wanted.map((node) => node.name)));
			expect(await editor.page.getByText('is not currently installed').count()).toBe(0);
			const folder = path.resolve(__dirname, '../../docs/images/examples');
			mkdirSync(folder, { recursive: true });
			await editor.page.locator('[data-test-id=canvas]').screenshot({
				path: path.join(folder, `${name}.png`),
				animations: 'disabled',
				style: `${BUTTONS} { visibility: hidden !important }`,
			});
		}
	} finally {
		await browser.close();
	}
}

if (process.env.UPDATE_PICTURES) {
	step('every example opens in the editor', takePictures, 600_000);
}
