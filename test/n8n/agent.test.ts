/** Our node as tool of n8n's AI agent: with a person's approval in the chat, and with errors it can use. */
import type { INode } from 'n8n-workflow';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { CREDENTIAL_TYPE, linkByTest } from './harness/link';
import { LanguageModel, type Asked, type Says } from './harness/model';
import { N8n } from './harness/n8n';
import type { WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { waitFor } from './harness/wait';
import { node } from './harness/workflows';

const OWN = '+1 555 010 0140';

let server: WhatsAppServer;
let n8n: N8n;
let model: LanguageModel;
let own: Phone;
let anna: Phone;
let ben: Phone;
let credentials: { whatsApp: INode['credentials']; openAi: INode['credentials'] };
let says: (asked: Asked) => Says;

const step = story('agent', () => ({
	'n8n.log': n8n.log(),
	'server.log': server.dump(),
	'model.json': JSON.stringify(model.asked, null, 1),
}));

const locator = (value: string) => ({ __rl: true, mode: 'id', value });
const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** A tool whose recipient and text the model fills in. */
const sendTool = (): INode => ({
	...node('Send a message', 'whatsAppLinkedTool', {
		resource: 'message',
		operation: 'sendText',
		toolDescription: 'Sends a WhatsApp message',
		chat: locator("={{ $fromAI('recipient', 'phone number') }}"),
		text: "={{ $fromAI('text', 'what to send') }}",
	} as never),
	credentials: credentials.whatsApp,
});

/** Manual start -> agent; the tools are connected one to the next, the last one to the agent. */
async function run(prompt: string, tools: INode[]): Promise<string> {
	const agent = {
		...node('Agent', `${LANGCHAIN}.agent`, { promptType: 'define', text: prompt, options: {} }),
		typeVersion: 3,
	};
	const chatModel: INode = {
		...node('Model', `${LANGCHAIN}.lmChatOpenAi`, {
			model: { __rl: true, mode: 'id', value: 'gpt-4o-mini' },
			options: {},
		} as never),
		typeVersion: 1.2,
		credentials: credentials.openAi,
	};
	const connections: WorkflowJson['connections'] = {
		Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
		Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
	};
	for (const [index, tool] of tools.entries()) {
		const next = tools[index + 1]?.name ?? 'Agent';
		connections[tool.name] = { ai_tool: [[{ node: next, type: 'ai_tool', index: 0 }]] };
	}
	const { id } = await n8n.rest.createWorkflow({
		name: 'Agent',
		nodes: [node('Start', 'n8n-nodes-base.manualTrigger'), agent, chatModel, ...tools],
		connections,
	});
	return await n8n.rest.run(id, 'Start');
}

async function answerOf(executionId: string): Promise<unknown> {
	const { status, data } = await n8n.rest.waitForEnd(executionId);
	expect(status).toBe('success');
	const runs = data.resultData.runData.Agent ?? [];
	return runs.at(-1)?.data?.main?.[0]?.[0]?.json.output;
}

beforeAll(async () => {
	server = await WhatsAppServer.start();
	model = await LanguageModel.start((asked) => says(asked));
	n8n = await N8n.start({ env: server.env() });
	own = await server.phone(OWN, { name: 'Olivia' });
	anna = await server.phone('+1 555 010 0141', { name: 'Annie' });
	ben = await server.phone('+1 555 010 0142', { name: 'Ben' });
	const { id, name } = await linkByTest(n8n.rest, own);
	const openAi = await n8n.rest.createCredential({
		name: 'Model',
		type: 'openAiApi',
		data: model.credential,
	});
	credentials = {
		whatsApp: { [CREDENTIAL_TYPE]: { id, name } },
		openAi: { openAiApi: { id: openAi.id, name: 'Model' } },
	};
}, 180_000);

afterAll(async () => {
	await n8n?.stop();
	await model?.stop();
	await server?.stop();
}, 120_000);

/** Calls the first tool once, then says what came of it. */
const callOnce =
	(args: Record<string, unknown>) =>
	(asked: Asked): Says => {
		const result = asked.turns.find(({ role }) => role === 'tool');
		return result ? { text: `Result: ${result.text}` } : { call: asked.tools[0]!.name, with: args };
	};

step('an agent sends with the node as its tool', async () => {
	says = callOnce({ recipient: '+1 555 010 0141', text: 'Dinner at eight?' });
	const output = await answerOf(await run('Ask Anna for dinner', [sendTool()]));
	await anna.waitForMessage(({ text }) => text === 'Dinner at eight?');
	expect(output).toContain('accepted');
	const [tool] = model.asked[0]!.tools;
	expect(Object.keys((tool!.parameters as { properties: object }).properties)).toEqual([
		'recipient',
		'text',
	]);
});

step('without a description of the user, the model is told what the operation does', async () => {
	says = () => ({ text: 'Nothing to do.' });
	const { toolDescription: _, ...parameters } = sendTool().parameters;
	await answerOf(await run('Do nothing', [{ ...sendTool(), parameters }]));
	const { description } = model.asked.at(-1)!.tools[0]!;
	expect(description).toMatch(/^WhatsApp, as the user's own number: Send a text message/);
	expect(description).toContain('name of a saved contact or group');
});

step(
	'a name is enough where it means one saved contact, else the agent is told to ask',
	async () => {
		const write = async (name: string) => {
			says = callOnce({ recipient: name, text: `Hi ${name}` });
			return await answerOf(await run(`Greet ${name}`, [sendTool()]));
		};
		await own.saveContact(anna, 'Anna Smith');
		await ben.sendText(OWN, 'Hello, I call myself Ben');
		await waitFor('the contact', async () => /accepted/.test(String(await write('Anna Smith'))));
		await anna.waitForMessage(({ text }) => text === 'Hi Anna Smith');
		// Anybody can call themselves Ben.
		expect(await write('Ben')).toMatch(/Ben \(.*not in the address book\).*Ask which one/s);
		expect(await write('Zoe')).toMatch(/Nobody of this name.*Ask for the phone number/s);
		await own.saveContact(ben, 'Anna Miller');
		await waitFor('both', async () =>
			/Anna Smith.*Anna Miller|Anna Miller.*Anna Smith/s.test(String(await write('Anna'))),
		);
		expect(ben.messages.filter(({ text }) => text?.startsWith('Hi '))).toEqual([]);
	},
);

step("a person approves an agent's tool in the chat before it runs", async () => {
	const review: INode = {
		...node('Review', 'whatsAppLinkedHitlTool', {
			resource: 'message',
			operation: 'sendAndWait',
			responseType: 'approval',
			chat: locator(own.lid),
			message: '=The agent wants to use {{ $tool.name }}',
		} as never),
		credentials: credentials.whatsApp,
	};
	const before = anna.messages.length;
	// A reviewed tool has its own parameters one level down.
	const toolParameters = { recipient: '+1 555 010 0141', text: 'Approved text' };
	says = callOnce({ toolParameters, hitlParameters: {} });
	const execution = await run('Write to Anna', [sendTool(), review]);
	const poll = await own.waitForMessage(({ message }) =>
		Boolean(message.pollCreationMessageV3?.name?.startsWith('The agent wants')),
	);
	expect(anna.messages).toHaveLength(before);
	await own.vote(poll, ['Approve']);
	await anna.waitForMessage(({ text }) => text === 'Approved text');
	await n8n.rest.waitForEnd(execution);
});
