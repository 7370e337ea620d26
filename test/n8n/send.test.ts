/**
 * Every Message operation in one workflow of a real n8n, started by a message: what the phones get.
 * Then a thousand items in one execution.
 */
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { INode } from 'n8n-workflow';
import { message } from '../../src/operations/message';
import { fitsAsVoiceNote, inspectOggOpus } from '../../src/wa/ogg';
import { jpeg, mp4, png, wav } from '../helpers/mediaFiles';
import { WhatsAppServer, type Phone } from '../whatsapp';
import { linkByTest, type LinkedCredential } from './harness/link';
import { N8n } from './harness/n8n';
import type { Execution, WorkflowJson } from './harness/rest';
import { story } from './harness/story';
import { node, withCredential } from './harness/workflows';

const OWN = '+1 555 010 0100';
const ANNA = '+1 555 010 0101';
const BEN = '+1 555 010 0102';
const TRIGGER = 'When a message arrives';
const ITEMS = 1_000;
/** What n8n may have; about half of it is taken before anything runs. */
const HEAP_MB = 400;
/** Tested where the execution sleeps and is woken: sendAndWait.test.ts. */
const ELSEWHERE = ['sendAndWait'];

type Parameters = INode['parameters'];

const chat = (value: string) => ({ __rl: true, mode: 'id', value });
const toAnna = { chat: chat(ANNA) };
/** The message that started the workflow. */
const theirs = `={{ $('${TRIGGER}').item.json.messageId }}`;
/** What a node before gave out. */
const idOf = (operation: string) => `={{ $('${operation}').item.json.messageId }}`;
const about = (messageId: string) => ({ ...toAnna, messageId });

/** The nodes in their order: an operation with its fields, or a file for those after it. */
const STEPS: ReadonlyArray<readonly [operation: string, parameters: Parameters] | string> = [
	['sendText', { ...toAnna, text: '=You wrote *{{ $json.text }}*', options: { replyTo: theirs } }],
	'picture.jpg',
	['sendImage', { ...toAnna, caption: 'a picture' }],
	'film.mp4',
	['sendVideo', { ...toAnna, caption: 'a film' }],
	'film.mp4',
	['sendGif', toAnna],
	'film.mp4',
	['sendVideoNote', toAnna],
	'sound.wav',
	['sendVoice', toAnna],
	'sound.wav',
	['sendAudio', toAnna],
	'table.csv',
	['sendFile', { ...toAnna, caption: 'numbers', options: { fileName: 'figures.csv' } }],
	'drawing.png',
	['sendSticker', toAnna],
	['sendAlbum', { ...toAnna, inputType: 'url' }],
	[
		'sendContacts',
		{ ...toAnna, contacts: { contact: [{ name: 'Ben Example', phones: BEN, emails: '' }] } },
	],
	['sendLocation', { ...toAnna, latitude: 52.5163, longitude: 13.3777 }],
	['sendLiveLocation', { ...toAnna, latitude: -33.9, longitude: 151.2 }],
	[
		'sendPoll',
		{ ...toAnna, question: 'When?', choices: { choice: [{ text: 'Now' }, { text: 'Later' }] } },
	],
	['sendEvent', { ...toAnna, name: 'Lunch', start: '2030-05-01T12:00:00.000Z' }],
	['sendStatus', { people: ANNA, content: 'text', text: 'out for lunch' }],
	['react', { ...about(theirs), emoji: '👍' }],
	['getReactions', { messageId: theirs }],
	['removeReaction', about(theirs)],
	['edit', { ...about(idOf('sendText')), text: 'edited' }],
	['forward', { ...about(idOf('sendImage')), recipients: BEN }],
	['downloadMedia', { messageId: idOf('sendImage') }],
	['pin', { ...about(idOf('sendText')), seconds: 86_400 }],
	['unpin', about(idOf('sendText'))],
	['star', about(theirs)],
	['unstar', about(theirs)],
	['markRead', { ...toAnna, messageIds: theirs }],
	['waitForReceipt', { messageId: idOf('sendText'), kind: 'delivered', seconds: 30 }],
	['get', { messageId: idOf('sendText') }],
	['getReplies', { messageId: theirs }],
	['getReceipts', { messageId: idOf('sendText') }],
	['getPollResults', { messageId: idOf('sendPoll') }],
	['search', { text: 'numbers' }],
	['deleteForEveryone', about(idOf('sendPoll'))],
	['deleteForMe', about(theirs)],
];
const operations = STEPS.flatMap((step) => (typeof step === 'string' ? [] : [step[0]]));

const trigger = (name: string): INode => ({
	...node(name, 'whatsAppLinkedTrigger', { events: ['message.received'], filters: {} }),
});

