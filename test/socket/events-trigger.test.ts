/** The trigger node in n8n-core's own engine, with a number of the stand-in. */
import { awaiting } from '../../nodes/WhatsAppLinkedTrigger/ends';
import type { IBinaryData, INode } from 'n8n-workflow';
import { BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';
import { runtime } from '../../src/runtime';
import { Hearer, itemsOfRun, textsOf } from '../helpers/hearer';
import { until } from '../helpers/until';
import { itemsOf, type EngineWorkflow } from '../n8n/harness/engine';
import type { Phone, WhatsAppServer } from '../whatsapp';

let hearer: Hearer;
let server: WhatsAppServer;
let me: Phone;
let anna: Phone;
let ben: Phone;

beforeAll(async () => {
	hearer = await Hearer.start();
	({ server, me, anna, ben } = hearer);
});

afterEach(async () => await hearer.closeTriggers());

afterAll(async () => await hearer.stop());

test('a message starts an execution with the event as its item', async () => {
	const trigger = await hearer.activate(hearer.workflow());
	await anna.sendText(me, 'hello');
	await trigger.waitForRuns(1);
	const [item] = itemsOfRun(trigger.runs[0]);
	expect(item?.json).toMatchObject({
		event: 'message.received',
		text: 'hello',
		from: { name: 'Anna', phone: '+15550100101' },
	});
	expect(item?.json).not.toHaveProperty('raw');
	expect(item?.binary).toBeUndefined();
});

test('the status tells what each trigger has started and what waits', async () => {
	const workflow = hearer.workflow();
	const trigger = await hearer.activate(workflow);
	await anna.sendText(me, 'one');
	await anna.sendText(me, 'two');
	await trigger.waitForRuns(2);
	await runtime().use(hearer.settings(), async (number) => {
		const expected = { trigger: `${workflow.id}/trigger`, started: 2, waiting: 0 };
		await until('all settled', async () => {
			const { triggers } = await number.status();
			return JSON.stringify(triggers).includes('"waiting":0') && triggers;
		});
		expect(await number.status()).toMatchObject({ triggers: [expected] });
	});
});

test('a workflow that always fails does not stop the stream', async () => {
	const trigger = await hearer.activate(hearer.workflow({ options: { maxInFlight: 1 } }));
	for (let n = 0; n < 3; n++) await anna.sendText(me, `fail ${n}`);
	await anna.sendText(me, 'fine');
	await trigger.waitForRuns(4);
	expect(trigger.runs.map(({ status }) => status)).toEqual(['error', 'error', 'error', 'success']);
	expect(textsOf(trigger)).toEqual(['fail 0', 'fail 1', 'fail 2', 'fine']);
});

test('filters are asked before an execution starts', async () => {
	const filters = {
		chats: { values: [{ chat: { __rl: true, mode: 'id', value: '+1 555 010 0101' } }] },
		commands: '/order',
	};
	const trigger = await hearer.activate(hearer.workflow({ filters }));
	await ben.sendText(me, '/order from Ben');
	await anna.sendText(me, 'an order?');
	await anna.sendText(me, '/order two');
	await trigger.waitForRuns(1);
	expect(textsOf(trigger)).toEqual(['/order two']);
});

test.each([
	[{ pattern: '(' }, /Text Matches/],
	[{ chats: { values: [{ chat: { __rl: true, mode: 'id', value: 'Anna' } }] } }, /Chats: Anna/],
	[{ quiet: { values: [{ from: 'evening', to: '07:00' }] } }, /Quiet Times/],
])(
	'filters that cannot be right are refused when the workflow is activated: %j',
	async (filters, said) => {
		await expect(hearer.activate(hearer.workflow({ filters }))).rejects.toThrow(said);
	},
);

test('messages of a chat that follow each other start one execution', async () => {
	const trigger = await hearer.activate(hearer.workflow({ options: { batchSeconds: 2 } }));
	await anna.sendText(me, 'one');
	await anna.sendText(me, 'two');
	await anna.sendText(me, 'three');
	await trigger.waitForRuns(1);
	expect(itemsOfRun(trigger.runs[0]).map(({ json }) => json.text)).toEqual(['one', 'two', 'three']);
});

test('the file of a message comes as binary data, and the message as WhatsApp has it on request', async () => {
	const file = Buffer.from('%PDF-1.4 the bill');
	const trigger = await hearer.activate(
		hearer.workflow({ options: { download: true, raw: true } }),
	);
	await anna.sendMedia(me, 'document', file, { fileName: 'bill.pdf', caption: 'look' });
	await trigger.waitForRuns(1);
	const [item] = itemsOfRun(trigger.runs[0]);
	expect(item?.json).toMatchObject({ text: 'look', raw: { key: { fromMe: false } } });
	expect(item?.json).not.toHaveProperty('mediaError');
	const data = item?.binary?.data as IBinaryData;
	expect(data).toMatchObject({ fileName: 'bill.pdf' });
	expect(data.id).toMatch(/^filesystem/);
	expect(await Container.get(BinaryDataService).getAsBuffer(data)).toEqual(file);
});

test('a file that is too large, of another kind or gone does not lose its message', async () => {
	const options = { download: true, downloadKinds: ['file'], downloadMaxMegabytes: 0.001 };
	const workflow = hearer.workflow({ options });
	const trigger = await hearer.activate(workflow);
	await anna.sendMedia(me, 'document', Buffer.alloc(5_000, 1), { fileName: 'large.bin' });
	await trigger.waitForRuns(1);
	expect(itemsOfRun(trigger.runs[0])[0]?.json.mediaError).toMatchObject({
		code: 'media-over-limit',
	});
	await anna.sendMedia(me, 'image', Buffer.alloc(10, 1));
	await trigger.waitForRuns(2);
	const [image] = itemsOfRun(trigger.runs[1]);
	expect(image?.json).not.toHaveProperty('mediaError');
	expect(image?.binary).toBeUndefined();
	await trigger.close();

	await anna.sendMedia(me, 'document', Buffer.alloc(10, 1), { fileName: 'gone.bin' });
	await until('it to arrive', async () => {
		const found = await runtime().nextEvent(
			hearer.settings(),
			() => true,
			AbortSignal.timeout(5_000),
		);
		return found?.event.text === null && JSON.stringify(found.event).includes('gone.bin');
	});
	server.expireMedia(404);
	const late = await hearer.activate(workflow);
	await late.waitForRuns(1);
	expect(itemsOfRun(late.runs[0])[0]?.json.mediaError).toMatchObject({ code: 'media-unavailable' });
});

test('messages are marked as read, and the chat shows typing while the workflow runs', async () => {
	const trigger = await hearer.activate(
		hearer.workflow({ options: { markRead: true, typing: true } }),
	);
	const sent = await anna.sendText(me, 'read this');
	await trigger.waitForRuns(1);
	await anna.waitForReceipt(sent.id, 'read', me);
	const states = () => anna.presence.seen.map(({ state }) => state);
	await anna.waitUntil('typing to end', () => (states().includes('paused') ? true : undefined));
	expect(states()).toContain('composing');
});

test('each workflow on a number keeps its own place, in whatever order they close and open', async () => {
	const [first, second] = [hearer.workflow(), hearer.workflow()];
	const one = await hearer.activate(first);
	const two = await hearer.activate(second);
	await anna.sendText(me, 'to both');
	await one.waitForRuns(1);
	await two.waitForRuns(1);

	await one.close();
	await anna.sendText(me, 'to the second');
	await two.waitForRuns(2);
	const again = await hearer.activate(first);
	await again.waitForRuns(1);
	expect(textsOf(again)).toEqual(['to the second']);

	await two.close();
	await anna.sendText(me, 'to the first');
	await again.waitForRuns(2);
	expect(textsOf(one)).toEqual(['to both']);
	expect(textsOf(two)).toEqual(['to both', 'to the second']);
	expect(textsOf(again)).toEqual(['to the second', 'to the first']);
});

test('Execute Step gives the latest event that fits at once, or the next, and takes none away', async () => {
	const production = await hearer.activate(hearer.workflow());
	await anna.sendText(me, 'an example');
	await production.waitForRuns(1);
	const shown = await hearer.execute({ filters: { contains: 'example' } });
	expect(shown.map(({ json }) => json.text)).toEqual(['an example']);

	const waiting = hearer.execute({ filters: { contains: 'not yet' } });
	await anna.sendText(me, 'not yet there');
	expect((await waiting).map(({ json }) => json.text)).toEqual(['not yet there']);
	await production.waitForRuns(2);
	expect(textsOf(production)).toEqual(['an example', 'not yet there']);
});

test('an event that starts a second execution, because the first one died, sends once', async () => {
	const { storage } = await runtime().use(hearer.settings(), (number) => Promise.resolve(number));
	const trigger = 'workflow-again/trigger';
	await storage.cursors.set(trigger, await storage.inbox.end());
	await anna.sendText(me, 'answer me');
	const seq = await until('the event', async () => {
		const [newest] = await storage.inbox.latest(1);
		return newest?.seq !== (await storage.cursors.get(trigger)) && newest?.seq;
	});
	const { nodes } = hearer.workflow({}, { id: 'workflow-again' });
	const answer: INode = {
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
	};
	const json: EngineWorkflow = {
		id: 'workflow-again',
		nodes: [nodes[0]!, answer],
		connections: { Trigger: { main: [[{ node: 'Answer', type: 'main', index: 0 }]] } },
	};
	const sent: unknown[] = [];
	for (const attempt of [1, 2]) {
		const by = { process: 'main', execution: 'trigger' };
		await storage.cursors.emitted(trigger, seq, attempt, by, attempt - 1);
		const ticket = { account: 'number', trigger, seq, attempt };
		// As if a trigger waited for its end: what died has not told of it.
		const run = await awaiting(
			[ticket],
			async () => await hearer.engine.run(json, { items: [{ json: ticket }], mode: 'trigger' }),
		);
		sent.push(itemsOf(run, 'Answer')[0]?.json.messageId);
	}
	await anna.waitForMessage('once');
	expect(sent[0]).toEqual(expect.any(String));
	expect(sent[1]).toBe(sent[0]);
	expect(anna.messages.filter(({ text }) => text === 'once')).toHaveLength(1);
	expect(anna.inbox.duplicates).toEqual([]);
});
