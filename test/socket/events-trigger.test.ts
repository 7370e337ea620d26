/** The trigger node in n8n-core's own engine, with a number of the stand-in. */
import * as tls from 'node:tls';
import {
	NodeConnectionTypes,
	NodeOperationError,
	type IBinaryData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeType,
} from 'n8n-workflow';
import { BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { WhatsAppLinked } from '../../nodes/WhatsAppLinked/WhatsAppLinked.node';
import { WhatsAppLinkedTrigger } from '../../nodes/WhatsAppLinkedTrigger/WhatsAppLinkedTrigger.node';
import { readCredential, runtime, type AccountSettings } from '../../src/runtime';
import { until } from '../helpers/until';
import { Engine, itemsOf, type ActiveTrigger, type EngineWorkflow } from '../n8n/harness/engine';
import { WhatsAppServer, type Phone } from '../whatsapp';

/** Fails for texts that say so. */
class Fragile implements INodeType {
	description = {
		displayName: 'Fragile',
		name: 'fragile',
		group: ['transform' as const],
		version: 1,
		description: 'Fails',
		defaults: { name: 'Fragile' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute(this: IExecuteFunctions) {
		const items = this.getInputData();
		if (items.some(({ json }) => String(json.text).startsWith('fail'))) {
			throw new NodeOperationError(this.getNode(), 'It always fails');
		}
		return await Promise.resolve([items]);
	}
}

let server: WhatsAppServer;
let engine: Engine;
let settings: AccountSettings;
let me: Phone;
let anna: Phone;
let ben: Phone;
const before = { ...process.env };
const authorities = tls.getCACertificates('default');
const active: ActiveTrigger[] = [];

beforeAll(async () => {
	server = await WhatsAppServer.start();
	engine = await Engine.create({
		nodeTypes: [new WhatsAppLinkedTrigger(), new WhatsAppLinked(), new Fragile()],
		credentialTypes: [new WhatsAppLinkedApi()],
		credentials: { number: { type: 'whatsAppLinkedApi', data: {} } },
		binaryData: 'filesystem',
	});
	Object.assign(process.env, server.env());
	tls.setDefaultCACertificates([...authorities, server.caPem]);
	settings = readCredential({ id: 'number', name: 'Number' }, { storage: 'automatic' });
	me = await server.phone('+1 555 010 0100', { name: 'Me' });
	anna = await server.phone('+1 555 010 0101', { name: 'Anna' });
	ben = await server.phone('+1 555 010 0102', { name: 'Ben' });
	await runtime().use(settings, async (number) => {
		const offer = await number.submit({
			operation: 'session.getQr',
			params: {},
			idempotencyKey: 'link',
			deadline: Date.now() + 30_000,
		});
		await me.scan(String((offer as { qr?: unknown }).qr));
		await until('the connection', () => number.session.state.name === 'open');
	});
});

afterEach(async () => {
	for (const trigger of active.splice(0)) await trigger.close();
});

afterAll(async () => {
	await runtime().close();
	await server.stop();
	await engine.close();
	tls.setDefaultCACertificates(authorities);
	process.env = before;
});

const triggerNode = (parameters: IDataObject): INode => ({
	id: 'trigger',
	name: 'Trigger',
	type: 'n8n-nodes-whatsapp-linked.whatsAppLinkedTrigger',
	typeVersion: 1,
	position: [0, 0],
	parameters: parameters as never,
	credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
});

let workflows = 0;

/** A workflow of its own, unless an id is given: each keeps its own place. */
const workflow = (
	parameters: IDataObject = {},
	id = `workflow-${++workflows}`,
): EngineWorkflow => ({
	id,
	nodes: [
		triggerNode(parameters),
		{
			id: 'fragile',
			name: 'Fragile',
			type: 'n8n-nodes-whatsapp-linked.fragile',
			typeVersion: 1,
			position: [200, 0],
			parameters: {},
		},
	],
	connections: { Trigger: { main: [[{ node: 'Fragile', type: 'main', index: 0 }]] } },
});

async function activate(json: EngineWorkflow): Promise<ActiveTrigger> {
	const trigger = await engine.activate(json, 'Trigger');
	active.push(trigger);
	return trigger;
}

const itemsOfRun = (trigger: ActiveTrigger, index: number) => {
	const run = trigger.runs[index];
	return run ? itemsOf(run, 'Trigger') : [];
};
const texts = (trigger: ActiveTrigger) =>
	trigger.runs.flatMap((run) => itemsOf(run, 'Trigger').map(({ json }) => json.text));

test('a message starts an execution with the event as its item', async () => {
	const trigger = await activate(workflow());
	await anna.sendText(me, 'hello');
	await trigger.waitForRuns(1);
	const [item] = itemsOfRun(trigger, 0);
	expect(item?.json).toMatchObject({
		event: 'message.received',
		text: 'hello',
		from: { name: 'Anna', phone: '+15550100101' },
	});
	expect(item?.json).not.toHaveProperty('raw');
	expect(item?.binary).toBeUndefined();
});

test('a workflow that always fails does not stop the stream', async () => {
	const trigger = await activate(workflow({ options: { maxInFlight: 1 } }));
	for (let n = 0; n < 3; n++) await anna.sendText(me, `fail ${n}`);
	await anna.sendText(me, 'fine');
	await trigger.waitForRuns(4);
	expect(trigger.runs.map(({ status }) => status)).toEqual(['error', 'error', 'error', 'success']);
	expect(texts(trigger)).toEqual(['fail 0', 'fail 1', 'fail 2', 'fine']);
});

test('filters are asked before an execution starts', async () => {
	const filters = {
		chats: { values: [{ chat: { __rl: true, mode: 'id', value: '+1 555 010 0101' } }] },
		commands: '/order',
	};
	const trigger = await activate(workflow({ filters }));
	await ben.sendText(me, '/order from Ben');
	await anna.sendText(me, 'an order?');
	await anna.sendText(me, '/order two');
	await trigger.waitForRuns(1);
	expect(texts(trigger)).toEqual(['/order two']);
});

test.each([
	[{ pattern: '(' }, /Text Matches/],
	[{ chats: { values: [{ chat: { __rl: true, mode: 'id', value: 'Anna' } }] } }, /Chats: Anna/],
	[{ quiet: { values: [{ from: 'evening', to: '07:00' }] } }, /Quiet Times/],
])(
	'filters that cannot be right are refused when the workflow is activated: %j',
	async (filters, said) => {
		await expect(engine.activate(workflow({ filters }), 'Trigger')).rejects.toThrow(said);
	},
);

test('messages of a chat that follow each other start one execution', async () => {
	const trigger = await activate(workflow({ options: { batchSeconds: 2 } }));
	await anna.sendText(me, 'one');
	await anna.sendText(me, 'two');
	await anna.sendText(me, 'three');
	await trigger.waitForRuns(1);
	expect(itemsOfRun(trigger, 0).map(({ json }) => json.text)).toEqual(['one', 'two', 'three']);
});

test('the file of a message comes as binary data, and the message as WhatsApp has it on request', async () => {
	const file = Buffer.from('%PDF-1.4 the bill');
	const trigger = await activate(workflow({ options: { download: true, raw: true } }));
	await anna.sendMedia(me, 'document', file, { fileName: 'bill.pdf', caption: 'look' });
	await trigger.waitForRuns(1);
	const [item] = itemsOfRun(trigger, 0);
	expect(item?.json).toMatchObject({ text: 'look', raw: { key: { fromMe: false } } });
	expect(item?.json).not.toHaveProperty('mediaError');
	const data = item?.binary?.data as IBinaryData;
	expect(data).toMatchObject({ fileName: 'bill.pdf' });
	expect(data.id).toMatch(/^filesystem/);
	expect(await Container.get(BinaryDataService).getAsBuffer(data)).toEqual(file);
});

test('a file that is too large, of another kind or gone does not lose its message', async () => {
	const options = { download: true, downloadKinds: ['file'], downloadMaxMegabytes: 0.001 };
	const trigger = await activate(workflow({ options }));
	await anna.sendMedia(me, 'document', Buffer.alloc(5_000, 1), { fileName: 'large.bin' });
	await trigger.waitForRuns(1);
	expect(itemsOfRun(trigger, 0)[0]?.json.mediaError).toMatchObject({ code: 'media-over-limit' });
	await anna.sendMedia(me, 'image', Buffer.alloc(10, 1));
	await trigger.waitForRuns(2);
	const [image] = itemsOfRun(trigger, 1);
	expect(image?.json).not.toHaveProperty('mediaError');
	expect(image?.binary).toBeUndefined();
	await trigger.close();

	await anna.sendMedia(me, 'document', Buffer.alloc(10, 1), { fileName: 'gone.bin' });
	await until('it to arrive', async () => {
		const found = await runtime().nextEvent(settings, () => true, AbortSignal.timeout(5_000));
		return found?.event.text === null && JSON.stringify(found.event).includes('gone.bin');
	});
	server.expireMedia(404);
	const late = await activate(workflow({ options }, `workflow-${workflows}`));
	await late.waitForRuns(1);
	expect(itemsOfRun(late, 0)[0]?.json.mediaError).toMatchObject({ code: 'media-unavailable' });
});

test('messages are marked as read, and the chat shows typing while the workflow runs', async () => {
	const trigger = await activate(workflow({ options: { markRead: true, typing: true } }));
	const sent = await anna.sendText(me, 'read this');
	await trigger.waitForRuns(1);
	await anna.waitForReceipt(sent.id, 'read', me);
	const states = () => anna.presence.seen.map(({ state }) => state);
	await anna.waitUntil('typing to end', () => (states().includes('paused') ? true : undefined));
	expect(states()).toContain('composing');
});

test('each workflow on a number keeps its own place, in whatever order they close and open', async () => {
	const [first, second] = [workflow(), workflow()];
	const one = await activate(first);
	const two = await activate(second);
	await anna.sendText(me, 'to both');
	await one.waitForRuns(1);
	await two.waitForRuns(1);

	await one.close();
	await anna.sendText(me, 'to the second');
	await two.waitForRuns(2);
	const again = await activate(first);
	await again.waitForRuns(1);
	expect(texts(again)).toEqual(['to the second']);

	await two.close();
	await anna.sendText(me, 'to the first');
	await again.waitForRuns(2);
	expect(texts(one)).toEqual(['to both']);
	expect(texts(two)).toEqual(['to both', 'to the second']);
	expect(texts(again)).toEqual(['to the second', 'to the first']);
});

test('Execute Step gives the latest event that fits at once, or the next, and takes none away', async () => {
	const production = await activate(workflow());
	await anna.sendText(me, 'an example');
	await production.waitForRuns(1);
	const manual = (filters: IDataObject) =>
		engine.run(workflow({ filters }), { start: 'Trigger', mode: 'manual' });
	const shown = itemsOf(await manual({ contains: 'example' }), 'Trigger');
	expect(shown.map(({ json }) => json.text)).toEqual(['an example']);

	const waiting = manual({ contains: 'not yet' });
	await anna.sendText(me, 'not yet there');
	expect(itemsOf(await waiting, 'Trigger').map(({ json }) => json.text)).toEqual(['not yet there']);
	await production.waitForRuns(2);
	expect(texts(production)).toEqual(['an example', 'not yet there']);
});

test('an event that starts a second execution, because the first one died, sends once', async () => {
	const { storage } = await runtime().use(settings, (number) => Promise.resolve(number));
	const trigger = 'workflow-again/trigger';
	await storage.cursors.set(trigger, await storage.inbox.end());
	await anna.sendText(me, 'answer me');
	const seq = await until('the event', async () => {
		const [newest] = await storage.inbox.latest(1);
		return newest?.seq !== (await storage.cursors.get(trigger)) && newest?.seq;
	});
	const json: EngineWorkflow = {
		id: 'workflow-again',
		nodes: [
			triggerNode({}),
			{
				id: 'answer',
				name: 'Answer',
				type: 'n8n-nodes-whatsapp-linked.whatsAppLinked',
				typeVersion: 1,
				position: [200, 0],
				parameters: {
					resource: 'message',
					operation: 'sendText',
					chat: { __rl: true, mode: 'id', value: '={{ $json.chat }}' },
					text: 'once',
				},
				credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
			},
		],
		connections: { Trigger: { main: [[{ node: 'Answer', type: 'main', index: 0 }]] } },
	};
	const sent: unknown[] = [];
	for (const attempt of [1, 2]) {
		await storage.cursors.emitted(trigger, seq, attempt);
		const ticket = { account: 'number', trigger, seq, attempt };
		const run = await engine.run(json, { items: [{ json: ticket }], mode: 'trigger' });
		sent.push(itemsOf(run, 'Answer')[0]?.json.messageId);
	}
	await anna.waitForMessage('once');
	expect(sent[0]).toEqual(expect.any(String));
	expect(sent[1]).toBe(sent[0]);
	expect(anna.messages.filter(({ text }) => text === 'once')).toHaveLength(1);
	expect(anna.inbox.duplicates).toEqual([]);
});