/** One node after the other. */
function chain(name: string, nodes: INode[]): WorkflowJson {
	const pairs = nodes.slice(1).map((to, index) => [nodes[index]!.name, to.name] as const);
	return {
		name,
		nodes: nodes.map((each, index) => ({ ...each, position: [index * 220, 0] })),
		connections: Object.fromEntries(
			pairs.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }]),
		),
	};
}

let server: WhatsAppServer;
let web: Server;
let n8n: N8n;
let credential: LinkedCredential;
let me: Phone;
let anna: Phone;
let ben: Phone;
let execution: Execution;
const files: Record<string, Buffer> = {};

const step = story('send', () => ({ 'n8n.log': n8n.log(), 'server.log': server.dump() }));

beforeAll(async () => {
	server = await WhatsAppServer.start();
	Object.assign(files, {
		'picture.jpg': await jpeg(600, 400),
		'film.mp4': mp4({ seconds: 7 }),
		'sound.wav': wav(2),
		'table.csv': Buffer.from('a;b\n1;2\n'),
		'drawing.png': await png(512, 512),
		'1.jpg': await jpeg(20, 20),
		'2.jpg': await jpeg(30, 20),
	});
	web = createServer((request, response) => {
		const file = files[request.url?.slice(1) ?? ''];
		response.writeHead(file ? 200 : 404).end(file);
	});
	await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
	n8n = await N8n.start({
		env: {
			...server.env(),
			N8N_LOG_LEVEL: 'info',
			// With its usual limit of gigabytes Node collects late, and nothing could be said of memory.
			NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
		},
	});
	me = await server.phone(OWN, { name: 'Me' });
	anna = await server.phone(ANNA, { name: 'Anna' });
	ben = await server.phone(BEN, { name: 'Ben' });
	credential = await linkByTest(n8n.rest, me, { safetyProfile: 'off' });
}, 240_000);

afterAll(async () => {
	await n8n?.stop();
	web?.close();
	await server?.stop();
}, 120_000);

/** Publishes a workflow and resolves with its one execution, which has to succeed. */
async function run(workflow: WorkflowJson, text: string, timeoutMs: number): Promise<Execution> {
	const { id } = await n8n.rest.createWorkflow(withCredential(workflow, credential));
	await n8n.rest.activate(id);
	await anna.sendText(OWN, text);
	const [started] = await n8n.rest.waitForAny(id, timeoutMs);
	const ended = await n8n.rest.execution(started!.id);
	expect(ended.data.resultData.error?.message).toBeUndefined();
	expect(ended.status).toBe('success');
	await n8n.rest.deactivate(id);
	return ended;
}

const outputOf = (name: string) =>
	execution.data.resultData.runData[name]?.at(-1)?.data?.main?.[0] ?? [];
const sentBy = (operation: string) => String(outputOf(operation)[0]?.json.messageId);
/** What this phone got of what the node sent. */
const got = async (operation: string, phone = anna) =>
	await phone.waitForMessage(({ id }) => id === sentBy(operation));
const fileOf = async (operation: string) => await anna.downloadMedia(await got(operation));

step('there is a node for every operation', () => {
	const all = message.operations.map(({ operation }) => operation);
	expect([...operations, ...ELSEWHERE].sort()).toEqual([...all].sort());
});

step(
	'a workflow with all of them runs to its end',
	async () => {
		const { port } = web.address() as AddressInfo;
		const base = `http://127.0.0.1:${port}`;
		const nodes = STEPS.map((each, index): INode => {
			if (typeof each !== 'string') {
				const [operation, parameters] = each;
				const more = operation === 'sendAlbum' ? { urls: `${base}/1.jpg\n${base}/2.jpg` } : {};
				return node(operation, 'whatsAppLinked', {
					resource: 'message',
					operation,
					...parameters,
					...more,
				});
			}
			const fetched = node(`${each} ${index}`, 'n8n-nodes-base.httpRequest', {
				url: `${base}/${each}`,
				options: { response: { response: { responseFormat: 'file' } } },
			});
			return { ...fetched, typeVersion: 4.2 };
		});
		execution = await run(chain('All', [trigger(TRIGGER), ...nodes]), 'hello', 120_000);
		expect(operations.filter((name) => outputOf(name).length === 0)).toEqual([]);
	},
	180_000,
);

step('files arrive byte by byte', async () => {
	for (const [operation, name] of [
		['sendImage', 'picture.jpg'],
		['sendVideo', 'film.mp4'],
		['sendGif', 'film.mp4'],
		['sendVideoNote', 'film.mp4'],
		['sendFile', 'table.csv'],
	] as const) {
		expect((await fileOf(operation)).equals(files[name]!)).toBe(true);
	}
	const voice = await inspectOggOpus(await fileOf('sendVoice'));
	expect(voice.ok && fitsAsVoiceNote(voice.value).ok).toBe(true);
	expect((await got('sendVoice')).message.audioMessage?.ptt).toBe(true);
	expect((await got('sendAudio')).message.audioMessage?.mimetype).toBe('audio/ogg; codecs=opus');
	expect((await got('sendSticker')).message.stickerMessage?.mimetype).toBe('image/webp');
	const { messageIds } = outputOf('sendAlbum')[0]!.json as { messageIds: string[] };
	for (const [index, id] of messageIds.entries()) {
		const part = await anna.waitForMessage((each) => each.id === id);
		expect(await anna.downloadMedia(part)).toEqual(files[`${index + 1}.jpg`]);
	}
	// And back: what was sent, downloaded into n8n's binary data.
	const [downloaded] = outputOf('downloadMedia');
	expect(Object.values(downloaded?.binary ?? {})[0]).toMatchObject({ mimeType: 'image/jpeg' });
});

