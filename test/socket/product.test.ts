/** The product's number against the stand-in: link, hear, answer, restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { silentLog } from '../../src/log';
import { Runtime } from '../../src/runtime';
import type { AccountSettings } from '../../src/settings';
import type { LinkedEvent } from '../../src/events';
import type { JsonObject } from '../../src/operations';
import { RedisServer } from '../helpers/redis';
import type { StorageSettings } from '../../src/storage/open';
import { until } from '../helpers/until';
import { WhatsAppServer } from '../whatsapp';

const before = { ...process.env };
let server: WhatsAppServer;
let folder: string;
const runtimes: Runtime[] = [];

beforeAll(async () => {
	server = await WhatsAppServer.start();
	Object.assign(process.env, server.env(), { N8N_ENCRYPTION_KEY: 'test key' });
	// NODE_EXTRA_CA_CERTS is read when Node starts; this says the same to a running one.
	tls.setDefaultCACertificates([...tls.getCACertificates('default'), server.caPem]);
});

afterAll(async () => {
	await server.stop();
	process.env = before;
});

let redis: RedisServer;

beforeAll(async () => {
	redis = await RedisServer.start();
});

afterAll(async () => {
	await redis.stop();
});

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'linked-'));
});

afterEach(async () => {
	for (const runtime of runtimes.splice(0)) await runtime.close();
	await rm(folder, { recursive: true, force: true });
});

function start(): Runtime {
	const runtime = new Runtime(undefined, silentLog);
	runtimes.push(runtime);
	return runtime;
}

let accounts = 0;
const settings = (more: Partial<AccountSettings> = {}): AccountSettings => ({
	account: `credential-${++accounts}`,
	credentialName: 'Test',
	storage: { kind: 'sqlite', folder },
	deviceName: 'n8n',
	options: { safetyProfile: 'off' },
	...more,
});

let commands = 0;
let people = 100;

/** A number nobody else in this file uses. */
const nextNumber = () => `+1 555 01${String(++people).slice(1)}`;

async function run(
	runtime: Runtime,
	account: AccountSettings,
	operation: string,
	params: JsonObject = {},
): Promise<JsonObject> {
	const result = await runtime.use(account, async (number) =>
		number.submit({
			operation,
			params,
			idempotencyKey: `test:${++commands}`,
			deadline: Date.now() + 30_000,
		}),
	);
	return result as JsonObject;
}

function listen(runtime: Runtime, account: AccountSettings, trigger: string) {
	const events: LinkedEvent[] = [];
	const listener = runtime.listen(async () => Promise.resolve(account), {
		trigger,
		wants: ({ event }) => event === 'message.received' || event === 'message.sent',
		async emit(ticket) {
			const envelope = await runtime.claim(account, ticket, `execution-${ticket.seq}`);
			if (envelope) events.push(envelope.event);
		},
		maxInFlight: 5,
		next: 'start',
		rerun: true,
	});
	return { events, listener };
}

const STORAGES: Array<[string, () => StorageSettings]> = [
	['embedded storage', () => ({ kind: 'sqlite', folder })],
	['Redis', () => ({ kind: 'redis', url: redis.url })],
];

test.each(STORAGES)(
	'with %s, a scanned number hears a message, answers it, and after a restart needs no new scan',
	async (_name, storage) => {
		const mine = nextNumber();
		const me = await server.phone(mine, { name: 'Me' });
		const anna = await server.phone(nextNumber(), { name: 'Anna' });
		const first = start();
		const account = settings({ storage: storage() });

		const offer = await run(first, account, 'session.getQr');
		expect(offer.linked).toBe(false);
		await me.scan(String(offer.qr));
		const linked = await first.use(account, async (number) =>
			number.session.waitFor(({ name }) => name === 'open', 20_000),
		);
		expect(linked).toMatchObject({ name: 'open', me: { phone: mine.replace(/\D/g, '') } });

		const heard = listen(first, account, 'w/1');
		await heard.listener.started();
		await anna.sendText(mine, 'are you there?');
		await until('the event', () => heard.events[0]);
		expect(heard.events[0]).toMatchObject({
			event: 'message.received',
			text: 'are you there?',
			isGroup: false,
			fromMe: false,
			from: { name: 'Anna' },
		});

		const sent = await run(first, account, 'message.sendText', {
			chat: String(heard.events[0]?.chat),
			text: 'yes',
		});
		expect(sent).toMatchObject({ status: 'accepted' });
		await anna.waitForMessage((message) => message.text === 'yes');
		await heard.listener.close();
		await first.close();

		await anna.sendText(mine, 'while you were away');
		const second = start();
		const again = listen(second, account, 'w/1');
		await again.listener.started();
		await until('the event after the restart', () => again.events[0]);
		expect(again.events.map(({ text }) => text)).toEqual(['while you were away']);
		await again.listener.close();
	},
);
