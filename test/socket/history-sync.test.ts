/** The first sync: all of it, in spite of kill -9 in the middle, and for whoever reads meanwhile. */
import type { StorageSettings } from '../../src/storage/open';
import { RedisServer } from '../helpers/redis';
import { temporaryFolder } from '../helpers/storage';
import { until } from '../helpers/until';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer } from '../whatsapp';
import { madeUpHistory } from '../whatsapp/phone/history';

const ACCOUNT = 'number';
const CHATS = 300;
const EACH = 10;
const TOTAL = CHATS * EACH;
/** Storing it is work of some seconds, of many on a busy machine. */
const STORING_MS = 60_000;

let server: WhatsAppServer;
let redis: RedisServer;
const folder = temporaryFolder('history-sync');
let numbers = 0;

beforeAll(async () => {
	[server, redis] = await Promise.all([WhatsAppServer.start(), RedisServer.start({ aof: true })]);
});
afterAll(async () => {
	await Promise.all([server.stop(), redis.close()]);
	folder.remove();
});

const start = async (storage: StorageSettings) =>
	await N8nProcess.start({ storage, env: server.env() });

/** Every message says "message ... of 10". */
async function found(process: N8nProcess): Promise<string[]> {
	const params = { text: 'message of', limit: 2 * TOTAL, simplify: true, filters: {} };
	const items = (await process.run(ACCOUNT, 'message.search', params)) as unknown;
	return (items as Array<{ messageId: string | null }>).flatMap(({ messageId }) => messageId ?? []);
}

/** How many messages are stored; asking costs little, so that it holds up nothing. */
const kept = async (process: N8nProcess) =>
	(await process.ask('kept', { account: ACCOUNT })).messages;

async function killedInTheMiddle(storage: StorageSettings): Promise<void> {
	const me = await server.phone(`+1 555 010 03${++numbers}`, { name: 'Me' });
	me.history = madeUpHistory({ chats: CHATS, messagesEach: EACH, until: 1_780_000_000 });
	const first = await start(storage);
	const offer = await first.run(ACCOUNT, 'session.getQr');
	await me.scan(String(offer.qr));
	const { historySync, summary } = await until('word of how far it is', async () => {
		const status = await first.run(ACCOUNT, 'session.getStatus');
		return Boolean(status.historySync) && status;
	});
	expect(historySync).toMatchObject({ partsToStore: expect.any(Number) });
	expect(summary).toMatch(/The phone sends .*\d+ parts? (is|are) still to be stored/);
	await until('a part of the history', async () => (await kept(first)) > CHATS, STORING_MS);
	await first.end('SIGKILL');

	const second = await start(storage);
	try {
		await second.ask('open', { account: ACCOUNT });
		await until('all of the history', async () => (await kept(second)) >= TOTAL, STORING_MS);
		const all = await found(second);
		expect(new Set(all).size).toBe(TOTAL);
		expect(all).toHaveLength(TOTAL);
		await until('the end of it', async () => {
			const { historySync: left } = await second.run(ACCOUNT, 'session.getStatus');
			return left === null;
		});
		const chats = await second.run(ACCOUNT, 'chat.getMany', {
			search: '',
			kind: 'person',
			limit: 2 * CHATS,
			withMessages: true,
		});
		expect(chats).toHaveLength(CHATS);
		const [one] = chats as unknown as Array<{ id: string; name: string; lastMessage: string }>;
		expect(one).toMatchObject({
			name: expect.stringMatching(/^Contact/),
			lastMessage: expect.any(String),
		});
	} finally {
		await second.end();
	}
}

test('on embedded storage', async () => {
	await killedInTheMiddle({ kind: 'sqlite', folder: folder.path });
}, 180_000);

test('on Redis, where another process reads meanwhile', async () => {
	const storage: StorageSettings = { kind: 'redis', url: redis.url };
	const reader = await start(storage);
	let reading = true;
	const read = (async () => {
		while (reading) {
			const ids = await found(reader).catch(() => []);
			expect(new Set(ids).size).toBe(ids.length);
		}
	})();
	try {
		await killedInTheMiddle(storage);
		reading = false;
		await read;
		expect(await found(reader)).toHaveLength(TOTAL);
	} finally {
		reading = false;
		await read.catch(() => {});
		await reader.end();
	}
}, 180_000);