step('all other messages arrive as they were meant', async () => {
	const text = await got('sendText');
	expect(text.text).toBe('You wrote *hello*');
	const quote = text.message.extendedTextMessage?.contextInfo;
	expect(quote?.quotedMessage?.conversation).toBe('hello');
	expect((await got('sendContacts')).message.contactMessage?.displayName).toBe('Ben Example');
	expect((await got('sendLocation')).message.locationMessage?.degreesLatitude).toBe(52.5163);
	expect((await got('sendLiveLocation')).message.liveLocationMessage?.degreesLongitude).toBe(151.2);
	expect((await got('sendPoll')).message.pollCreationMessageV3?.name).toBe('When?');
	expect((await got('sendEvent')).message.eventMessage?.name).toBe('Lunch');
	expect(await got('sendStatus')).toMatchObject({ chat: 'status@broadcast' });
	expect((await got('react')).message.reactionMessage?.text).toBe('👍');
	expect((await got('removeReaction')).message.reactionMessage?.text ?? '').toBe('');
	expect((await got('edit')).text).toBe('edited');
	const passedOn = await got('forward', ben);
	expect(await ben.downloadMedia(passedOn)).toEqual(files['picture.jpg']);
	expect((await got('pin')).message.pinInChatMessage?.type).toBe(1);
	expect((await got('unpin')).message.pinInChatMessage?.type).toBe(2);
	const revoked = (await got('deleteForEveryone')).message.protocolMessage?.key?.id;
	expect(revoked).toBe(sentBy('sendPoll'));
	await anna.waitForReceipt(String(outputOf(TRIGGER)[0]?.json.messageId), 'read');
	const changes = () => me.appState.changes.map(({ index }) => index[0]);
	await me.waitUntil('the changes for the own devices', () =>
		changes().filter((type) => type === 'star').length === 2 &&
		changes().includes('deleteMessageForMe')
			? true
			: undefined,
	);
	expect(outputOf('waitForReceipt')[0]?.json).toMatchObject({ reached: true });
});

step(
	'a thousand items stream through: each with its result, in order, in little memory',
	async () => {
		const code = `return Array.from({ length: ${ITEMS} }, (_, n) => ({ json: { n } }));`;
		const make = { ...node('Make', 'n8n-nodes-base.code', { jsCode: code }), typeVersion: 2 };
		const send = node('Send', 'whatsAppLinked', {
			resource: 'message',
			operation: 'sendText',
			// One of them cannot be sent.
			chat: chat(`={{ $json.n === 500 ? '+1 555 010 0199' : '${ANNA}' }}`),
			text: '=item {{ $json.n }}',
		});
		const nodes = [trigger(TRIGGER), make, { ...send, onError: 'continueRegularOutput' as const }];
		const before = memory();
		let most = before;
		const watch = setInterval(() => (most = Math.max(most, memory())), 100);
		execution = await run(chain('Many', nodes), 'begin', 240_000).finally(() =>
			clearInterval(watch),
		);
		const results = outputOf('Send');
		expect(results.map(({ pairedItem }) => pairedItem)).toEqual(
			Array.from({ length: ITEMS }, (_none, item) => ({ item })),
		);
		const failed = results.filter(({ json }) => json.status !== 'accepted');
		expect(failed.map(({ json }) => json.code)).toEqual(['not-on-whatsapp']);
		await anna.waitForMessage(`item ${ITEMS - 1}`, 60_000);
		const arrived = anna.messages.flatMap(({ text }) => /^item (\d+)$/.exec(text ?? '')?.[1] ?? []);
		expect(arrived.map(Number)).toEqual(
			Array.from({ length: ITEMS }, (_none, n) => n).filter((n) => n !== 500),
		);
		expect(n8n.log()).toMatch(/items done/);
		expect(n8n.log()).not.toMatch(/item 7\d\d/);
		expect(most - before).toBeLessThan(HEAP_MB / 2);
	},
	300_000,
);

step('the stand-in was asked nothing that it does not know', () => {
	expect(server.unknownQueries).toEqual([]);
	expect(server.failures).toEqual([]);
});

/** Megabytes that n8n's process holds. */
function memory(): number {
	const status = readFileSync(`/proc/${n8n.pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
