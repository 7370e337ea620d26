/** Send and Wait for Response in a real n8n without a public address: asked and answered in the chat. */
import type { IDataObject } from 'n8n-workflow';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { linkByTest, type LinkedCredential } from './harness/link';
import { N8n } from './harness/n8n';
import { story } from './harness/story';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 010 0110';

let server: WhatsAppServer;
let n8n: N8n;
let own: Phone;
let anna: Phone;
let ben: Phone;
let credential: LinkedCredential;
let workflowId: string;

const step = story('send-and-wait', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

const locator = (value: string) => ({ __rl: true, mode: 'id', value });

/** A workflow with a Send and Wait node and one after it; returns the id of its waiting execution. */
async function ask(parameters: IDataObject): Promise<string> {
	const workflow = await n8n.rest.createWorkflow(
		withCredential(
			{
				name: 'Ask',
				nodes: [
					node('Start', 'n8n-nodes-base.manualTrigger'),
					node('Ask', 'whatsAppLinked', {
						resource: 'message',
						operation: 'sendAndWait',
						...parameters,
					} as never),
					node('Then', 'n8n-nodes-base.noOp'),
				],
				connections: {
					Start: { main: [[{ node: 'Ask', type: 'main', index: 0 }]] },
					Ask: { main: [[{ node: 'Then', type: 'main', index: 0 }]] },
				},
			},
			credential,
		),
	);
	workflowId = workflow.id;
	return await n8n.rest.run(workflowId, 'Start');
}

/** What the node after it got. */
async function outcome(executionId: string): Promise<IDataObject> {
	const { status, data } = await n8n.rest.waitForEnd(executionId);
	expect(status).toBe('success');
	return data.resultData.runData.Then![0]!.data!.main![0]![0]!.json;
}

beforeAll(async () => {
	server = await WhatsAppServer.start();
	n8n = await N8n.start({
		// Nobody can reach it, and nobody has to.
		env: { ...server.env(), N8N_WEBHOOK_URL: 'https://n8n.invalid/' },
	});
	own = await server.phone(OWN, { name: 'Olivia' });
	anna = await server.phone('+1 555 010 0111', { name: 'Anna' });
	ben = await server.phone('+1 555 010 0112', { name: 'Ben' });
	credential = await linkByTest(n8n.rest, own);
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await server?.stop();
}, 120_000);

step('a vote approves', async () => {
	const execution = await ask({ chat: locator(anna.number), message: 'Send the offer?' });
	const poll = await anna.waitForMessage(({ message }) => message.pollCreationMessageV3 != null);
	await n8n.rest.waitForExecutions(workflowId, 1, 'waiting');
	await anna.vote(poll, ['Approve']);
	expect(await outcome(execution)).toMatchObject({
		data: { approved: true },
		answered: true,
		answeredWith: 'vote',
		answeredBy: { lid: anna.lid },
	});
});

step('an answer that is there at once is not missed', async () => {
	const asked = anna.waitForMessage(({ text }) => text?.startsWith('Quick?') === true);
	const [execution, question] = await Promise.all([
		ask({ chat: locator(anna.number), message: 'Quick?', options: { askWith: 'text' } }),
		asked,
	]);
	await anna.react(question, '👎');
	expect(await outcome(execution)).toMatchObject({
		data: { approved: false },
		answeredWith: 'reaction',
	});
});

step('after kill -9 in the middle, without any trigger, the answer still arrives', async () => {
	const execution = await ask({
		chat: locator(anna.number),
		message: 'Which restaurant?',
		responseType: 'freeText',
	});
	await anna.waitForMessage(({ text }) => text === 'Which restaurant?');
	await n8n.rest.waitForExecutions(workflowId, 1, 'waiting');
	await n8n.kill();
	await anna.sendText(OWN, 'The one at the harbour');
	await n8n.restart();
	expect(await outcome(execution)).toMatchObject({
		data: { text: 'The one at the harbour' },
		answeredWith: 'message',
	});
});

step('in a group only the person named decides, and others are not heard', async () => {
	const group = await own.createGroup('Team', [anna, ben]);
	const execution = await ask({
		chat: locator(group),
		message: 'When do we deliver?',
		responseType: 'choice',
		answerChoices: { choice: [{ text: 'Today' }, { text: 'Tomorrow' }] },
		options: { from: ben.number },
	});
	const wanted = ({
		message,
		chat,
	}: {
		message: { pollCreationMessageV3?: unknown };
		chat: string;
	}) => chat === group && message.pollCreationMessageV3 != null;
	await anna.vote(await anna.waitForMessage(wanted), ['Today']);
	await n8n.rest.waitForExecutions(workflowId, 1, 'waiting');
	await ben.vote(await ben.waitForMessage(wanted), ['Tomorrow']);
	expect(await outcome(execution)).toMatchObject({
		data: { choice: 'Tomorrow' },
		answeredBy: { lid: ben.lid },
	});
});

step('when the time is up it goes on and says so', async () => {
	const execution = await ask({
		chat: locator(anna.number),
		message: 'Still there?',
		options: {
			limitWaitTime: {
				values: { limitType: 'afterTimeInterval', resumeAmount: 0.05, resumeUnit: 'minutes' },
			},
		},
	});
	expect(await outcome(execution)).toMatchObject({ answered: false, data: { approved: false } });
});

step('an error says what is wrong and nobody is asked', async () => {
	const execution = await ask({ chat: locator(anna.number), message: '' });
	const { status } = await n8n.rest.waitForEnd(execution);
	expect(status).toBe('error');
});
