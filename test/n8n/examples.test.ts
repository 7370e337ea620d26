/** The example workflows, run as they are in a real n8n; only mail goes to a server of the test. */
import { WhatsAppServer, type Phone } from '../whatsapp';
import { example, fill, nodeOf, type Chosen } from './harness/examples';
import { PACKAGE_NAME } from './harness/install';
import { CREDENTIAL_TYPE, linkByTest } from './harness/link';
import { MailServer } from './harness/mail';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';

const OWN = '+1 555 010 0130';
const OURS = new RegExp(`^${PACKAGE_NAME}\\.`);

let server: WhatsAppServer;
let n8n: N8n;
let mail: MailServer;
let own: Phone;
let anna: Phone;
let ben: Phone;
let whatsApp: Chosen;

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
	own = await server.phone(OWN, { name: 'Olivia' });
	anna = await server.phone('+1 555 010 0131', { name: 'Anna' });
	ben = await server.phone('+1 555 010 0132', { name: 'Ben' });
	const { id, name } = await linkByTest(n8n.rest, own);
	whatsApp = { id, name };
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await mail?.stop();
	await server?.stop();
}, 120_000);

step('busy: one answer per chat and period, none to exceptions or in free hours', async () => {
	const workflow = example('busy-auto-reply', ours(whatsApp));
	const always = { busyFrom: '00:00', answer: 'I am off.' };
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
			smtp: { nodes: /emailSend$/, chosen: { id: smtp.id, name: smtp.name } },
		}),
	);
	pete.unlink();
	const letter = await mail.waitFor(/account\.loggedOut/);
	expect(letter).toMatch(/Subject: WhatsApp needs you: account\.loggedOut/);
	await n8n.rest.deactivate(id);
});
